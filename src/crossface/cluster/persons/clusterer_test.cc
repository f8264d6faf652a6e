#include "crossface/cluster/persons/clusterer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "crossface/cluster/graph/made_problem_for_test.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using testing::ProblemBuilder;

ClusterProblem ThreeItems() {
  ProblemBuilder builder(1);
  for (int i = 0; i < 3; ++i) builder.Add(builder.Person(), 0.9);
  return builder.problem();
}

void ExpectRefused(const ClusterProblem& problem, const std::string& reason) {
  const Status status = problem.Check();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr(reason));
}

TEST(ClusterProblemTest, SoundProblemsPass) {
  EXPECT_TRUE(ThreeItems().Check().ok());
  EXPECT_TRUE(ClusterProblem().Check().ok());
}

TEST(ClusterProblemTest, SizesThatDoNotFitAreRefused) {
  ClusterProblem problem = ThreeItems();
  problem.quality.pop_back();
  ExpectRefused(problem, "3 items, but 2 qualities");
  problem = ThreeItems();
  problem.templates[0].rows.pop_back();
  ExpectRefused(problem, "templates of synthetic");
  problem = ThreeItems();
  problem.templates[0].dimensions = 0;
  ExpectRefused(problem, "no dimensions");
  problem = ThreeItems();
  problem.quality[1] = NAN;
  ExpectRefused(problem, "quality of item 1");
}

TEST(ClusterProblemTest, BadVectorsAreRefusedUnlessAbsent) {
  for (const float bad : {NAN, INFINITY, 3.0f}) {
    ClusterProblem problem = ThreeItems();
    problem.templates[0].rows[2 * ProblemBuilder::kDimensions] = bad;
    ExpectRefused(problem, "template of item 2 by synthetic");
    problem.templates[0].present[2] = 0;
    EXPECT_TRUE(problem.Check().ok());
  }
  ClusterProblem zero = ThreeItems();
  std::fill(zero.templates[0].rows.begin(), zero.templates[0].rows.begin() + ProblemBuilder::kDimensions,
            0.0f);
  ExpectRefused(zero, "item 0");
}

TEST(ClusterProblemTest, ContradictionsAreNamed) {
  ClusterProblem problem = ThreeItems();
  problem.must_links = {{0, 1}, {1, 2}};
  problem.cannot_links = {{2, 0}};
  ExpectRefused(problem, "2-1-0");
}

TEST(CreateClustererTest, KnowsItsMethods) {
  for (const std::string& method : ClusteringMethods()) {
    const auto clusterer = CreateClusterer(method, {});
    ASSERT_TRUE(clusterer.ok());
    EXPECT_EQ((*clusterer)->name(), method);
  }
  const auto unknown = CreateClusterer("tea-leaves", {});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(unknown.status().message(), HasSubstr("agglomerative"));
}

}  // namespace
}  // namespace crossface
