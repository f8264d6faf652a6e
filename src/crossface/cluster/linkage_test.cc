#include "crossface/cluster/linkage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crossface {
namespace {

using ::testing::ElementsAre;

constexpr Linkage::Rule kRule{.threshold = 12, .floor = 10, .genuine = 16};

std::vector<int> Link(int nodes, const std::vector<std::tuple<int, int, float>>& means,
                      const std::vector<std::pair<int, int>>& forbidden = {}) {
  auto linkage = Linkage::Create(nodes);
  for (const auto& [a, b, mean] : means) linkage->AddMean(a, b, mean);
  for (const auto& [a, b] : forbidden) linkage->Forbid(a, b);
  return *linkage->Run(kRule, {});
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

TEST(LinkageTest, SomebodyWhoLooksDifferentFromTrackToTrackIsMetAtLowerScores) {
  // One pair of 12.5 is 3.5 below genuine ones: half of that, shared with one usual pair, makes 11.1 of 12.
  EXPECT_THAT(Link(3, {{0, 1, 12.5}, {0, 2, 11.3}, {1, 2, 11.3}}), ElementsAre(0, 0, 0));
  EXPECT_THAT(Link(3, {{0, 1, 12.5}, {0, 2, 10.9}, {1, 2, 10.9}}), ElementsAre(0, 0, 1));
  EXPECT_THAT(Link(3, {{0, 1, 16}, {0, 2, 11.3}, {1, 2, 11.3}}), ElementsAre(0, 0, 1));
}

TEST(LinkageTest, TwoPersonsWhoAlwaysLookTheSameNeedMoreToBeOne) {
  // Inner pairs of 20 are 4 above genuine ones: 13 is asked for instead of 12.
  const auto two = [](float between) {
    return Link(4,
                {{0, 1, 20}, {2, 3, 20}, {0, 2, between}, {0, 3, between}, {1, 2, between}, {1, 3, between}});
  };
  EXPECT_THAT(two(12.8f), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(two(13.2f), ElementsAre(0, 0, 0, 0));
  // A single track knows nothing of that.
  EXPECT_THAT(Link(3, {{0, 1, 20}, {0, 2, 12.2}, {1, 2, 12.2}}), ElementsAre(0, 0, 0));
}

TEST(LinkageTest, NothingIsMergedBelowTheFloor) {
  Linkage::Rule rule = kRule;
  rule.genuine = 40;
  for (const float mean : {9.9f, 10.1f}) {
    auto linkage = Linkage::Create(2);
    linkage->SetNode(0, 3, 3 * 12);
    linkage->AddMean(0, 1, mean);
    EXPECT_EQ((*linkage->Run(rule, {}))[1], mean > 10 ? 0 : 1);
  }
}

TEST(LinkageTest, StopsWhenAsked) {
  auto linkage = Linkage::Create(2);
  EXPECT_EQ(linkage->Run(kRule, [] { return false; }).status().code(), StatusCode::kInterrupted);
}

}  // namespace
}  // namespace crossface
