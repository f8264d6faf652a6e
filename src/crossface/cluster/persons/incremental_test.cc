#include "crossface/cluster/persons/incremental.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/cluster/methods/hybrid.h"
#include "crossface/cluster/persons/metrics.h"

namespace crossface {
namespace {

using testing::LinearRule;
using testing::ProblemBuilder;

std::vector<int> Numbered(const std::vector<int>& person_of) {
  std::vector<int> numbers, result;
  for (const int person : person_of) {
    auto found = std::find(numbers.begin(), numbers.end(), person);
    if (person >= 0 && found == numbers.end()) found = numbers.insert(numbers.end(), person);
    result.push_back(person < 0 ? person : static_cast<int>(found - numbers.begin()));
  }
  return result;
}

ClusterAnswer Anew(const ClusterProblem& problem) {
  return *FindPersons(problem, LinearRule(), {}, PartitionByAgreement);
}
ClusterAnswer Added(const ClusterProblem& problem, const std::vector<int>& before) {
  return *ClusterIncrementally(problem, LinearRule(), {}, PartitionByAgreement, before);
}

// 40 people of 5 items.
ClusterProblem Forty(std::vector<std::vector<float>>* directions, ProblemBuilder* builder) {
  for (int person = 0; person < 40; ++person) {
    directions->push_back(builder->Person());
    for (int item = 0; item < 5; ++item) builder->Add(directions->back(), 0.95);
  }
  return builder->problem();
}

TEST(IncrementalTest, OneMoreItemJoinsItsPersonAndTheOthersAreNotEvenLookedAt) {
  ProblemBuilder builder(3);
  std::vector<std::vector<float>> directions;
  Forty(&directions, &builder);
  std::vector<int> before = Anew(builder.problem()).person_of;
  // What a reviewer would never leave so, but no new item touches: it must stay.
  std::swap(before[0], before[5]);
  builder.Add(directions[17], 0.95);
  before.push_back(kNew);
  const ClusterAnswer answer = Added(builder.problem(), before);
  EXPECT_EQ(answer.person_of.back(), answer.person_of[17 * 5]);
  EXPECT_GT(answer.confidence.back(), 0.9f);
  EXPECT_LT(answer.confidence[0], 0);
  EXPECT_EQ(answer.person_of[0], answer.person_of[6]);
  EXPECT_EQ(answer.person_of[5], answer.person_of[1]);
  EXPECT_EQ(answer.persons, 40);
}

TEST(IncrementalTest, ANewPersonAndAConstraintThatNoLongerHolds) {
  ProblemBuilder builder(3);
  std::vector<std::vector<float>> directions;
  Forty(&directions, &builder);
  std::vector<int> before = Anew(builder.problem()).person_of;
  for (int item = 0; item < 3; ++item) {
    builder.Add(builder.Person(), 0.95);
    before.push_back(kNew);
  }
  builder.problem().must_links = {{0, 5}};
  builder.problem().cannot_links = {{10, 11}};
  const ClusterAnswer answer = Added(builder.problem(), before);
  EXPECT_EQ(answer.persons, 40 + 3 - 1 + 1);
  EXPECT_EQ(answer.person_of[4], answer.person_of[9]) << "persons stay whole";
  EXPECT_EQ(answer.person_of[0], answer.person_of[5]);
  EXPECT_NE(answer.person_of[10], answer.person_of[11]);
}

TEST(IncrementalTest, ANewItemThatMustBeWithOneOfAPersonAndMayNotBeWithAnother) {
  ProblemBuilder builder(3);
  std::vector<std::vector<float>> directions;
  Forty(&directions, &builder);
  std::vector<int> before = Anew(builder.problem()).person_of;
  const int added = builder.Add(directions[17], 0.95);
  before.push_back(kNew);
  builder.problem().must_links = {{added, 17 * 5}};
  builder.problem().cannot_links = {{added, 17 * 5 + 1}};
  const ClusterAnswer answer = Added(builder.problem(), before);
  EXPECT_EQ(answer.person_of[added], answer.person_of[17 * 5]);
  EXPECT_NE(answer.person_of[added], answer.person_of[17 * 5 + 1]);
}

TEST(IncrementalTest, APersonOnTwoSidesOfAPartingIsDividedAndOthersStayApart) {
  ProblemBuilder builder(3);
  std::vector<std::vector<float>> directions;
  Forty(&directions, &builder);
  std::vector<int> before = Anew(builder.problem()).person_of;
  const int added = builder.Add(directions[17], 0.95);
  before.push_back(kNew);
  builder.problem().partings = {{{10, 12}, {11}, {20}}, {{added}, {17 * 5, 17 * 5 + 1, 17 * 5 + 2}}};
  const ClusterAnswer answer = Added(builder.problem(), before);
  EXPECT_EQ(answer.person_of[10], answer.person_of[12]);
  EXPECT_NE(answer.person_of[10], answer.person_of[11]);
  EXPECT_EQ(answer.person_of[20], answer.person_of[21]) << "persons stay whole";
  EXPECT_NE(answer.person_of[added], answer.person_of[17 * 5]);
}

TEST(IncrementalTest, AChangedPersonIsComparedWithWhomNobodyHasAndStaysWhole) {
  ProblemBuilder builder(3);
  std::vector<std::vector<float>> directions;
  Forty(&directions, &builder);
  const std::vector<int> all = Anew(builder.problem()).person_of;
  std::vector<int> before = all;
  before[17 * 5] = kUnassigned;
  before[20 * 5] = kUnassigned;
  // Items of two people, as a correction has it.
  std::swap(before[17 * 5 + 1], before[3 * 5]);
  const auto answer =
      *ClusterIncrementally(builder.problem(), LinearRule(), {}, PartitionByAgreement, before, {all[17 * 5]});
  EXPECT_EQ(answer.person_of[17 * 5], answer.person_of[17 * 5 + 2]) << "joins";
  EXPECT_EQ(answer.person_of[3 * 5], answer.person_of[17 * 5 + 2]) << "stays whole";
  EXPECT_EQ(answer.person_of[20 * 5], kUnassigned) << "near nobody who changed";
  const auto unchanged = Added(builder.problem(), before);
  EXPECT_EQ(Numbered(unchanged.person_of), Numbered(before));
}

TEST(IncrementalTest, NewItemsHaveReasonsAndThoseThatNothingTouchesKeepTheirs) {
  ProblemBuilder builder(3);
  std::vector<std::vector<float>> directions;
  Forty(&directions, &builder);
  const int old = builder.Add(builder.Person(), 0.95, false);
  std::vector<int> before = Anew(builder.problem()).person_of;
  ASSERT_EQ(before[old], kUnassigned);
  const int alone = builder.Add(builder.Person(), 0.95, false), joining = builder.Add(directions[3], 0.95);
  before.resize(before.size() + 2, kNew);
  const ClusterAnswer answer = Added(builder.problem(), before);
  EXPECT_EQ(answer.person_of[joining], answer.person_of[3 * 5]);
  EXPECT_EQ(answer.reason[joining], UnassignedReason::kNone);
  EXPECT_EQ(answer.reason[alone], UnassignedReason::kAlone);
  EXPECT_LT(answer.confidence[old], 0);
  EXPECT_EQ(answer.reason[old], UnassignedReason::kNone) << "it is what it was";
}

TEST(IncrementalTest, SplitAnywhereItEndsAsIfGroupedAtOnce) {
  const bool held = rc::check([] {
    ProblemBuilder builder(*rc::gen::arbitrary<uint32_t>());
    std::vector<std::vector<float>> directions;
    for (int person = 0; person < 12; ++person) directions.push_back(builder.Person());
    const int items = *rc::gen::inRange(20, 90);
    for (int item = 0; item < items; ++item) {
      builder.Add(directions[*rc::gen::inRange(0, 12)], 0.95,
                  *rc::gen::weightedElement<bool>({{5, true}, {1, false}}));
    }
    const ClusterAnswer whole = Anew(builder.problem());
    const int first = *rc::gen::inRange(1, items);
    ClusterProblem part = builder.problem();
    part.items = first;
    part.quality.resize(static_cast<size_t>(first));
    part.may_form.resize(static_cast<size_t>(first));
    part.templates[0].rows.resize(static_cast<size_t>(first) * ProblemBuilder::kDimensions);
    part.templates[0].present.resize(static_cast<size_t>(first));
    std::vector<int> before = Anew(part).person_of;
    before.resize(static_cast<size_t>(items), kNew);
    RC_ASSERT(Numbered(Added(builder.problem(), before).person_of) == Numbered(whole.person_of));
  });
  EXPECT_TRUE(held);
}

TEST(IncrementalTest, APersonsListOfAnotherSizeIsRefused) {
  ProblemBuilder builder(3);
  builder.Add(builder.Person(), 0.95);
  EXPECT_EQ(
      ClusterIncrementally(builder.problem(), LinearRule(), {}, PartitionByAgreement, {0, 1}).status().code(),
      StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace crossface
