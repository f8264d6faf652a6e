// What every method on the neighbour graph must do, whatever its answer's quality.
#include "crossface/cluster/persons/graph_clusterer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <set>

#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/cluster/persons/metrics.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using testing::LinearRule;
using testing::ProblemBuilder;

[[maybe_unused]] const int kSeeded = ::setenv("RC_PARAMS", "seed=20240305", 1);

class GraphMethodTest : public ::testing::TestWithParam<const char*> {
 protected:
  Result<ClusterAnswer> Cluster(const ClusterProblem& problem, const ClusterOptions& options = {}) const {
    return FindPersons(problem, LinearRule(), options, *PartitionerOf(GetParam()));
  }
};

TEST_P(GraphMethodTest, FindsPeopleWithoutBeingToldHowMany) {
  for (const int people : {2, 10, 40}) {
    ProblemBuilder builder(7);
    std::vector<int> truth;
    for (int person = 0; person < people; ++person) {
      const auto direction = builder.Person();
      for (int item = 0; item < 4 + person % 6; ++item) {
        builder.Add(direction, 0.95);
        truth.push_back(person);
      }
    }
    const auto answer = Cluster(builder.problem());
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_GE(CompareClusterings(truth, answer->person_of).pairwise.F(), 0.95) << people;
  }
}

TEST_P(GraphMethodTest, NothingOneAndIdenticalTracks) {
  EXPECT_EQ(Cluster(ClusterProblem())->persons, 0);
  ProblemBuilder one(3);
  one.Add(one.Person(), 0.9);
  EXPECT_EQ(Cluster(one.problem())->persons, 1);
  ProblemBuilder same(3);
  const auto person = same.Person();
  for (int i = 0; i < 60; ++i) same.AddVector(person, true, 0.9f);
  const auto answer = Cluster(same.problem());
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(answer->persons, 1);
}

TEST_P(GraphMethodTest, PoorTracksJoinButNeverForm) {
  ProblemBuilder builder(5);
  const auto anna = builder.Person(), ghost = builder.Person();
  for (int i = 0; i < 5; ++i) builder.Add(anna, 0.95);
  const int blurred = builder.Add(anna, 0.93, false, 0.2f);
  const int unknown = builder.Add(ghost, 0.98, false, 0.1f);
  const auto answer = Cluster(builder.problem());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->person_of[blurred], answer->person_of[0]);
  EXPECT_EQ(answer->person_of[unknown], -1);
}

TEST_P(GraphMethodTest, StopsWhenAsked) {
  ProblemBuilder builder(5);
  const auto anna = builder.Person();
  for (int i = 0; i < 20; ++i) builder.Add(anna, 0.9);
  const auto answer = Cluster(builder.problem(), {.stop = testing::Stopped()});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.status().code(), StatusCode::kInterrupted);
}

TEST_P(GraphMethodTest, BadProblemsAreRefused) {
  ProblemBuilder builder(5);
  for (int i = 0; i < 3; ++i) builder.Add(builder.Person(), 0.9);
  ClusterProblem contradictory = builder.problem();
  contradictory.must_links = {{0, 1}, {1, 2}};
  contradictory.cannot_links = {{2, 0}};
  EXPECT_THAT(Cluster(contradictory).status().message(), ::testing::HasSubstr("2-1-0"));
  ClusterProblem broken = builder.problem();
  broken.templates[0].rows[0] = NAN;
  EXPECT_EQ(Cluster(broken).status().code(), StatusCode::kInvalidArgument);
}

TEST_P(GraphMethodTest, EveryConstraintHolds) {
  const bool held = rc::check([&] {
    const int people = *rc::gen::inRange(1, 5), items = *rc::gen::inRange(1, 40);
    ProblemBuilder builder(*rc::gen::arbitrary<uint32_t>());
    std::vector<std::vector<float>> directions;
    for (int person = 0; person < people; ++person) directions.push_back(builder.Person());
    for (int i = 0; i < items; ++i) {
      builder.Add(directions[*rc::gen::inRange(0, people)], 0.95,
                  *rc::gen::weightedElement<bool>({{4, true}, {1, false}}));
    }
    ClusterProblem problem = builder.problem();
    // More constraints than tracks, at times; those that contradict what is there already are left out.
    const int links = *rc::gen::inRange(0, 2 * items);
    for (int i = 0; i < links; ++i) {
      ClusterProblem more = problem;
      auto& list = *rc::gen::arbitrary<bool>() ? more.must_links : more.cannot_links;
      list.emplace_back(*rc::gen::inRange(0, items), *rc::gen::inRange(0, items));
      if (more.Check().ok()) problem = more;
    }
    const auto answer = Cluster(problem);
    RC_ASSERT(answer.ok());
    for (const auto& [a, b] : problem.must_links) RC_ASSERT(answer->person_of[a] == answer->person_of[b]);
    for (const auto& [a, b] : problem.cannot_links) {
      RC_ASSERT(answer->person_of[a] < 0 || answer->person_of[a] != answer->person_of[b]);
    }
    std::set<int> persons(answer->person_of.begin(), answer->person_of.end());
    persons.erase(-1);
    RC_ASSERT(static_cast<int>(persons.size()) == answer->persons);
  });
  EXPECT_TRUE(held);
}

// The pairs of a parting, one by one, say the same.
TEST_P(GraphMethodTest, APartingIsWhatItsPairsAre) {
  const bool same = rc::check([&] {
    const int people = *rc::gen::inRange(1, 6), items = *rc::gen::inRange(2, 50);
    ProblemBuilder builder(*rc::gen::arbitrary<uint32_t>());
    std::vector<std::vector<float>> directions;
    for (int person = 0; person < people; ++person) directions.push_back(builder.Person());
    for (int i = 0; i < items; ++i) {
      builder.Add(directions[*rc::gen::inRange(0, people)], *rc::gen::element(0.7, 0.85, 0.95),
                  *rc::gen::weightedElement<bool>({{4, true}, {1, false}}));
    }
    ClusterProblem in_partings = builder.problem(), in_pairs = builder.problem();
    const int partings = *rc::gen::inRange(1, 4);
    for (int number = 0; number < partings; ++number) {
      const int sides = *rc::gen::inRange(2, 5);
      Parting parting(static_cast<size_t>(sides));
      for (int item = 0; item < items; ++item) {
        if (const int side = *rc::gen::inRange(-sides, sides); side >= 0) parting[side].push_back(item);
      }
      for (size_t one = 0; one < parting.size(); ++one) {
        for (size_t other = one + 1; other < parting.size(); ++other) {
          for (const int a : parting[one]) {
            for (const int b : parting[other]) in_pairs.cannot_links.emplace_back(a, b);
          }
        }
      }
      in_partings.partings.push_back(std::move(parting));
    }
    const auto one = Cluster(in_partings), other = Cluster(in_pairs);
    RC_ASSERT(one.ok() && other.ok());
    RC_ASSERT(one->person_of == other->person_of);
    RC_ASSERT(one->confidence == other->confidence);
    RC_ASSERT(one->cohesion == other->cohesion);
    RC_ASSERT(one->suggestions.size() == other->suggestions.size());
  });
  EXPECT_TRUE(same);
}

INSTANTIATE_TEST_SUITE_P(Methods, GraphMethodTest,
                         ::testing::Values("agglomerative", "communities", "dbscan", "hybrid", "kmeans",
                                           "spectral"),
                         [](const auto& method) { return std::string(method.param); });

}  // namespace
}  // namespace crossface
