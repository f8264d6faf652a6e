#include "crossface/io/listing_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "crossface/io/store.h"
#include "crossface/testing/testing.h"

namespace crossface::io {
namespace {

TEST(ListingWatch, CountsWhatItsThreadListsUntilItIsGone) {
  const testing::ScratchFolder folder;
  for (int i = 0; i < 20; ++i) std::ofstream(folder.path() / std::to_string(i)) << "x";
  int64_t last = 0, others = 0;
  const auto list_for_a_while = [&] {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
    int64_t listed = 0;
    while (std::chrono::steady_clock::now() < end)
      listed += static_cast<int64_t>(List(folder.path())->size());
    return listed;
  };
  {
    const ListingWatch watch([&](int64_t entries) {
      EXPECT_GT(entries, last);
      last = entries;
    });
    {
      const ListingWatch younger([&](int64_t entries) { others = entries; });
      list_for_a_while();
    }
    EXPECT_GT(others, 20);
    EXPECT_EQ(last, 0);
    std::jthread([&] { list_for_a_while(); }).join();
    EXPECT_EQ(last, 0) << "of another thread";
    const int64_t listed = list_for_a_while();
    EXPECT_GT(last, 20);
    EXPECT_LE(last, listed);
  }
  const int64_t before = last;
  list_for_a_while();
  EXPECT_EQ(last, before);
}

}  // namespace
}  // namespace crossface::io
