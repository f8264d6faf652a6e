#include "crossface/cluster/graph/device_products.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/cluster/graph/neighbour_graph.h"
#include "crossface/cluster/persons/find_persons.h"
#include "crossface/cluster/persons/graph_clusterer.h"

namespace crossface {
namespace {

using testing::LinearRule;
using testing::ProblemBuilder;

// The net that a card computes, on the processor.
std::shared_ptr<DeviceProducts> ByNet() {
  auto search = DeviceProducts::On({});
  if (!search.ok()) throw std::runtime_error(search.status().message());
  return *search;
}

RowMatrix RandomRows(Eigen::Index rows, Eigen::Index columns, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  return RowMatrix::NullaryExpr(rows, columns, [&] { return normal(random); });
}

TEST(DeviceProducts, FindsTheLargestProductsFalling) {
  const auto search = ByNet();
  for (const auto& [queries, targets, most] :
       std::vector<std::tuple<int, int, size_t>>{{1, 1, 1}, {3, 50, 50}, {70, 300, 7}, {2, 20000, 65}}) {
    const auto q = RandomRows(queries, 32, 1), t = RandomRows(targets, 32, 2);
    const auto largest = search->Find({std::make_shared<const RowMatrix>(q), t, most});
    ASSERT_TRUE(largest.ok()) << largest.status().message();
    const auto& [products, found] = *largest;
    ASSERT_EQ(found.size(), static_cast<size_t>(queries) * most);
    for (int row = 0; row < queries; ++row) {
      Eigen::VectorXf all = t * q.row(row).transpose();
      std::set<int64_t> different;
      for (size_t i = 0; i < most; ++i) {
        const size_t at = static_cast<size_t>(row) * most + i;
        EXPECT_NEAR(products[at], all[found[at]], 1e-4);
        different.insert(found[at]);
      }
      EXPECT_EQ(different.size(), most);
      std::sort(all.begin(), all.end(), std::greater<>());
      for (size_t i = 0; i < most; ++i)
        EXPECT_NEAR(products[static_cast<size_t>(row) * most + i], all[static_cast<Eigen::Index>(i)], 1e-4);
    }
  }
}

TEST(DeviceProducts, AMissingDeviceIsAnError) {
  const auto search = DeviceProducts::On({.device = {Device::Kind::kCuda, 999}});
  ASSERT_FALSE(search.ok());
  EXPECT_EQ(search.status().code(), StatusCode::kDeviceUnavailable);
}

// People of 1 to 12 items, some of whom are shown again and again: copies have the same vector bit for bit,
// more of them than a node has neighbours.
ClusterProblem WithCopies() {
  ProblemBuilder builder(29);
  for (int person = 0; person < 300; ++person) {
    const auto direction = builder.Person();
    for (int item = 0; item <= person % 12; ++item) builder.Add(direction, 0.93);
    if (person % 60 != 0) continue;
    const std::vector<float> shown(
        builder.problem().templates[0].row(builder.problem().items - 1),
        builder.problem().templates[0].row(builder.problem().items - 1) + ProblemBuilder::kDimensions);
    for (int copy = 0; copy < 120; ++copy) builder.AddVector(shown, true, 0.8f);
  }
  return builder.problem();
}

TEST(DeviceProducts, NeighboursAreThoseOfTheProcessorsSearch) {
  ProblemBuilder builder(17);
  for (int person = 0; person < 500; ++person) {
    const auto direction = builder.Person();
    for (int item = 0; item <= person % 9; ++item) builder.Add(direction, 0.93);
  }
  const ClusterProblem& problem = builder.problem();
  const auto by_net = ByNet();
  for (const int exact_up_to : {100000, 0}) {  // all products, and lists
    NeighbourOptions options{.neighbours = 8, .exact_up_to = exact_up_to};
    const auto expected = NeighbourGraph::Build(problem, LinearRule(), options);
    options.products = by_net.get();
    const auto found = NeighbourGraph::Build(problem, LinearRule(), options);
    ASSERT_TRUE(expected.ok() && found.ok());
    for (int node = 0; node < problem.items; ++node) {
      ASSERT_EQ(found->of(node).size(), expected->of(node).size());
      for (size_t i = 0; i < found->of(node).size(); ++i) {
        EXPECT_EQ(found->of(node)[i].node, expected->of(node)[i].node);
        EXPECT_EQ(found->of(node)[i].score, expected->of(node)[i].score);
      }
    }
  }
}

TEST(DeviceProducts, PersonsAreTheSameCopiesOfOneVectorToo) {
  const ClusterProblem problem = WithCopies();
  for (const std::string method : {"hybrid", "dbscan"}) {
    ClusterOptions options;
    const auto expected = FindPersons(problem, LinearRule(), options, *PartitionerOf(method));
    options.products = ByNet();
    const auto found = FindPersons(problem, LinearRule(), options, *PartitionerOf(method));
    ASSERT_TRUE(expected.ok() && found.ok()) << method;
    EXPECT_GT(expected->persons, 100) << method;
    EXPECT_EQ(found->person_of, expected->person_of) << method;
    EXPECT_EQ(found->confidence, expected->confidence) << method;
    EXPECT_EQ(found->suggestions.size(), expected->suggestions.size()) << method;
  }
}

}  // namespace
}  // namespace crossface
