#include "crossface/cluster/linkage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace crossface {
namespace {

using ::testing::ElementsAre;

// One model; the score of a pair is 40 cos - 20, and a false-match rate r has the threshold -2 log10(r): 8 at
// kLargestRate.
ScoreRule PlainRule() {
  return {.log_odds = [](std::span<const float> cosines, float, float) { return 40 * cosines[0] - 20; },
          .threshold_for = [](double rate) { return static_cast<float>(-2 * std::log10(rate)); }};
}

TEST(MergeRuleTest, TheThresholdFallsWithTheSizesAndRisesWithTheCase) {
  const ScoreRule scores = PlainRule();
  const MergeRule rule(scores, 1, 1e-6);
  EXPECT_NEAR(rule.SingleThreshold(), 12, 1e-5);
  EXPECT_NEAR(rule.LowestThreshold(), 12 * MergeRule::kPeople, 1e-5);
  EXPECT_NEAR(rule.ThresholdFor(1, 1), 12, 1e-5);
  EXPECT_NEAR(rule.ThresholdFor(2, 4), 12 * (.70 + .11 * .75 + .08 / 8), 1e-4);
  EXPECT_NEAR(MergeRule(scores, 1, 1e-9).SingleThreshold(), 18, 1e-4);
  EXPECT_NEAR(MergeRule(scores, 1, 0.5).SingleThreshold(), 8, 1e-5)
      << "a case of three tracks must not link anybody";
}

TEST(MergeRuleTest, CostIsWardsInTheScoresKernel) {
  const ScoreRule scores = PlainRule();
  const MergeRule rule(scores, 1, 1e-6);
  // Two single templates at cosine .9: score 16, squared distance .2, half of it the cost.
  const auto single = rule.MakeShape(1, 0);
  EXPECT_NEAR(rule.Gain(single, single, 16), 1 / 1.1, 1e-6);
  EXPECT_EQ(rule.Gain(single, single, 11.9), MergeRule::kNever);
  // Two clusters of 20 all but equal inside (cosine 1) and .775 to each other, above their threshold of 8.9:
  // two look-alikes.
  const auto tight = rule.MakeShape(20, 190 * 20.0);
  EXPECT_EQ(rule.Gain(tight, tight, 11), MergeRule::kNever);
  // Above the threshold of a single pair they are one person in two scenes.
  const double sample = 20 / (1 + 19 / 12.0);
  EXPECT_NEAR(rule.Gain(tight, tight, 12.4), 1 / (1 + sample / 2 * 0.38), 1e-6);
  // As loose inside as they are to each other: one person.
  const auto loose = rule.MakeShape(20, 190 * 11.0);
  EXPECT_GT(rule.Gain(loose, loose, 11), 0.9);
}

std::vector<int> Link(int nodes, const std::vector<std::tuple<int, int, float>>& means,
                      const std::vector<std::pair<int, int>>& forbidden = {}) {
  auto linkage = Linkage::Create(nodes);
  for (const auto& [a, b, mean] : means) linkage->AddMean(a, b, mean);
  for (const auto& [a, b] : forbidden) linkage->Forbid(a, b);
  return *linkage->Run(MergeRule(PlainRule(), 1, 1e-6), {});
}

TEST(LinkageTest, JoinsByTheMeanNotByTheClosestPair) {
  // 0-1 and 2-3 are tight; 1-2 alone is above the threshold, the mean between the pairs is not.
  EXPECT_THAT(Link(4, {{0, 1, 19}, {2, 3, 19}, {1, 2, 15}}), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(Link(4, {{0, 1, 19}, {2, 3, 19}, {1, 2, 15}, {0, 2, 14}, {0, 3, 14}, {1, 3, 15}}),
              ElementsAre(0, 0, 0, 0));
}

TEST(LinkageTest, ACannotLinkHoldsForTheWholeCluster) {
  const std::vector<std::tuple<int, int, float>> all = {{0, 1, 18}, {0, 2, 17}, {1, 2, 19}};
  EXPECT_THAT(Link(3, all), ElementsAre(0, 0, 0));
  EXPECT_THAT(Link(3, all, {{0, 2}}), ElementsAre(0, 1, 1));
  EXPECT_THAT(Link(3, all, {{1, 2}}), ElementsAre(0, 0, 1));
}

TEST(LinkageTest, TiesGoToTheLowestNumbers) {
  EXPECT_THAT(Link(3, {{0, 1, 16}, {0, 2, 16}, {1, 2, 16}}, {{1, 2}}), ElementsAre(0, 0, 1));
  EXPECT_THAT(Link(3, {{0, 1, 16}, {0, 2, 16}, {1, 2, 16}}, {{0, 1}}), ElementsAre(0, 1, 0));
}

TEST(LinkageTest, StopsWhenAsked) {
  auto linkage = Linkage::Create(2);
  EXPECT_EQ(linkage->Run(MergeRule(PlainRule(), 1, 1e-6), [] { return false; }).status().code(),
            StatusCode::kInterrupted);
}

}  // namespace
}  // namespace crossface
