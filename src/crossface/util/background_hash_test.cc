#include "crossface/util/background_hash.h"

#include <gtest/gtest.h>

#include <random>

#include "crossface/util/thread_budget.h"

namespace crossface {
namespace {

class BackgroundHashTest : public testing::Test {
 protected:
  ~BackgroundHashTest() override { SetThreadBudget(before_); }
  const int before_ = ThreadBudget();
};

TEST_F(BackgroundHashTest, IsTheHashOfAllBlocksInTheirOrderWhateverTheThreads) {
  for (const int threads : {1, 2, 8}) {
    SetThreadBudget(threads);
    std::mt19937 random(static_cast<unsigned>(threads));
    BackgroundSha256 hash;
    std::string all;
    for (int i = 0; i < 100; ++i) {
      std::string block(random() % 5000, '\0');
      for (char& c : block) c = static_cast<char>(random());
      all += block;
      hash.Update(std::move(block));
    }
    EXPECT_EQ(hash.HexDigest(), Sha256Hex(all)) << threads;
  }
}

TEST_F(BackgroundHashTest, OfNothingAndOfWhatIsLeftHalfway) {
  SetThreadBudget(2);
  EXPECT_EQ(BackgroundSha256().HexDigest(), Sha256Hex(""));
  BackgroundSha256 left;
  for (int i = 0; i < 20; ++i) left.Update(std::string(1 << 20, 'x'));
}

}  // namespace
}  // namespace crossface
