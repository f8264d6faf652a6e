// What servers and networks refuse, and what is told of it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "crossface/io/s3_cache.h"
#include "crossface/io/s3_fixture_for_test.h"
#include "crossface/testing/fault_proxy.h"
#include "crossface/testing/loopback.h"
#include "crossface/testing/s3_server.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface::io {
namespace {

using namespace std::chrono_literals;
using testing::FaultProxy;
using ::testing::HasSubstr;
using testing::ProxiedRequest;
using testing::ProxyFault;
using testing::S3Server;

TEST_F(S3StoreTest, WhatIsRefusedSaysWhatToDo) {
  ASSERT_TRUE(Put("s3://footage/a", "content").ok());
  const auto refused = [&](int status, const std::string& code, const std::string& more = "") {
    proxy_.set_faults([=](const ProxiedRequest& request) {
      // As servers do, without a body to HEAD.
      ProxyFault fault = ProxyFault::Refuse(status, code, more);
      if (request.method == "HEAD") fault.answer.resize(fault.answer.find("<?xml"));
      return fault;
    });
    Reconnect();
    Status opened = Told(Open("s3://footage/a").status());
    const Status listed = Told(List("s3://footage").status());
    EXPECT_EQ(opened.code(), listed.code()) << code << " " << opened.message() << " " << listed.message();
    EXPECT_THAT(opened.message(), HasSubstr("s3://footage/a: "));
    return opened;
  };
  const std::string secrets = std::string("<AWSAccessKeyId>") + S3Server::kAccessKey +
                              "</AWSAccessKeyId><StringToSign>SECRET-TOKEN</StringToSign>";
  const auto expect = [](const Status& status, StatusCode code, Remedy remedy, const std::string& words) {
    EXPECT_EQ(status.code(), code) << status.message();
    EXPECT_EQ(status.remedy(), remedy) << status.message();
    EXPECT_THAT(status.message(), HasSubstr(words));
  };
  constexpr auto kDenied = StatusCode::kPermissionDenied;
  expect(refused(400, "ExpiredToken", secrets), kDenied, Remedy::kRenewKeys, "expired");
  expect(refused(400, "InvalidToken", secrets), kDenied, Remedy::kRenewKeys, "session token");
  expect(refused(403, "RequestTimeTooSkewed", secrets), kDenied, Remedy::kSetClock, "clock");
  expect(refused(403, "AccessDenied", secrets), kDenied, Remedy::kAskPermission, "permission");
  expect(refused(301, "PermanentRedirect", "<Endpoint>x</Endpoint>"), StatusCode::kInvalidArgument,
         Remedy::kSetRegion, "not in the region us-east-1");
  expect(refused(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
         StatusCode::kInvalidArgument, Remedy::kSetRegion, "but in eu-west-3");
  expect(refused(403, "InvalidObjectState"), StatusCode::kUnsupported, Remedy::kNone, "archive");
  expect(refused(418, "Strange\nname<b>", secrets), StatusCode::kIo, Remedy::kCheckServer, "418");
}

TEST_F(S3StoreTest, WhatARealServerRefusesSaysWhatToDo) {
  Status status = Told(Open("s3://footage/none").status());
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(status.remedy(), Remedy::kCheckPlace);
  for (const Status& without_bucket :
       {List("s3://no-such-bucket").status(), Open("s3://no-such-bucket/a").status()}) {
    EXPECT_EQ(Told(without_bucket).code(), StatusCode::kNotFound);
    EXPECT_EQ(without_bucket.remedy(), Remedy::kCheckPlace);
    EXPECT_THAT(without_bucket.message(), HasSubstr("no such bucket"));
  }
  const auto with = [&](const std::map<std::string, std::string>& values) {
    const testing::Variables variables(values);
    Reconnect();
    Status listed = Told(List("s3://footage").status());
    const Status opened = Told(Open("s3://footage/none").status());
    EXPECT_EQ(listed.code(), opened.code()) << listed.message() << opened.message();
    EXPECT_EQ(listed.remedy(), opened.remedy()) << listed.message() << opened.message();
    return listed;
  };
  status = with({{"AWS_SECRET_ACCESS_KEY", "SECRET-TOKEN-wrong"}});
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.remedy(), Remedy::kRenewKeys);
  EXPECT_THAT(status.message(), HasSubstr("secret key"));
  status = with({{"AWS_ACCESS_KEY_ID", "SECRET-TOKEN-unknown"}});
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.remedy(), Remedy::kRenewKeys);
  EXPECT_THAT(status.message(), HasSubstr("access key"));
  status = with({{"AWS_REGION", "eu-north-1"}});
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.remedy(), Remedy::kSetRegion);
  status = with({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}});
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.remedy(), Remedy::kGiveKeys);
}

// Before the client library would try again and again.
TEST_F(S3StoreTest, AServerThatIsNotThereIsToldOf) {
  {
    // Keys and server are mostly named together.
    const testing::Variables neither(
        std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "http://127.0.0.1:1"},
                                           {"AWS_ACCESS_KEY_ID", ""},
                                           {"AWS_SECRET_ACCESS_KEY", ""}});
    Reconnect();
    EXPECT_EQ(Told(List("s3://footage").status()).remedy(), Remedy::kGiveKeys);
  }
  const testing::Variables dead(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "http://127.0.0.1:1"}});
  Reconnect();
  Status status = Told(List("s3://footage").status());
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_EQ(status.remedy(), Remedy::kCheckServer);
  EXPECT_THAT(status.message(), HasSubstr("s3://footage: http://127.0.0.1:1 cannot be reached"));
  const testing::Variables unknown(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "https://no-such-host.invalid"}});
  Reconnect();
  status = Told(List("s3://footage").status());
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_EQ(status.remedy(), Remedy::kCheckServer);
  EXPECT_THAT(status.message(), HasSubstr("https://no-such-host.invalid cannot be reached"));
}

// A server that is started a moment after whoever asks, and one that goes away for a moment in the middle.
TEST_F(S3StoreTest, AServerThatComesLateIsWaitedFor) {
  std::optional<FaultProxy> late;
  const int port = testing::FreePort();
  const testing::Variables variables(
      std::map<std::string, std::string>{{"AWS_ENDPOINT_URL", "http://127.0.0.1:" + std::to_string(port)}});
  Reconnect();
  std::jthread starting([&] {
    std::this_thread::sleep_for(500ms);
    late.emplace(server_.port(), port);
  });
  const auto listed = List("s3://footage");
  EXPECT_TRUE(listed.ok()) << listed.status().message();
  starting.join();
  late.reset();
  starting = std::jthread([&] {
    std::this_thread::sleep_for(500ms);
    late.emplace(server_.port(), port);
  });
  const auto again = List("s3://footage");
  EXPECT_TRUE(again.ok()) << again.status().message();
}

TEST_F(S3StoreTest, KeysOfAProfileAreUsedAndTheirTokenIsSent) {
  const testing::ScratchFolder scratch;
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "keys",
                                  fmt::format("[press]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                                              S3Server::kAccessKey, S3Server::kSecretKey))
                  .ok());
  std::map<std::string, std::string> profile = {
      {"AWS_ACCESS_KEY_ID", ""},
      {"AWS_SECRET_ACCESS_KEY", ""},
      {"AWS_SHARED_CREDENTIALS_FILE", (scratch.path() / "keys").string()},
      {"AWS_PROFILE", "press"}};
  const testing::Variables variables(profile);
  Reconnect();
  EXPECT_TRUE(List("s3://footage").ok()) << List("s3://footage").status().message();
  bool sent = false;
  proxy_.set_faults([&](const ProxiedRequest& request) -> ProxyFault {
    sent |= request.head.find("SECRET-TOKEN-of-session") != std::string::npos;
    return {};
  });
  const testing::Variables session({{"AWS_ACCESS_KEY_ID", S3Server::kAccessKey},
                                    {"AWS_SECRET_ACCESS_KEY", S3Server::kSecretKey},
                                    {"AWS_SESSION_TOKEN", "SECRET-TOKEN-of-session"}});
  Reconnect();
  EXPECT_EQ(Told(List("s3://footage").status()).remedy(), Remedy::kRenewKeys);
  EXPECT_TRUE(sent);
}

TEST_F(S3StoreTest, AStopEndsAWaitForAServerThatIsSilent) {
  ASSERT_TRUE(Put("s3://footage/a", Noise(1'000'000)).ok());
  std::stop_source stop;
  const auto opened = Open("s3://footage/a", Links::kFollow, stop.get_token());
  ASSERT_TRUE(opened.ok());
  proxy_.set_faults([](const ProxiedRequest&) { return ProxyFault{.kind = ProxyFault::Kind::kHang}; });
  const testing::ScratchFolder scratch;
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "file", Noise(20'000'000)).ok());
  std::jthread stopping([&] {
    std::this_thread::sleep_for(300ms);
    stop.request_stop();
  });
  std::vector<std::jthread> waiting;
  const auto stops = [&](auto ask) {
    waiting.emplace_back([&, ask] { EXPECT_EQ(ask(), StatusCode::kInterrupted); });
  };
  std::byte buffer[10];
  stops([&] { return (*opened)->ReadAt(0, buffer).status().code(); });
  stops([&] { return Open("s3://footage/a", Links::kFollow, stop.get_token()).status().code(); });
  stops([&] { return List("s3://footage", stop.get_token()).status().code(); });
  stops([&] { return KindOf("s3://footage/a", Links::kFollow, stop.get_token()).status().code(); });
  stops([&] { return Put("s3://footage/b", "content", stop.get_token()).code(); });
  stops(
      [&] { return PutFile("s3://footage/c", (scratch.path() / "file").string(), stop.get_token()).code(); });
  waiting.clear();
}

}  // namespace
}  // namespace crossface::io
