#include "crossface/ray/serve_tasks.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "crossface/ray/pipe_message.h"
#include "crossface/ray/product_task.h"
#include "crossface/scan/scan_wire.h"
#include "crossface/util/file_descriptor.h"

namespace crossface {
namespace {

class ServeTasksTest : public ::testing::Test {
 protected:
  ServeTasksTest() {
    std::array<int, 2> ends = {};
    EXPECT_EQ(::pipe(ends.data()), 0);
    in_ = FileDescriptor(ends[0]), to_ = FileDescriptor(ends[1]);
    EXPECT_EQ(::pipe(ends.data()), 0);
    from_ = FileDescriptor(ends[0]), out_ = FileDescriptor(ends[1]);
    server_ = std::thread([this] {
      ScanTaskRunner runner("/no/models", "node 1");
      status_ = ServeTasks(in_.get(), out_.get(), runner, "node 1", [this] { ++ended_; });
      out_ = FileDescriptor();
    });
  }
  void Join() {
    to_ = FileDescriptor();
    if (server_.joinable()) server_.join();
  }
  ~ServeTasksTest() override { Join(); }

  FileDescriptor in_, to_, from_, out_;
  Status status_;
  std::atomic<int> ended_ = 0;
  std::thread server_;
};

TEST_F(ServeTasksTest, EveryTaskIsAnsweredAndTheEndOfThePipeEndsIt) {
  for (const uint64_t id : {3, 4}) {
    ASSERT_TRUE(WriteMessage(to_.get(), 'T', id, id == 3 ? "no task" : ToWire(ScanTask{.version = "0.0.1"})));
    PipeMessage answer;
    ASSERT_TRUE(ReadMessage(from_.get(), &answer));
    EXPECT_EQ(answer.kind, 'R');
    EXPECT_EQ(answer.id, id);
    const auto findings = ScanFindingsFromWire(answer.bytes);
    ASSERT_TRUE(findings.ok());
    EXPECT_EQ(findings->status.code(), id == 3 ? StatusCode::kCorrupt : StatusCode::kMismatch);
    EXPECT_EQ(findings->machine, "node 1");
    EXPECT_EQ(findings->process, ::getpid());
  }
  Join();
  EXPECT_TRUE(status_.ok()) << status_.message();
  EXPECT_EQ(ended_, 1);
}

TEST_F(ServeTasksTest, PartsOfASearchForNeighboursAreTasksToo) {
  const auto rows = std::make_shared<const RowMatrix>(RowMatrix::Identity(5, 5));
  ASSERT_TRUE(WriteMessage(to_.get(), 'T', 8, ToWire({.queries = rows, .targets = *rows, .most = 1}, 1)));
  PipeMessage message;
  ASSERT_TRUE(ReadMessage(from_.get(), &message));
  EXPECT_EQ(message.id, 8u);
  const auto answer = ProductAnswerFromWire(message.bytes);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(answer->machine, "node 1");
  EXPECT_EQ(answer->found.found, (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST_F(ServeTasksTest, WhatIsNoTaskEndsItThoughThePipeIsOpen) {
  ASSERT_TRUE(WriteMessage(to_.get(), 'X', 1, ""));
  PipeMessage answer;
  EXPECT_FALSE(ReadMessage(from_.get(), &answer));
  server_.join();
  EXPECT_EQ(status_.code(), StatusCode::kIo);
}

}  // namespace
}  // namespace crossface
