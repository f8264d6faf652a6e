// What the flow, average linkage and the two together make of the same scores. The threshold is 8.35, the
// floor 6.35.
#include "crossface/cluster/methods/hybrid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/cluster/methods/agglomerative.h"
#include "crossface/cluster/methods/communities.h"
#include "crossface/cluster/persons/find_persons.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using testing::LinearRule;
using testing::WithScores;

std::vector<int> Partition(const ClusterProblem& problem, const Partitioner& method) {
  const ScoreRule rule = LinearRule();
  const ClusterOptions options;
  const auto groups =
      ConstraintGroups::Create(problem.items, problem.must_links, problem.cannot_links, problem.partings);
  const auto ground = Ground::Make(problem, rule, options, *groups);
  return *method(*ground);
}

TEST(HybridTest, OnePairThatIsAlikeIsNoBridge) {
  const ClusterProblem problem =
      WithScores({{}, {15}, {15, 15}, {5, 5, 10}, {5, 5, 5, 15}, {5, 5, 5, 15, 15}});
  EXPECT_THAT(Partition(problem, PartitionByCommunities), ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_THAT(Partition(problem, PartitionByAgreement), ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST(HybridTest, TheFlowFindsWhomTheMeanLoses) {
  const ClusterProblem problem = WithScores({{}, {15}, {15, 15}, {6, 9, 9}});
  EXPECT_THAT(Partition(problem, PartitionByLinkage), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(Partition(problem, PartitionByAgreement), ElementsAre(0, 0, 0, 0));
}

TEST(HybridTest, TheMeanRefusesWhatIsLikeOnePictureOnly) {
  const ClusterProblem problem = WithScores({{}, {15}, {15, 15}, {1, 1, 9}});
  EXPECT_THAT(Partition(problem, PartitionByCommunities), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(Partition(problem, PartitionByAgreement), ElementsAre(0, 0, 0, 1));
}

TEST(HybridTest, TheFlowNeverJoinsWhatMayNotBeTogether) {
  ClusterProblem problem = WithScores({{}, {15}, {15, 15}, {15, 15, 15}});
  problem.cannot_links = {{0, 3}};
  const std::vector<int> persons = Partition(problem, PartitionByAgreement);
  EXPECT_NE(persons[0], persons[3]);
  EXPECT_EQ(*std::max_element(persons.begin(), persons.end()), 1);
}

}  // namespace
}  // namespace crossface
