// Corrections planned and undone without reading what they do not concern.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/curation/curation_case_for_test.h"

namespace crossface {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

using CurationPartTest = CurationCase;

TEST_F(CurationPartTest, WhatChangesWholePersonsIsPlannedTheSameWithoutTheTracksOfOthers) {
  ASSERT_TRUE(Rename(3, "Eve").ok());
  const CurationState all = State(), some = *CurationState::ReadOf(*gallery_, {1, 2});
  EXPECT_EQ(some.persons, all.persons);
  const auto told = [](const Result<CurationPlan>& plan) {
    return plan.ok() ? ToRecord(plan->event).body : plan.status().message();
  };
  const auto both = [&](const auto& plan) {
    EXPECT_EQ(told(plan(CurationPlanner(some, false))), told(plan(CurationPlanner(all, false))));
    EXPECT_EQ(told(plan(CurationPlanner(some, true))), told(plan(CurationPlanner(all, true))));
  };
  both([](const CurationPlanner& planner) { return planner.Rename(1, "Anna"); });
  both([](const CurationPlanner& planner) { return planner.Rename(1, "eve"); });
  both([](const CurationPlanner& planner) { return planner.Merge({1, 2}); });  // on the screen together
  both([](const CurationPlanner& planner) { return planner.Ignore(2, true); });
  both([](const CurationPlanner& planner) { return planner.Confirm(1, {}); });
  both([](const CurationPlanner& planner) { return planner.NotSame(1, 2); });
  EXPECT_THAT(CurationState::ReadOf(*gallery_, {})->tracks, IsEmpty());
  const CurationState meant = *CurationState::ReadMeant(*gallery_);
  EXPECT_EQ(meant.tracks.size(), 1u) << "that a correction speaks of";
  EXPECT_EQ(meant.pins.size(), 1u);
}

TEST_F(CurationPartTest, WhatACorrectionMeansIsSearchedOnceUntilThereIsAnotherScan) {
  ASSERT_TRUE(Rename(1, "Anna").ok());
  ASSERT_TRUE(Merge({2, 3}).ok());
  const CurationState known = State();
  EXPECT_THAT(known.templates, IsEmpty()) << "nothing was compared";
  EXPECT_THAT(known.newly_found, IsEmpty());
  for (const auto& of_event : known.found)
    EXPECT_THAT(of_event, ::testing::Each(::testing::Ne(std::nullopt)));
  // As if all of it had been written before this was kept.
  auto corrections = *gallery_->ReadCorrections();
  ASSERT_TRUE(gallery_->Forget({.corrections = corrections}).ok());
  ASSERT_THAT(gallery_->ReadFoundTracks()->tracks, IsEmpty());
  const CurationState searched = State();
  EXPECT_EQ(searched.found, known.found);
  EXPECT_EQ(searched.warnings, known.warnings);
  EXPECT_THAT(searched.newly_found, Not(IsEmpty()));
  ASSERT_TRUE(gallery_->KeepFoundTracks(searched.newly_found).ok());
  EXPECT_THAT(State().newly_found, IsEmpty());
  EXPECT_EQ(State().found, known.found);
}

TEST_F(CurationPartTest, ACorrectionIsUndoneTheSameWithoutTheTracksOfOthers) {
  ASSERT_TRUE(Merge({2, 3}).ok());
  ASSERT_TRUE(Rename(1, "Bob").ok());
  for (const size_t count : {1u, 2u}) {
    const auto plan = [&](const CurationState& state) {
      const auto undo = CurationPlanner(state, false).Undo(count);
      return undo.ok() ? ToRecord(undo->event).body : undo.status().message();
    };
    EXPECT_EQ(plan(*CurationState::ReadOf(*gallery_, {1, 2, 3})), plan(State())) << count;
  }
}

}  // namespace
}  // namespace crossface
