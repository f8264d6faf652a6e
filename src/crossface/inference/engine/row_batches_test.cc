#include "crossface/inference/engine/row_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

namespace crossface {
namespace {

using ::testing::ElementsAre;

// A net that adds its second input to every row of the first, on a device with room for so many rows.
class FakeNet {
 public:
  std::atomic<int64_t> room = 1 << 20;
  std::vector<int64_t> asked;  // rows of every run

  Result<std::vector<Tensor>> Run(std::span<const Tensor> inputs) {
    const int64_t rows = inputs[0].shape[0];
    asked.push_back(rows);
    if (asked.size() == fails_at) return Status(failure, "as asked");
    if (rows > room) return Status(StatusCode::kOutOfResources, "out of memory");
    Tensor sums = inputs[0];
    for (size_t i = 0; i < sums.data.size(); ++i) sums.data[i] += inputs[1].data[i % inputs[1].data.size()];
    Tensor firsts{.shape = {rows}, .data = {}};
    for (int64_t row = 0; row < rows; ++row)
      firsts.data.push_back(sums.data[static_cast<size_t>(row) * inputs[1].data.size()]);
    return std::vector<Tensor>{std::move(sums), std::move(firsts)};
  }
  RowBatches::Net net() {
    return [this](std::span<const Tensor> inputs) { return Run(inputs); };
  }

  size_t fails_at = 0;
  StatusCode failure = StatusCode::kInternal;
};

std::vector<Tensor> Inputs(int64_t rows) {
  std::vector<Tensor> inputs = {{{rows, 3}, std::vector<float>(static_cast<size_t>(rows) * 3)},
                                {{3}, {.5f, 10, 20}}};
  std::iota(inputs[0].data.begin(), inputs[0].data.end(), 0.0f);
  return inputs;
}

// Whatever it was cut into, the answer is the one of a run of everything.
void ExpectWhole(const Result<std::vector<Tensor>>& answer, int64_t rows) {
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  FakeNet whole;
  const auto expected = whole.Run(Inputs(rows));
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ((*answer)[i].shape, (*expected)[i].shape);
    EXPECT_EQ((*answer)[i].data, (*expected)[i].data);
  }
}

TEST(RowBatches, WithRoomEverythingIsOneRun) {
  FakeNet fake;
  RowBatches batches;
  ExpectWhole(batches.Run(fake.net(), Inputs(100), 1 << 20), 100);
  EXPECT_THAT(fake.asked, ElementsAre(100));
}

TEST(RowBatches, BeginsWithWhatMemoryHolds) {
  for (const auto& [memory, expected] :
       std::map<int64_t, std::vector<int64_t>>{{1000, {10}},
                                               {999, {9, 1}},
                                               {400, {4, 4, 2}},
                                               {150, std::vector<int64_t>(10, 1)},
                                               {0, std::vector<int64_t>(10, 1)}}) {
    FakeNet fake;
    RowBatches batches(memory);
    ExpectWhole(batches.Run(fake.net(), Inputs(10), 100), 10);
    EXPECT_EQ(fake.asked, expected) << memory;
  }
}

TEST(RowBatches, HalvesInTheFirstRunAndKeepsToIt) {
  FakeNet fake;
  fake.room = 5;
  RowBatches batches;
  ExpectWhole(batches.Run(fake.net(), Inputs(33), 1), 33);
  EXPECT_THAT(fake.asked, ElementsAre(33, 16, 8, 4, 4, 4, 4, 4, 4, 4, 4, 1));
  fake.asked.clear();
  ExpectWhole(batches.Run(fake.net(), Inputs(6), 1), 6);
  EXPECT_THAT(fake.asked, ElementsAre(4, 2));
}

TEST(RowBatches, HalvesWhenMemoryGoesLater) {
  FakeNet fake;
  RowBatches batches(8);
  ExpectWhole(batches.Run(fake.net(), Inputs(16), 1), 16);
  fake.room = 3;  // somebody else took it
  fake.asked.clear();
  ExpectWhole(batches.Run(fake.net(), Inputs(16), 1), 16);
  EXPECT_THAT(fake.asked, ElementsAre(8, 4, 2, 2, 2, 2, 2, 2, 2, 2));
  // In the middle: what was done is not done again.
  RowBatches others(8);
  FakeNet later;
  later.fails_at = 2;
  later.failure = StatusCode::kOutOfResources;
  ExpectWhole(others.Run(later.net(), Inputs(16), 1), 16);
  EXPECT_THAT(later.asked, ElementsAre(8, 8, 4, 4));
}

TEST(RowBatches, WithoutRoomForOneRowItIsAnError) {
  FakeNet fake;
  fake.room = 0;
  RowBatches batches;
  const auto answer = batches.Run(fake.net(), Inputs(5), 1);
  EXPECT_EQ(answer.status().code(), StatusCode::kOutOfResources);
  EXPECT_THAT(fake.asked, ElementsAre(5, 2, 1));
  // Nothing is remembered that would make a later run with memory fail.
  fake.room = 1;
  ExpectWhole(batches.Run(fake.net(), Inputs(5), 1), 5);
}

TEST(RowBatches, OtherErrorsAreNotTriedAgain) {
  for (const StatusCode code : {StatusCode::kInternal, StatusCode::kInterrupted, StatusCode::kInvalidArgument,
                                StatusCode::kMismatch}) {
    FakeNet fake;
    fake.fails_at = 1;
    fake.failure = code;
    RowBatches batches;
    EXPECT_EQ(batches.Run(fake.net(), Inputs(8), 1).status().code(), code);
    EXPECT_THAT(fake.asked, ElementsAre(8));
    // And do not make later runs smaller.
    ExpectWhole(batches.Run(fake.net(), Inputs(8), 1), 8);
    EXPECT_THAT(fake.asked, ElementsAre(8, 8));
  }
}

TEST(RowBatches, AnAnswerOfOtherRowsIsAMismatch) {
  RowBatches batches;
  const auto one_row = [](std::span<const Tensor>) -> Result<std::vector<Tensor>> {
    return std::vector<Tensor>{{{1, 3}, {1, 2, 3}}};
  };
  EXPECT_EQ(batches.Run(one_row, Inputs(4), 1).status().code(), StatusCode::kMismatch);
}

TEST(RowBatches, ManyThreadsThatRunShortSettleOnWhatFits) {
  RowBatches batches;
  std::atomic<int64_t> largest_done = 0;
  const auto net = [&](std::span<const Tensor> inputs) -> Result<std::vector<Tensor>> {
    if (inputs[0].shape[0] > 7) return Status(StatusCode::kOutOfResources, "out of memory");
    for (int64_t most = largest_done; inputs[0].shape[0] > most;) {
      if (largest_done.compare_exchange_weak(most, inputs[0].shape[0])) break;
    }
    return std::vector<Tensor>{inputs[0]};
  };
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (const int64_t rows : {64, 1, 100, 31}) {
        const auto inputs = Inputs(rows);
        const auto answer = batches.Run(net, inputs, 1);
        ASSERT_TRUE(answer.ok());
        EXPECT_EQ((*answer)[0].data, inputs[0].data);
      }
    });
  }
  threads.clear();
  EXPECT_LE(largest_done, 7);
  EXPECT_GE(largest_done, 4);
}

}  // namespace
}  // namespace crossface
