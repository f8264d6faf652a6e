#include "crossface/ray/product_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;

ProductPart SmallPart() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  const auto rows = [&](Eigen::Index count) {
    return RowMatrix::NullaryExpr(count, 12, [&] { return normal(random); }).eval();
  };
  const auto queries = std::make_shared<const RowMatrix>(rows(9));
  return {.queries = queries, .targets = rows(30), .most = 4};
}

ProductAnswer Answer(const std::string& task, const std::stop_token& stop = {}) {
  auto answer = ProductAnswerFromWire(AnswerProductTask(task, "node 7", stop));
  if (!answer.ok()) throw std::runtime_error(answer.status().message());
  return *std::move(answer);
}

TEST(ProductTask, GivesWhatThisMachineFinds) {
  const ProductPart part = SmallPart();
  const std::string task = ToWire(part, 2);
  EXPECT_TRUE(IsProductTask(task));
  const ProductAnswer answer = Answer(task);
  ASSERT_TRUE(answer.status.ok()) << answer.status.message();
  EXPECT_EQ(answer.task, DigestOfTask(task));
  EXPECT_EQ(answer.machine, "node 7");
  EXPECT_EQ(answer.process, ::getpid());
  const auto here = FindLargestProducts(*part.queries, part.targets, part.most, {});
  EXPECT_EQ(answer.found.found, here->found);
  EXPECT_EQ(answer.found.products, here->products);
}

TEST(ProductTask, AnotherVersionIsRefused) {
  std::string task = ToWire(SmallPart(), 1);
  task.resize(task.size() - 64);
  const size_t version = task.find(kVersion);
  ASSERT_NE(version, std::string::npos);
  task[version] = '9';
  task += Sha256Hex(task);
  const ProductAnswer answer = Answer(task);
  EXPECT_EQ(answer.status.code(), StatusCode::kMismatch);
  EXPECT_THAT(answer.status.message(), HasSubstr("every node needs the same"));
}

TEST(ProductTask, WhatWasStoppedSaysSo) {
  EXPECT_EQ(Answer(ToWire(SmallPart(), 1), testing::Stopped()).status.code(), StatusCode::kInterrupted);
}

TEST(ProductTask, WhatComesDamagedIsNoTaskAndNoAnswer) {
  const std::string task = ToWire(SmallPart(), 1), answer = AnswerProductTask(task, "node", {});
  for (size_t at = 0; at < task.size(); at += 29) {
    std::string changed = task;
    changed[at] ^= 0x10;
    EXPECT_EQ(Answer(changed).status.code(), StatusCode::kCorrupt) << at;
  }
  for (size_t at = 0; at < answer.size(); at += 5) {
    std::string changed = answer;
    changed[at] ^= 0x10;
    EXPECT_EQ(ProductAnswerFromWire(changed).status().code(), StatusCode::kCorrupt) << at;
    EXPECT_EQ(ProductAnswerFromWire(answer.substr(0, at)).status().code(), StatusCode::kCorrupt) << at;
  }
}

// Sealed, but with sizes that do not fit: nobody reserves what a number says.
TEST(ProductTask, SizesThatDoNotFitAreRefused) {
  const std::string task = ToWire(SmallPart(), 1);
  const size_t numbers = 6 + 8 + kVersion.size();
  for (const size_t field : {1, 2, 3, 4}) {  // most, queries, targets, dimensions
    for (const uint64_t value : {uint64_t{0}, uint64_t{31}, uint64_t{1} << 40, ~uint64_t{0}}) {
      std::string changed = task.substr(0, task.size() - 64);
      std::memcpy(changed.data() + numbers + 8 * field, &value, 8);
      changed += Sha256Hex(changed);
      EXPECT_EQ(Answer(changed).status.code(), StatusCode::kCorrupt) << field << " " << value;
    }
  }
}

}  // namespace
}  // namespace crossface
