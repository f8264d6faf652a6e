#include "crossface/cluster/known_strangers.h"

#include <gtest/gtest.h>

#include "crossface/cluster/cluster_problem_builder.h"

namespace crossface {
namespace {

using testing::LinearRule;
using testing::ProblemBuilder;

constexpr double kRate = 1e-4;

// People of one scene: all at this cosine to what they share; each on the screen with the next.
ClusterProblem Scene(double alike, int people) {
  ProblemBuilder builder(7);
  const std::vector<float> shared = builder.Person();
  for (int i = 0; i < people; ++i) builder.Add(shared, alike);
  for (int i = 0; i + 1 < people; ++i) builder.problem().cannot_links.emplace_back(i, i + 1);
  return builder.problem();
}

TEST(KnownStrangersTest, PeopleOfOneSceneWhoAreAlikeAskForMore) {
  const ScoreRule usual = LinearRule();
  const float before = usual.threshold_for(kRate);
  EXPECT_FLOAT_EQ(RuleAmongKnownStrangers(Scene(0, 100), usual).threshold_for(kRate), before)
      << "strangers as elsewhere";
  const float asked = RuleAmongKnownStrangers(Scene(0.8, 100), usual).threshold_for(kRate);
  EXPECT_GT(asked, before);
  EXPECT_GT(RuleAmongKnownStrangers(Scene(0.8, 400), usual).threshold_for(kRate), asked)
      << "the more speak, the more they are heard";
}

TEST(KnownStrangersTest, NobodyOnTheScreenTogetherChangesNothing) {
  ClusterProblem problem = Scene(0.8, 50);
  problem.cannot_links.clear();
  const ScoreRule usual = LinearRule();
  EXPECT_EQ(RuleAmongKnownStrangers(problem, usual).threshold_for(kRate), usual.threshold_for(kRate));
}

TEST(KnownStrangersTest, WhatMayNotFoundAPersonSpeaksForNobody) {
  ClusterProblem problem = Scene(0.8, 50);
  problem.may_form.assign(problem.may_form.size(), 0);
  const ScoreRule usual = LinearRule();
  EXPECT_EQ(RuleAmongKnownStrangers(problem, usual).threshold_for(kRate), usual.threshold_for(kRate));
}

TEST(KnownStrangersTest, AFewFacesFoundTwiceMoveNothing) {
  ProblemBuilder builder(3);
  for (int i = 0; i < 100; ++i) {
    const std::vector<float> person = builder.Person();
    builder.Add(person, i < 5 ? 0.99 : 0);
    builder.Add(person, i < 5 ? 0.99 : 0);
    builder.problem().cannot_links.emplace_back(2 * i, 2 * i + 1);
  }
  const ScoreRule usual = LinearRule();
  EXPECT_NEAR(RuleAmongKnownStrangers(builder.problem(), usual).threshold_for(kRate), usual.threshold_for(kRate), 0.5);
}

}  // namespace
}  // namespace crossface
