#include "crossface/live/frame_queue.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace crossface {
namespace {

LiveFrame Numbered(int64_t number) {
  auto kept = std::make_shared<KeptFrame>();
  kept->frame.index = number;
  return {.kept = std::move(kept)};
}

TEST(FrameQueue, TheNewestWinsAndWhatWasDroppedIsCounted) {
  FrameQueue queue(2, 2);
  for (int64_t number = 0; number < 10; ++number) queue.Push(0, Numbered(number));
  queue.Push(1, Numbered(100));
  EXPECT_EQ(queue.dropped(0), 8);
  EXPECT_EQ(queue.dropped(1), 0);
  const auto first = queue.Take();
  EXPECT_EQ(first->frame.kept->frame.index, 8);
  queue.Done(first->stream);
  EXPECT_FALSE(queue.idle(0));
}

TEST(FrameQueue, StreamsTakeTurnsAndAreLookedAtByOneAtATime) {
  FrameQueue queue(3, 4);
  for (int64_t number = 0; number < 4; ++number) queue.Push(0, Numbered(number));
  queue.Push(1, Numbered(10));
  queue.Push(2, Numbered(20));
  std::vector<size_t> turns;
  turns.reserve(3);
  for (int i = 0; i < 3; ++i) turns.push_back(queue.Take()->stream);
  EXPECT_EQ(turns, (std::vector<size_t>{0, 1, 2})) << "the first has more, and is looked at already";
  queue.Close();
  std::jthread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    queue.Done(0);
  });
  const auto next = queue.Take();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->frame.kept->frame.index, 1) << "in order, once the one before is done";
  for (int left = 2; left > 0; --left) {
    queue.Done(0);
    EXPECT_TRUE(queue.Take());
  }
  queue.Done(0);
  EXPECT_FALSE(queue.Take());
}

TEST(FrameQueue, ATickThatIsPushedOutIsNoFrameThatWasDropped) {
  FrameQueue queue(1, 1);
  queue.Push(0, {});
  queue.Push(0, Numbered(1));
  EXPECT_EQ(queue.dropped(0), 0);
}

}  // namespace
}  // namespace crossface
