#include "crossface/cluster/methods/average_linkage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/cluster/graph/graph_linkage.h"
#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/cluster/methods/agglomerative.h"
#include "crossface/cluster/methods/hybrid.h"
#include "crossface/cluster/persons/find_persons.h"
#include "crossface/cluster/persons/metrics.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using testing::LinearRule;
using testing::ProblemBuilder;
using testing::WithScores;

constexpr LinkageRule kRule{.threshold = 12, .lowered = 12, .floor = 10, .genuine = 16};

double Excess(const std::vector<std::vector<float>>& scores, const std::vector<int>& cluster_of) {
  const ClusterProblem problem = WithScores(scores);
  const std::vector<int> ones(scores.size(), 1);
  const ScoreRule rule = LinearRule();
  const ClusterSums sums(problem, ones, rule, cluster_of, 2);
  return ExcessOf(kRule, kRule.lowered, sums, 0, 1);
}

TEST(AverageLinkageTest, SingleTracksNeedTheThreshold) {
  EXPECT_NEAR(Excess({{}, {12.5f}}, {0, 1}), 0.5, 0.01);
  EXPECT_NEAR(Excess({{}, {11}}, {0, 1}), -1, 0.01);
}

TEST(AverageLinkageTest, SomebodyWhoLooksDifferentFromTrackToTrackIsMetAtLowerScores) {
  // One pair of 12.5 is 3.5 below genuine ones: half of that, shared with one usual pair, makes 11.1 of 12.
  EXPECT_NEAR(Excess({{}, {12.5f}, {11.3f, 11.3f}}, {0, 0, 1}), 0.175, 0.01);
  EXPECT_LT(Excess({{}, {16}, {11.3f, 11.3f}}, {0, 0, 1}), 0);
}

TEST(AverageLinkageTest, TwoPersonsWhoAlwaysLookTheSameNeedMoreToBeOne) {
  // Inner pairs of 19 are 3 above genuine ones: 12.75 is asked for instead of 12.
  const auto two = [](float between) {
    return Excess({{}, {19}, {between, between}, {between, between, 19}}, {0, 0, 1, 1});
  };
  EXPECT_LT(two(12.6f), 0);
  EXPECT_GT(two(12.9f), 0);
}

TEST(AverageLinkageTest, NothingIsMergedBelowTheFloor) {
  EXPECT_LT(Excess({{}, {2}, {9.9f, 9.9f}}, {0, 0, 1}), 0);
  EXPECT_GT(Excess({{}, {2}, {10.1f, 10.1f}}, {0, 0, 1}), 0);
}

TEST(AverageLinkageTest, JoinsByTheMeanNotByTheClosestPair) {
  const auto persons = [](const ClusterProblem& problem) {
    return FindPersons(problem, LinearRule(), {}, PartitionByLinkage)->person_of;
  };
  // 0-1 and 2-3 are tight; 1-2 alone is above the threshold of 8.4, the mean between the pairs is not.
  EXPECT_THAT(persons(WithScores({{}, {18}, {7, 9}, {6, 7, 18}})), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(persons(WithScores({{}, {19}, {10, 11}, {10, 10, 19}})), ElementsAre(0, 0, 0, 0));
}

// People whose pairs score 8.9 on average, give or take 1.5: a third is below the threshold of 8.4.
ClusterProblem People(int people, std::vector<int>* truth) {
  ProblemBuilder builder(9);
  for (int person = 0; person < people; ++person) {
    const auto direction = builder.Person();
    for (int item = 0; item < 8; ++item) {
      builder.Add(direction, 0.85);
      truth->push_back(person);
    }
  }
  return builder.problem();
}

TEST(AverageLinkageTest, ManyPeopleShowThatTheThresholdLosesTooMuchAndFewDoNot) {
  ScoreRule rule = LinearRule();
  rule.genuine = 8;
  for (const auto& method : {PartitionByLinkage, PartitionByAgreement}) {
    std::vector<int> truth_of_many, truth_of_few;
    const ClusterProblem many = People(150, &truth_of_many), few = People(15, &truth_of_few);
    const auto found = FindPersons(many, rule, {}, method);
    const ClusterMetrics metrics = CompareClusterings(truth_of_many, found->person_of);
    EXPECT_GE(metrics.pairwise.recall, 0.95);
    EXPECT_GE(metrics.pairwise.precision, 0.999);
    if (method == PartitionByLinkage) {
      const auto of_few = FindPersons(few, rule, {}, method);
      EXPECT_LE(CompareClusterings(truth_of_few, of_few->person_of).pairwise.recall, 0.75);
    }
    const auto strict = FindPersons(many, rule, {.profile = Profile::kStrict}, method);
    EXPECT_EQ(CompareClusterings(truth_of_many, strict->person_of).pairwise.precision, 1);
  }
}

TEST(AverageLinkageTest, ARoundStartsFromThePartitionOfTheOneBefore) {
  std::vector<int> truth;
  const ClusterProblem problem = People(100, &truth);
  const ScoreRule rule = LinearRule();
  const ClusterOptions options;
  const auto groups = ConstraintGroups::Create(problem.items, {}, {});
  const auto ground = Ground::Make(problem, rule, options, *groups);
  std::vector<std::vector<int>> before;
  std::vector<double> thresholds;
  const auto found = PartitionInRounds(*ground, [&](const LinkageRule& asked, const std::vector<int>& start) {
    before.push_back(start);
    thresholds.push_back(asked.threshold);
    return Result<std::vector<int>>(truth);
  });
  ASSERT_EQ(before.size(), 2);
  EXPECT_EQ(CountClusters(before[0]), problem.items);
  EXPECT_EQ(before[1], truth);
  EXPECT_LT(thresholds[1], thresholds[0]);  // fewer persons than tracks
  EXPECT_EQ(*found, truth);
}

TEST(AverageLinkageTest, OverlapKeepsTogetherWhatBothDo) {
  EXPECT_THAT(Overlap({0, 0, 1, 1, 0}, {0, 1, 1, 1, 0}), ElementsAre(0, 1, 2, 2, 0));
}

}  // namespace
}  // namespace crossface
