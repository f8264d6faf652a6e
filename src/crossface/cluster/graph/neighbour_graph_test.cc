#include "crossface/cluster/graph/neighbour_graph.h"

#include <gtest/gtest.h>

#include <set>

#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using testing::LinearRule;
using testing::ProblemBuilder;

// People of 1 to 12 items, 6,500 in all: with lists of about a hundred nodes, sixty lists.
ClusterProblem ManyPeople() {
  ProblemBuilder builder(17);
  for (int person = 0; person < 1000; ++person) {
    const auto direction = builder.Person();
    for (int item = 0; item <= person % 12; ++item) builder.Add(direction, 0.93);
  }
  return builder.problem();
}

std::set<int> Neighbours(const NeighbourGraph& graph, int node) {
  std::set<int> nodes;
  for (const auto& edge : graph.of(node)) nodes.insert(edge.node);
  return nodes;
}

TEST(NeighbourGraphTest, ExactNeighboursAreTheBestScores) {
  ProblemBuilder builder(3);
  for (int person = 0; person < 8; ++person) {
    const auto direction = builder.Person();
    for (int item = 0; item < 5; ++item)
      builder.Add(direction, 0.9, true, 0.3f + 0.1f * static_cast<float>(item));
  }
  const ClusterProblem& problem = builder.problem();
  const ScoreRule rule = LinearRule();
  const auto graph = NeighbourGraph::Build(problem, rule, {.neighbours = 6});
  ASSERT_TRUE(graph.ok());
  const PairScores scores(problem, rule);
  for (int node = 0; node < problem.items; ++node) {
    std::vector<float> all;
    for (int other = 0; other < problem.items; ++other) {
      if (other != node) all.push_back(scores.Pair(node, other));
    }
    std::sort(all.rbegin(), all.rend());
    ASSERT_EQ(graph->of(node).size(), 6u);
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_NE(graph->of(node)[i].node, node);
      EXPECT_FLOAT_EQ(graph->of(node)[i].score, all[i]);
    }
  }
}

TEST(NeighbourGraphTest, ListsFindWhatLooksAlike) {
  const ClusterProblem problem = ManyPeople();
  const ScoreRule rule = LinearRule();
  const NeighbourOptions exactly{.neighbours = 8};
  NeighbourOptions by_lists = exactly;
  by_lists.exact_up_to = 0;
  const auto exact = NeighbourGraph::Build(problem, rule, exactly);
  const auto approximate = NeighbourGraph::Build(problem, rule, by_lists);
  ASSERT_TRUE(exact.ok() && approximate.ok());
  // What matters is one's own people, at scores above 8; strangers are any strangers.
  size_t alike = 0, found = 0;
  for (int node = 0; node < problem.items; ++node) {
    const std::set<int> listed = Neighbours(*approximate, node);
    for (const auto& edge : exact->of(node)) {
      if (edge.score < 8) continue;
      ++alike;
      found += listed.contains(edge.node);
    }
  }
  ASSERT_GT(alike, 10'000u);
  EXPECT_GE(static_cast<double>(found), 0.98 * static_cast<double>(alike));
}

TEST(NeighbourGraphTest, StopsWhenAsked) {
  const ClusterProblem problem = ManyPeople();
  for (const int exact_up_to : {0, 100000}) {
    const auto graph = NeighbourGraph::Build(
        problem, LinearRule(), {.neighbours = 4, .exact_up_to = exact_up_to, .stop = testing::Stopped()});
    EXPECT_EQ(graph.status().code(), StatusCode::kInterrupted);
  }
}

}  // namespace
}  // namespace crossface
