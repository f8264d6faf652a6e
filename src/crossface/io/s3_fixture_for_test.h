// A real server of object storage, with a proxy of faults before it, and `s3://` by way of both: for tests
// only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "crossface/io/s3_store.h"
#include "crossface/testing/fault_proxy.h"
#include "crossface/testing/s3_server.h"
#include "crossface/testing/testing.h"

namespace crossface::io {

using ::testing::UnorderedElementsAreArray;

inline std::string Noise(size_t bytes) {
  std::string noise(bytes, '\0');
  uint64_t state = 88172645463325252U;
  for (char& byte : noise) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    byte = static_cast<char>(state);
  }
  return noise;
}

inline std::string ReadAllOf(const ByteSource& source) {
  std::string bytes(static_cast<size_t>(source.size()), '#');
  const auto got = ReadFully(source, 0, std::as_writable_bytes(std::span(bytes)));
  return got.ok() ? bytes.substr(0, *got) : got.status().message();
}

// A server, a proxy before it, and `s3://` by way of both.
class S3StoreTest : public ::testing::Test {
 protected:
  explicit S3StoreTest(testing::S3Server::Kind kind = testing::S3Server::Kind::kVersity)
      : server_(kind), proxy_(server_.port()), variables_(server_.Environment(proxy_.port())) {
    Reconnect();
  }
  ~S3StoreTest() override { RegisterStore("s3", std::make_shared<S3Store>()); }
  static void Reconnect() { RegisterStore("s3", std::make_shared<S3Store>()); }
  std::filesystem::path InBucket(const std::string& name) const {
    return server_.root() / "objects/footage" / name;
  }

  // No message may hold what only the user and the server know.
  static Status Told(const Status& status) {
    for (const char* secret :
         {testing::S3Server::kAccessKey, testing::S3Server::kSecretKey, "SECRET-TOKEN", "Signature="})
      EXPECT_THAT(status.message(), ::testing::Not(::testing::HasSubstr(secret)));
    return status;
  }

  testing::S3Server server_;
  testing::FaultProxy proxy_;
  testing::Variables variables_;
};

class S3AnyKeyTest : public S3StoreTest {
 protected:
  S3AnyKeyTest() : S3StoreTest(testing::S3Server::Kind::kMoto) {}
};

}  // namespace crossface::io
