#include "crossface/embed/normal_distribution.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

// Values of the usual tables.
TEST(NormalDistribution, TellsTheTabulatedTails) {
  EXPECT_NEAR(UpperTail(0), 0.5, 1e-12);
  EXPECT_NEAR(UpperTail(1.959963985), 0.025, 1e-9);
  EXPECT_NEAR(UpperQuantile(0.025), 1.959963985, 1e-8);
  EXPECT_NEAR(UpperQuantile(1e-6), 4.753424309, 1e-8);
  EXPECT_NEAR(UpperQuantile(0.975), -1.959963985, 1e-8);
}

TEST(NormalDistribution, QuantileAndTailAreInverse) {
  for (double probability = 1e-12; probability < 0.9; probability *= 3)
    EXPECT_NEAR(UpperTail(UpperQuantile(probability)) / probability, 1, 1e-9) << probability;
}

}  // namespace
}  // namespace crossface
