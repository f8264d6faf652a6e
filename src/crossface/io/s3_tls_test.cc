#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "crossface/io/s3_store.h"
#include "crossface/testing/loopback.h"
#include "crossface/testing/s3_server.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file_descriptor.h"

namespace crossface::io {
namespace {

using ::testing::HasSubstr;
using testing::S3Server;

class S3TlsTest : public ::testing::Test {
 protected:
  S3TlsTest() : variables_(server_.Environment()) {
    std::ofstream(server_.root() / "objects/footage/a.mp4") << "film";
    Reconnect();
  }
  ~S3TlsTest() override { RegisterStore("s3", std::make_shared<S3Store>()); }
  static void Reconnect() { RegisterStore("s3", std::make_shared<S3Store>()); }

  S3Server server_{S3Server::Kind::kTls};
  testing::Variables variables_;
};

TEST_F(S3TlsTest, AServerWithACertificateThatTheUserNamesIsReadFrom) {
  const auto source = Open("s3://footage/a.mp4");
  ASSERT_TRUE(source.ok()) << source.status().message();
  std::string bytes(4, '#');
  EXPECT_EQ(*ReadFully(**source, 0, std::as_writable_bytes(std::span(bytes))), 4u);
  EXPECT_EQ(bytes, "film");
}

TEST_F(S3TlsTest, AServerThatNobodyVouchesForGetsNoRequest) {
  const testing::Variables without(std::map<std::string, std::string>{{"AWS_CA_BUNDLE", ""}});
  Reconnect();
  const auto source = Open("s3://footage/a.mp4");
  ASSERT_FALSE(source.ok());
  EXPECT_THAT(source.status().message(), HasSubstr("cannot be trusted"));
  EXPECT_EQ(source.status().remedy(), Remedy::kTrustServer);
}

TEST_F(S3TlsTest, ACertificateOfAnotherNameIsNotTaken) {
  const std::string port = std::to_string(server_.port());
  const testing::Variables named(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "https://localhost:" + port}});
  Reconnect();
  const auto source = Open("s3://footage/a.mp4");
  ASSERT_FALSE(source.ok());
  EXPECT_THAT(source.status().message(), HasSubstr("cannot be trusted"));
}

TEST_F(S3TlsTest, TlsSpokenToAServerThatDoesNotIsSaid) {
  const S3Server plain;
  const testing::Variables named(std::map<std::string, std::string>{
      {"AWS_ENDPOINT_URL", "https://127.0.0.1:" + std::to_string(plain.port())}});
  Reconnect();
  const auto source = Open("s3://footage/a.mp4");
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.status().remedy(), Remedy::kTrustServer);
}

TEST_F(S3TlsTest, AStopIsObeyedWhileAServerIsSilent) {
  const int port = testing::FreePort();
  const sockaddr_in address = testing::Loopback(port);
  const FileDescriptor listens(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listens.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listens.get(), 8), 0);
  const testing::Variables named(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "https://127.0.0.1:" + std::to_string(port)}});
  Reconnect();
  std::stop_source stop;
  const std::jthread stopping([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop.request_stop();
  });
  const auto source = Open("s3://footage/a.mp4", Links::kFollow, stop.get_token());
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.status().code(), StatusCode::kInterrupted);
}

TEST_F(S3TlsTest, SpokenToWithoutTlsItIsSaid) {
  const std::string address = server_.Environment().at("AWS_ENDPOINT_URL");
  const testing::Variables plain(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "http" + address.substr(5)}});
  Reconnect();
  const auto source = Open("s3://footage/a.mp4");
  ASSERT_FALSE(source.ok());
  EXPECT_THAT(source.status().message(), HasSubstr("https://"));
}

}  // namespace
}  // namespace crossface::io
