#include "crossface/cluster/graph/cohort.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/embed/pair_scorer.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using testing::LinearRule;
using testing::ProblemBuilder;

// Cosines of the builder's strangers have a standard deviation of an eighth: in these units they are normal.
ScoreRule PooledRule() {
  ScoreRule rule = LinearRule();
  rule.pooled = [](std::span<const float> cosines) { return 8 * cosines[0]; };
  return rule;
}

// Strangers of one light: all at this cosine to what they share.
ClusterProblem Strangers(double alike, int people, uint32_t seed = 7) {
  ProblemBuilder builder(seed);
  const std::vector<float> shared = builder.Person();
  for (int i = 0; i < people; ++i) builder.Add(shared, alike);
  return builder.problem();
}

std::vector<CohortScore> Measure(const ClusterProblem& problem) {
  const auto cohorts = MeasureCohorts(problem, PooledRule(), {});
  EXPECT_TRUE(cohorts.ok());
  return cohorts.ok() ? *cohorts : std::vector<CohortScore>(static_cast<size_t>(problem.items));
}

double MeanOf(const std::vector<CohortScore>& cohorts) {
  double sum = 0;
  for (const CohortScore& cohort : cohorts) sum += cohort.mean;
  return sum / static_cast<double>(cohorts.size());
}

TEST(CohortTest, StrangersWhoAreAlikeSaySo) {
  EXPECT_LT(MeanOf(Measure(Strangers(0, 200))), 0.15) << "as elsewhere";
  // A shared direction at cosine .5 gives pairs of strangers a cosine of .25: two standard deviations.
  EXPECT_NEAR(MeanOf(Measure(Strangers(0.5, 200))), 2, 0.3);
}

TEST(CohortTest, APersonOfManyItemsMovesLittle) {
  ProblemBuilder builder(3);
  const std::vector<float> person = builder.Person();
  for (int i = 0; i < 60; ++i) builder.Add(person, 0.93);
  for (int i = 0; i < 20; ++i) builder.Add(builder.Person(), 0.9);
  EXPECT_LT(MeanOf(Measure(builder.problem())), 0.5);
}

TEST(CohortTest, WhoIsNotOnePersonIsCountedHoweverAlike) {
  ClusterProblem problem = Strangers(0.9, 40);
  const double free = MeanOf(Measure(problem));
  for (int a = 0; a < 40; ++a) {
    for (int b = 0; b < a; ++b) problem.cannot_links.emplace_back(a, b);
  }
  EXPECT_LT(free, 1) << "alike as one person is, and nobody says otherwise";
  EXPECT_GT(MeanOf(Measure(problem)), 3);
}

TEST(CohortTest, MustLinkedItemsAreNoStrangers) {
  ClusterProblem problem = Strangers(0.6, 60);
  const double before = MeanOf(Measure(problem));
  for (int item = 1; item < 60; ++item) problem.must_links.emplace_back(0, item);
  EXPECT_GT(before, 1);
  EXPECT_EQ(MeanOf(Measure(problem)), 0) << "nobody is left to ask, and the evidence is full";
}

TEST(CohortTest, WhereFewCanBeAskedTheEvidenceSpeaks) {
  ClusterProblem problem = Strangers(0, 3);
  problem.evidence = {1, 0.5f, 0};
  const std::vector<CohortScore> cohorts = Measure(problem);
  EXPECT_LT(cohorts[0].mean, 0.2);
  EXPECT_GT(cohorts[1].mean, 0.4);
  EXPECT_GE(cohorts[2].mean, LeastCohort(0).mean);
  EXPECT_EQ(LeastCohort(0.6f).mean, 0);
}

TEST(CohortTest, NothingIsKnownUnderARuleThatDoesNotPool) {
  const auto cohorts = MeasureCohorts(Strangers(0.9, 10), LinearRule(), {});
  ASSERT_TRUE(cohorts.ok());
  EXPECT_EQ(MeanOf(*cohorts), 0);
}

TEST(CohortTest, StopsWhenAsked) {
  EXPECT_EQ(MeasureCohorts(Strangers(0, 10), PooledRule(), testing::Stopped()).status().code(),
            StatusCode::kInterrupted);
}

RC_GTEST_PROP(CohortTest, NeverRelaxesAndDoesNotDependOnTheOrder, ()) {
  const int people = *rc::gen::inRange(1, 60);
  ClusterProblem problem =
      Strangers(*rc::gen::inRange(0, 95) / 100.0, people, *rc::gen::arbitrary<uint32_t>());
  const std::vector<CohortScore> forward = Measure(problem);
  ClusterProblem turned = problem;
  TemplateMatrix& matrix = turned.templates[0];
  for (int item = 0; item < people; ++item) {
    std::copy_n(problem.templates[0].row(static_cast<size_t>(people - 1 - item)), matrix.dimensions,
                matrix.rows.begin() + static_cast<ptrdiff_t>(item) * matrix.dimensions);
  }
  const std::vector<CohortScore> backward = Measure(turned);
  for (int item = 0; item < people; ++item) {
    RC_ASSERT(forward[item].mean >= 0 && forward[item].spread >= 1);
    RC_ASSERT(std::abs(forward[item].mean - backward[people - 1 - item].mean) < 1e-3f);
  }
}

TEST(CohortTest, AScoreIsJudgedByWhereItStands) {
  const auto scorer = PairScorer::Create({"arcface_ms1m"});
  ASSERT_TRUE(scorer.ok());
  const std::vector<float> cosine = {0.55f};
  const float usual = scorer->LogOdds(cosine, 0.9f, 0.9f);
  const CohortScore alike{.mean = 2, .spread = 1}, wide{.mean = 0, .spread = 1.4f};
  EXPECT_LT(scorer->LogOdds(cosine, {0.9f, alike}, {0.9f, alike}), usual - 5);
  EXPECT_LT(scorer->LogOdds(cosine, {0.9f, wide}, {0.9f, wide}), usual - 3);
  EXPECT_FLOAT_EQ(scorer->LogOdds(cosine, {0.9f, alike}, 0.9f), scorer->LogOdds(cosine, 0.9f, {0.9f, alike}));
}

}  // namespace
}  // namespace crossface
