// Against a program that stands in for crossface-ray-driver; tools/test_ray.py asks the real one.
#include "crossface/ray/ray_workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "crossface/testing/loopback.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using Kind = WorkerAnswer::Kind;

// Joins, unless it was told otherwise; then gives every task back.
constexpr char kFakeDriver[] = R"(#!/usr/bin/env python3
import os, struct, sys, time
def say(kind, number, text):
    sys.stdout.buffer.write(kind + struct.pack("<QQ", number, len(text)) + text)
    sys.stdout.buffer.flush()
how = os.environ.get("FAKE_DRIVER", "")
if how == "dies":
    print("it has other versions\n", file=sys.stderr)
    sys.exit(1)
if how == "token":
    print("[C 1 1] helper.cc:112: Check failed: Status not OK: Unauthenticated: InvalidAuthToken: none\n"
          "*** StackTrace Information ***\n./ray/crossface-ray-driver(+0x8391) _start", file=sys.stderr)
    sys.exit(1)
if how == "refuses":
    say(b"F", 0, b"no such cluster")
if how == "waits":
    time.sleep(3600)
say(b"C", 0, " ".join(sys.argv[3:]).encode())
while True:
    head = sys.stdin.buffer.read(17)
    if len(head) < 17:
        sys.exit(0)
    number, length = struct.unpack("<QQ", head[1:])
    text = sys.stdin.buffer.read(length)
    if text == b"die":
        sys.exit(1)
    say({b"fail": b"E", b"lose": b"L", b"refuse": b"F"}.get(text, b"R"), number, text)
)";

class RayWorkersTest : public ::testing::Test {
 protected:
  RayWorkersTest() {
    std::ofstream(folder_.path() / "crossface-ray-driver") << kFakeDriver;
    std::filesystem::permissions(folder_.path() / "crossface-ray-driver", std::filesystem::perms::owner_all);
    std::ofstream(folder_.path() / "libcrossface_ray_tasks.so") << "";
    ::setenv("CROSSFACE_RAY", folder_.path().c_str(), 1);
    listener_ = FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    port_ = testing::FreePort();
    const sockaddr_in address = testing::Loopback(port_);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
  }
  ~RayWorkersTest() override {
    ::unsetenv("CROSSFACE_RAY");
    ::unsetenv("FAKE_DRIVER");
  }
  Result<std::unique_ptr<RayWorkers>> Connect(const std::stop_token& stop = {}) const {
    return RayWorkers::Connect({.address = "127.0.0.1:" + std::to_string(port_), .cpus = 3}, 0, stop);
  }
  static WorkerAnswer Wait(RayWorkers& workers) {
    while (true) {
      auto answer = workers.Next(std::chrono::seconds(1));
      if (!answer.ok()) throw std::runtime_error(answer.status().message());
      if (*answer) return **answer;
    }
  }
  testing::ScratchFolder folder_;
  FileDescriptor listener_;
  int port_ = 0;
};

TEST_F(RayWorkersTest, TasksGoOutAndAnswersComeBack) {
  auto workers = Connect();
  ASSERT_TRUE(workers.ok()) << workers.status().message();
  EXPECT_EQ((*workers)->threads(), 3);
  const std::string large(5'000'000, 'x');
  ASSERT_TRUE((*workers)->Submit(7, large).ok());
  const WorkerAnswer answer = Wait(**workers);
  EXPECT_EQ(answer.kind, Kind::kDone);
  EXPECT_EQ(answer.id, 7u);
  EXPECT_TRUE(answer.bytes == large);
  ASSERT_TRUE((*workers)->Submit(8, "fail").ok());
  EXPECT_EQ(Wait(**workers).kind, Kind::kFailed);
  ASSERT_TRUE((*workers)->Submit(9, "lose").ok());
  EXPECT_EQ(Wait(**workers).kind, Kind::kLost);
  EXPECT_FALSE((*workers)->Next(std::chrono::milliseconds(1))->has_value());
}

TEST_F(RayWorkersTest, AClusterThatGoesIsAnError) {
  for (const std::string end : {"die", "refuse"}) {
    auto workers = Connect();
    ASSERT_TRUE(workers.ok());
    ASSERT_TRUE((*workers)->Submit(1, end).ok());
    Status status;
    while (status.ok()) status = (*workers)->Next(std::chrono::seconds(1)).status();
    EXPECT_EQ(status.code(), StatusCode::kIo);
    EXPECT_THAT(status.message(), HasSubstr("run the same command to go on"));
  }
}

TEST_F(RayWorkersTest, AHeadThatIsGoneIsToldOfThoughTheLibraryWaits) {
  auto workers = Connect();
  ASSERT_TRUE(workers.ok());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE((*workers)->Next(std::chrono::milliseconds(100)).ok());
  listener_ = FileDescriptor();
  Status status;
  for (int i = 0; i < 600 && status.ok(); ++i)
    status = (*workers)->Next(std::chrono::milliseconds(100)).status();
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_THAT(status.message(), HasSubstr("its head does not answer any more"));
  EXPECT_THAT(status.message(), HasSubstr("run the same command to go on"));
}

TEST_F(RayWorkersTest, WhatKeepsItFromJoiningIsTold) {
  ::setenv("FAKE_DRIVER", "dies", 1);
  const auto dead = Connect();
  EXPECT_EQ(dead.status().code(), StatusCode::kIo);
  EXPECT_THAT(dead.status().message(), HasSubstr("it has other versions"));
  ::setenv("FAKE_DRIVER", "token", 1);
  const auto unknown = Connect();
  EXPECT_EQ(unknown.status().code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(unknown.status().message(), HasSubstr("RAY_AUTH_TOKEN_PATH"));
  ::setenv("FAKE_DRIVER", "refuses", 1);
  EXPECT_THAT(Connect().status().message(), HasSubstr("no such cluster"));
  ::setenv("FAKE_DRIVER", "waits", 1);
  EXPECT_EQ(Connect(testing::Stopped()).status().code(), StatusCode::kInterrupted);
  listener_ = FileDescriptor();
  const auto nobody = Connect();
  EXPECT_EQ(nobody.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(nobody.status().message(), HasSubstr("ray start"));
  ::setenv("CROSSFACE_RAY", "/nowhere", 1);
  const auto no_ray = Connect();
  EXPECT_EQ(no_ray.status().code(), StatusCode::kUnsupported);
  EXPECT_THAT(no_ray.status().message(), HasSubstr("RAY=ON"));
}

TEST(RayAddress, IsHostAndPort) {
  for (const std::string& sound : {"10.0.0.5:6379", "head.cluster:1", "[::1]:6379"})
    EXPECT_EQ(*RayAddress(sound), sound);
  for (const std::string& wrong :
       {"", "10.0.0.5", "10.0.0.5:", ":6379", "h:0", "h:65536", "h:1x", "ray://h:10001"})
    EXPECT_EQ(RayAddress(wrong).status().code(), StatusCode::kInvalidArgument) << wrong;
  ::setenv("RAY_ADDRESS", "10.1.1.1:7", 1);
  EXPECT_EQ(*RayAddress("auto"), "10.1.1.1:7");
  ::unsetenv("RAY_ADDRESS");
}

}  // namespace
}  // namespace crossface
