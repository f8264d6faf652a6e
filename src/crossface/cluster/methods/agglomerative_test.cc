#include "crossface/cluster/methods/agglomerative.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "crossface/cluster/graph/made_problem_for_test.h"
#include "crossface/cluster/persons/find_persons.h"
#include "crossface/cluster/persons/join_best.h"
#include "crossface/cluster/persons/metrics.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::LinearRule;
using testing::ProblemBuilder;

Result<ClusterAnswer> ClusterAgglomeratively(const ClusterProblem& problem, const ScoreRule& rule,
                                             const ClusterOptions& options) {
  return FindPersons(problem, rule, options, PartitionByLinkage);
}

ClusterAnswer Cluster(const ClusterProblem& problem, Profile profile = Profile::kBalanced) {
  auto answer = ClusterAgglomeratively(problem, LinearRule(), {.profile = profile, .stop = {}});
  if (!answer.ok()) throw std::runtime_error(answer.status().message());
  return *std::move(answer);
}

TEST(AgglomerativeTest, FindsPeopleOfAllSizesWithoutBeingToldHowMany) {
  for (const int people : {1, 2, 10, 60}) {
    ProblemBuilder builder(7);
    std::vector<int> truth;
    for (int person = 0; person < people; ++person) {
      const auto direction = builder.Person();
      for (int item = 0; item <= person % 9; ++item) {
        builder.Add(direction, 0.93);
        truth.push_back(person);
      }
    }
    const ClusterAnswer answer = Cluster(builder.problem());
    EXPECT_EQ(answer.persons, people);
    EXPECT_EQ(CompareClusterings(truth, answer.person_of).pairwise.F(), 1) << people;
    EXPECT_THAT(answer.confidence, Each(::testing::Gt(0.9f)));
  }
}

TEST(AgglomerativeTest, PersonsAreNumberedByFirstItemAndOneTrackIsAPerson) {
  ProblemBuilder builder(3);
  const auto anna = builder.Person(), ben = builder.Person(), cleo = builder.Person();
  for (const auto* person : {&ben, &anna, &ben, &cleo, &anna}) builder.Add(*person, 0.95);
  EXPECT_THAT(Cluster(builder.problem()).person_of, ElementsAre(0, 1, 0, 2, 1));
}

TEST(AgglomerativeTest, EmptyAndSingleProblems) {
  EXPECT_EQ(Cluster(ClusterProblem()).persons, 0);
  ProblemBuilder builder(3);
  builder.Add(builder.Person(), 0.9);
  const ClusterAnswer answer = Cluster(builder.problem());
  EXPECT_THAT(answer.person_of, ElementsAre(0));
  EXPECT_FLOAT_EQ(answer.confidence[0], 0.999f) << "no score is a certainty";
}

TEST(AgglomerativeTest, IdenticalTracksAreOnePerson) {
  ProblemBuilder builder(3);
  const auto person = builder.Person();
  for (int i = 0; i < 300; ++i) builder.AddVector(person, true, 0.9f);
  EXPECT_EQ(Cluster(builder.problem()).persons, 1);
}

TEST(AgglomerativeTest, PoorTracksJoinButNeverForm) {
  ProblemBuilder builder(5);
  const auto anna = builder.Person(), ghost = builder.Person();
  for (int i = 0; i < 4; ++i) builder.Add(anna, 0.95);
  const int blurred = builder.Add(anna, 0.9, false, 0.2f);
  const int back_of_head = builder.Add(ghost, 0.98, false, 0.1f),
            again = builder.Add(ghost, 0.98, false, 0.1f);
  const ClusterAnswer answer = Cluster(builder.problem());
  EXPECT_EQ(answer.persons, 1);
  EXPECT_EQ(answer.person_of[blurred], 0);
  EXPECT_EQ(answer.person_of[back_of_head], -1) << "two poor tracks alike must not become a person";
  EXPECT_EQ(answer.person_of[again], -1);
  EXPECT_EQ(answer.confidence[again], 0);
  EXPECT_EQ(answer.reason[blurred], UnassignedReason::kNone);
  EXPECT_EQ(answer.reason[back_of_head], UnassignedReason::kAlone);
  EXPECT_EQ(answer.reason[again], UnassignedReason::kAlone);
}

// In the plane and beside it: cosines to the first axis, the second makes the length up.
std::vector<float> Direction(float first, float second, float third = 0) {
  std::vector<float> vector(ProblemBuilder::kDimensions);
  vector[0] = first;
  vector[1] = second;
  vector[2] = third;
  return vector;
}

TEST(AgglomerativeTest, ALoneTrackJoinsByItsBestThreeScoresUnlessAnotherIsNear) {
  // Anna from the front and from the side (.8: a score of 12), and once more from the side with a cap: 8 to
  // the pictures from the side, 2.4 to the others; 5.2 on average is less than any person is formed at, 7.2
  // joins.
  const float cap = std::sqrt(1 - 0.7f * 0.7f);
  ProblemBuilder builder(5);
  for (int i = 0; i < 3; ++i) builder.AddVector(Direction(1, 0), true, 0.9f);
  for (int i = 0; i < 3; ++i) builder.AddVector(Direction(0.8f, 0.6f), true, 0.9f);
  builder.AddVector(Direction(0.7f * 0.8f, 0.7f * 0.6f, cap), true, 0.9f);
  EXPECT_THAT(Cluster(builder.problem()).person_of, ElementsAre(0, 0, 0, 0, 0, 0, 0));
  // Somebody else at a score of 6 to it.
  const float away = std::sqrt(1 - 0.65f * 0.65f / (cap * cap));
  std::vector<float> other = Direction(0, 0, 0.65f / cap);
  other[3] = away;
  builder.AddVector(other, true, 0.9f);
  EXPECT_THAT(Cluster(builder.problem()).person_of, ElementsAre(0, 0, 0, 0, 0, 0, 1, 2));
}

TEST(AgglomerativeTest, APoorTrackBetweenTwoPeopleStaysOut) {
  ProblemBuilder builder(5);
  const auto anna = builder.Person();
  auto sister = builder.Person();
  for (size_t d = 0; d < sister.size(); ++d) sister[d] = 0.6f * anna[d] + 0.8f * sister[d];
  double squares = 0;
  for (const float value : sister) squares += value * value;
  for (float& value : sister) value /= static_cast<float>(std::sqrt(squares));
  std::vector<float> between(anna.size());
  squares = 0;
  for (size_t d = 0; d < between.size(); ++d) squares += std::pow(between[d] = anna[d] + sister[d], 2);
  for (float& value : between) value /= static_cast<float>(std::sqrt(squares));
  for (int i = 0; i < 4; ++i) builder.Add(anna, 0.98);
  for (int i = 0; i < 4; ++i) builder.Add(sister, 0.98);
  const int unclear = builder.AddVector(between, false, 0.3f);
  const ClusterAnswer both = Cluster(builder.problem());
  ASSERT_EQ(both.persons, 2);
  EXPECT_EQ(both.person_of[unclear], -1);
  EXPECT_EQ(both.reason[unclear], UnassignedReason::kInDoubt);
  // Seen on screen together with the sister it can only be Anna.
  builder.problem().cannot_links = {{unclear, 5}};
  EXPECT_EQ(Cluster(builder.problem()).person_of[unclear], 0);
  EXPECT_EQ(Cluster(builder.problem()).reason[unclear], UnassignedReason::kNone);
}

TEST(AgglomerativeTest, WhoIsLikeSomebodyButNotQuiteIsInDoubtAndWhoIsFartherIsAlone) {
  const auto reason_at = [](float score) {
    ProblemBuilder builder(5);
    const float cosine = (score + 20) / 40;
    for (int i = 0; i < 3; ++i) builder.AddVector(Direction(1, 0), true, 0.9f);
    for (int i = 0; i < 3; ++i) builder.AddVector(Direction(0, 0, 1), true, 0.9f);
    const int poor = builder.AddVector(Direction(cosine, std::sqrt(1 - cosine * cosine)), false, 0.3f);
    const ClusterAnswer answer = Cluster(builder.problem());
    EXPECT_EQ(answer.person_of[poor] == 0, answer.reason[poor] == UnassignedReason::kNone);
    return answer.reason[poor];
  };
  // On the way down it is in doubt over a stretch of kJoinMargin, and alone below.
  float joins = 12, alone = -15;
  for (float score = 12; score > -15; score -= 0.25f) {
    const UnassignedReason reason = reason_at(score);
    if (reason == UnassignedReason::kNone) joins = score;
    if (reason == UnassignedReason::kAlone) alone = std::max(alone, score);
  }
  EXPECT_NEAR(joins - alone, kJoinMargin, 0.3);
  EXPECT_EQ(reason_at(joins - 0.5f), UnassignedReason::kInDoubt);
}

TEST(AgglomerativeTest, TwoPoorTracksOnScreenTogetherAreNotOnePerson) {
  ProblemBuilder builder(5);
  const auto anna = builder.Person();
  for (int i = 0; i < 4; ++i) builder.Add(anna, 0.97);
  const int far = builder.Add(anna, 0.9, false), near = builder.Add(anna, 0.96, false);
  builder.problem().cannot_links = {{far, near}};
  const ClusterAnswer answer = Cluster(builder.problem());
  EXPECT_EQ(answer.person_of[near], 0);
  EXPECT_EQ(answer.person_of[far], -1);
  EXPECT_EQ(answer.reason[far], UnassignedReason::kInDoubt) << "somebody is like it, but cannot be it";
}

TEST(AgglomerativeTest, TracksWithoutTemplateFollowTheirMustLinksOnly) {
  ProblemBuilder builder(5);
  const auto anna = builder.Person();
  builder.Add(anna, 0.95);
  const int linked = builder.AddWithoutTemplate(), alone = builder.AddWithoutTemplate();
  builder.problem().must_links = {{0, linked}};
  const ClusterAnswer answer = Cluster(builder.problem());
  EXPECT_EQ(answer.person_of[linked], 0);
  EXPECT_FLOAT_EQ(answer.confidence[linked], 0.999f);
  EXPECT_EQ(answer.person_of[alone], -1);
  EXPECT_EQ(answer.reason[linked], UnassignedReason::kNone);
  EXPECT_EQ(answer.reason[alone], UnassignedReason::kAlone);
}

TEST(AgglomerativeTest, AStricterProfileNeedsMore) {
  // Two tracks at cosine .72: score 8.8. The threshold is -2 log10(rate).
  ProblemBuilder builder(11);
  const auto anna = builder.Person();
  builder.AddVector(anna, true, 0.9f);
  builder.Add(anna, 0.72);
  for (int i = 0; i < 38; ++i) builder.Add(builder.Person(), 0.99);
  const auto together = [&](Profile profile) {
    const auto answer = Cluster(builder.problem(), profile);
    return answer.person_of[0] == answer.person_of[1];
  };
  EXPECT_FALSE(together(Profile::kStrict));  // 10.4
  EXPECT_TRUE(together(Profile::kLoose));    // 6.4
}

TEST(AgglomerativeTest, ModelsMissingInSomeTracksDoNotHurtTheOthers) {
  ProblemBuilder builder(13);
  const auto anna = builder.Person(), ben = builder.Person();
  for (int i = 0; i < 3; ++i) builder.Add(anna, 0.95);
  for (int i = 0; i < 3; ++i) builder.Add(ben, 0.95);
  ClusterProblem& problem = builder.problem();
  problem.templates.push_back(problem.templates[0]);
  problem.templates[1].model = "second";
  problem.templates[1].present[1] = 0;
  const ScoreRule rule = {.log_odds =
                              [](std::span<const float> cosines, const TemplateFacts&, const TemplateFacts&) {
                                const float second = std::isnan(cosines[1]) ? cosines[0] : cosines[1];
                                return 20 * (cosines[0] + second) - 20;
                              },
                          .threshold_for = LinearRule().threshold_for};
  const auto answer = ClusterAgglomeratively(problem, rule, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_THAT(answer->person_of, ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST(AgglomerativeTest, StopsWhenAskedAndRefusesWhatIsUnsound) {
  ProblemBuilder builder(3);
  const auto anna = builder.Person();
  for (int i = 0; i < 5; ++i) builder.Add(anna, 0.95);
  const auto stopped =
      ClusterAgglomeratively(builder.problem(), LinearRule(), {.profile = {}, .stop = testing::Stopped()});
  EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted);
  builder.problem().must_links = {{0, 9}};
  EXPECT_EQ(ClusterAgglomeratively(builder.problem(), LinearRule(), {}).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(AgglomerativeTest, EveryLinkHoldsAndTheOrderOfLinksDoesNotMatter) {
  const bool held = rc::check([] {
    ProblemBuilder builder(*rc::gen::arbitrary<uint32_t>());
    const int people = *rc::gen::inRange(1, 8);
    std::vector<std::vector<float>> directions;
    for (int person = 0; person < people; ++person) directions.push_back(builder.Person());
    const int items = *rc::gen::inRange(2, 40);
    for (int item = 0; item < items; ++item) {
      builder.Add(directions[*rc::gen::inRange(0, people)], *rc::gen::element(0.7, 0.85, 0.95),
                  *rc::gen::weightedElement<bool>({{3, true}, {1, false}}));
    }
    ClusterProblem& problem = builder.problem();
    const auto index = rc::gen::inRange(0, items);
    const auto links = rc::gen::container<std::vector<std::pair<int, int>>>(rc::gen::pair(index, index));
    problem.must_links = *rc::gen::resize(6, links);
    for (const auto& link : *rc::gen::resize(20, links)) {
      problem.cannot_links.push_back(link);
      if (!problem.Check().ok()) problem.cannot_links.pop_back();
    }
    const ClusterAnswer answer = Cluster(problem);
    for (const auto& [a, b] : problem.must_links) RC_ASSERT(answer.person_of[a] == answer.person_of[b]);
    for (const auto& [a, b] : problem.cannot_links) {
      RC_ASSERT(answer.person_of[a] == -1 || answer.person_of[a] != answer.person_of[b]);
    }
    std::set<int> founded, used;
    for (int item = 0; item < items; ++item) {
      if (answer.person_of[item] < 0) RC_ASSERT(!problem.may_form[item]);
      if (answer.person_of[item] >= 0) used.insert(answer.person_of[item]);
      if (problem.may_form[item]) founded.insert(answer.person_of[item]);
      RC_ASSERT(answer.confidence[item] >= 0 && answer.confidence[item] <= 1);
    }
    RC_ASSERT(static_cast<int>(used.size()) == answer.persons);
    RC_ASSERT(used == founded);
    std::reverse(problem.must_links.begin(), problem.must_links.end());
    std::reverse(problem.cannot_links.begin(), problem.cannot_links.end());
    RC_ASSERT(Cluster(problem).person_of == answer.person_of);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace crossface
