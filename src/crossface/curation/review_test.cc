#include "crossface/curation/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "crossface/curation/curation_names.h"
#include "crossface/curation/curation_plan.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/testing/curation_case.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using Kind = SuggestionRecord::Kind;

class ReviewTest : public ::testing::Test {
 protected:
  // Persons 1, 2 and 3; person 1 has a.mp4:1, a.mp4:3 and clips/b.mp4:1. Suggested: 1 and 3 are one, 2 and 3
  // are one, a.mp4:3 is not 1.
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate));
    AddThreePeople(*gallery_);
    ASSERT_TRUE(ClusterCase(*gallery_, "agglomerative", {}).ok());
    const CurationState state = State();
    ASSERT_EQ(state.persons.size(), 3u);
    std::vector<PersonRecord> persons;
    for (const auto& [id, facts] : state.persons) persons.push_back({id, facts.name});
    std::vector<Gallery::NewAssignment> assignments;
    for (size_t i = 0; i < state.tracks.size(); ++i)
      assignments.push_back({state.tracks[i].id, static_cast<int>(state.owner[i].person) - 1, 0.9f});
    const int64_t doubtful = state.tracks[(*FindTracks(state, {"a.mp4:3"}))[0]].id;
    ASSERT_TRUE(gallery_
                    ->ReplaceGrouping(persons, assignments,
                                      {{Kind::kMerge, 0, 2, {}, 0.5f, 3},
                                       {Kind::kMerge, 1, 2, {}, 0.5f, 2},
                                       {Kind::kMixture, 0, -1, {doubtful}, 0.5f, 1}})
                    .ok());
  }
  CurationState State() { return *CurationState::Read(*gallery_); }
  template <typename Plan>
  void Do(Plan make_plan) {
    const CurationState state = State();
    const auto plan = make_plan(state, CurationPlanner(state, false));
    ASSERT_TRUE(plan.ok()) << plan.status().message();
    ASSERT_TRUE(CarryOut(*gallery_, *plan).ok());
  }
  void Undo() {
    Do([](const auto&, const auto& planner) { return planner.Undo(1); });
  }
  std::vector<int64_t> Standing() {
    EXPECT_TRUE(SettleSuggestions(*gallery_).ok());
    std::vector<int64_t> ranks;
    const auto suggestions = *gallery_->ReadSuggestions();
    for (const SuggestionRecord& suggestion : suggestions) {
      if (!suggestion.settled) ranks.push_back(suggestion.rank);
    }
    return ranks;
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(ReviewTest, WhatAMergeSettlesStandsAgainWhenItIsUndone) {
  EXPECT_THAT(Standing(), ElementsAre(1, 2, 3));
  Do([](const auto&, const auto& planner) { return planner.Merge({2, 3}); });
  EXPECT_THAT(Standing(), ElementsAre(3))
      << "who was person 3 is person 2 now: what was said of 3 is not said of 2";
  Undo();
  EXPECT_THAT(Standing(), ElementsAre(1, 2, 3));
}

TEST_F(ReviewTest, PersonsThatAreNotTheSameAreNotSuggestedAgain) {
  Do([](const auto&, const auto& planner) { return planner.NotSame(3, 1); });
  EXPECT_THAT(Standing(), ElementsAre(2, 3));
  Undo();
  EXPECT_THAT(Standing(), ElementsAre(1, 2, 3));
}

TEST_F(ReviewTest, AMixtureIsSettledByTakingTheTracksOutAndByConfirmingThem) {
  Do([](const auto& state, const auto& planner) {
    return planner.Split(1, *FindTracks(state, {"a.mp4:3"}), "Eve");
  });
  EXPECT_THAT(Standing(), ElementsAre(1, 2));
  Undo();
  Do([](const auto& state, const auto& planner) {
    return planner.Confirm(1, *FindTracks(state, {"a.mp4:3"}));
  });
  EXPECT_THAT(Standing(), ElementsAre(1, 2));
  Undo();
  Do([](const auto& state, const auto& planner) {
    return planner.NotThisPerson(1, *FindTracks(state, {"a.mp4:3"}));
  });
  EXPECT_THAT(Standing(), ElementsAre(1, 2));
  Undo();
  // What says nothing about it leaves it alone, though it anchors a track.
  Do([](const auto&, const auto& planner) { return planner.Rename(1, "Anna"); });
  EXPECT_THAT(Standing(), ElementsAre(1, 2, 3));
}

TEST_F(ReviewTest, WhatACorrectionCanHaveAnsweredIsAllThatItAnswers) {
  using Plan = std::function<Result<CurationPlan>(const CurationState&, const CurationPlanner&)>;
  const std::vector<Plan> plans = {
      [](const auto&, const auto& planner) { return planner.Rename(1, "Anna"); },
      [](const auto&, const auto& planner) {
        return planner.Merge({2, 3});
      },
      [](const auto&, const auto& planner) {
        return planner.Merge({1, 3});
      },
      [](const auto&, const auto& planner) { return planner.NotSame(3, 1); },
      [](const auto&, const auto& planner) { return planner.Confirm(1, {}); },
      [](const auto&, const auto& planner) { return planner.Ignore(3, true); },
      [](const auto& state, const auto& planner) { return planner.Move(*FindTracks(state, {"a.mp4:3"}), 0); },
      [](const auto& state, const auto& planner) {
        return planner.Confirm(1, *FindTracks(state, {"a.mp4:3"}));
      },
      [](const auto& state, const auto& planner) {
        return planner.Split(1, *FindTracks(state, {"a.mp4:3"}), "Eve");
      },
  };
  const auto settled = [&] {
    std::vector<int64_t> ranks;
    const auto suggestions = *gallery_->ReadSuggestions();
    for (const SuggestionRecord& suggestion : suggestions) {
      if (suggestion.settled) ranks.push_back(suggestion.rank);
    }
    return ranks;
  };
  // Each alone, and each after every other.
  for (size_t first = 0; first < plans.size(); ++first) {
    for (size_t second = 0; second < plans.size(); ++second) {
      size_t done = 0;
      for (const size_t number : {first, second}) {
        const CurationState state = State();
        if (!state.persons.contains(1) || !state.persons.contains(2) || !state.persons.contains(3)) continue;
        const auto plan = plans[number](state, CurationPlanner(state, true));
        if (!plan.ok()) continue;
        ++done;
        ASSERT_TRUE(CarryOut(*gallery_, *plan).ok());
        ASSERT_TRUE(SettleSuggestions(*gallery_, plan->event).ok());
        const auto now = settled();
        ASSERT_TRUE(SettleSuggestions(*gallery_).ok());
        EXPECT_EQ(now, settled()) << first << " " << second;
      }
      for (; done > 0; --done) {
        Undo();
        ASSERT_TRUE(SettleSuggestions(*gallery_).ok());
      }
    }
  }
}

TEST_F(ReviewTest, WhoIsForgottenIsInNoSuggestion) {
  ASSERT_TRUE(gallery_->Forget({.persons = {3}}).ok());
  EXPECT_THAT(Standing(), ElementsAre(3));
}

TEST_F(ReviewTest, EveryClusteringReplacesThem) {
  ASSERT_TRUE(ClusterCase(*gallery_, "communities", {}).ok());
  const auto suggestions = *gallery_->ReadSuggestions();
  for (const SuggestionRecord& suggestion : suggestions) {
    EXPECT_FALSE(suggestion.kind == Kind::kMixture && suggestion.probability == 0.5f);
    EXPECT_GE(suggestion.probability, 0);
    EXPECT_LE(suggestion.probability, 1);
  }
  // Three people who are like nobody else: how well each hangs together is known.
  const auto persons = *gallery_->ReadPersons();
  const auto cohesion = *gallery_->ReadCohesion();
  ASSERT_EQ(persons.size(), 3u);
  for (const PersonRecord& person : persons) {
    ASSERT_TRUE(cohesion.contains(person.id)) << person.name;
    EXPECT_GT(cohesion.at(person.id), 0.5f);
    EXPECT_LE(cohesion.at(person.id), 1.0f);
  }
  Do([](const auto& state, const auto& planner) { return planner.Move(*FindTracks(state, {"a.mp4:3"}), 3); });
  EXPECT_FALSE(gallery_->ReadCohesion()->contains(1));
  EXPECT_TRUE(gallery_->ReadCohesion()->contains(2));
  Undo();
  EXPECT_TRUE(gallery_->ReadCohesion()->contains(1));
}

}  // namespace
}  // namespace crossface
