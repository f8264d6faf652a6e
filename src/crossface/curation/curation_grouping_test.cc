// Corrections and groupings that come after them, of large cases too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/curation/curation_case_for_test.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using CurationGroupingTest = CurationCase;

TEST_F(CurationGroupingTest, VectorsOfAnotherVersionOfAModelAreNotComparedAndItIsSaid) {
  const auto id = gallery_->WriteSource(SourceOf("old.mp4"));
  TrackRecord track = TrackOf({1, 1});
  track.templates[0].model_sha256 = "another";
  track.faces[0].embeddings = track.templates;
  ASSERT_TRUE(gallery_->AppendTracks(*id, {track}, {}).ok());
  Cluster();
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0], HasSubstr("1 tracks have vectors of another version of arcface_ms1m"));
  EXPECT_EQ(OwnerOf("old.mp4:1"), 0) << "the same face, but no common version";
}

TEST_F(CurationGroupingTest, NewTracksAreAddedToAGroupingThatStandsUntilSomethingElseChanges) {
  const auto added = [&] { return ClusterCase(*gallery_, "agglomerative", {}, 0)->added; };
  AddSource(*gallery_, "c.mp4", {{1, 1}, {2, 7}});
  EXPECT_EQ(added(), 2);
  EXPECT_EQ(OwnerOf("c.mp4:1"), OwnerOf("a.mp4:1"));
  EXPECT_EQ(OwnerOf("c.mp4:2"), 4) << "somebody new";
  const auto owners = [&] {
    std::map<std::string, int64_t> owners;
    for (const auto& [track, owner] : See().owner) owners[track] = owner.person;
    return owners;
  };
  const std::map<std::string, int64_t> step_by_step = owners();
  ASSERT_TRUE(ClusterCase(*gallery_, "agglomerative", {}).ok());
  EXPECT_EQ(owners(), step_by_step) << "as if grouped at once";

  ASSERT_TRUE(Rename(OwnerOf("a.mp4:1"), "Anna").ok());
  AddSource(*gallery_, "d.mp4", {{1, 1}});
  EXPECT_EQ(added(), 1) << "a correction groups nobody anew whom it does not touch";
  EXPECT_EQ(See().persons.at(OwnerOf("d.mp4:1")).name, "Anna");
  AddSource(*gallery_, "e.mp4", {{1, 1}});
  EXPECT_EQ(added(), 1);
  EXPECT_EQ(See().persons.at(OwnerOf("e.mp4:1")).name, "Anna");
  AddSource(*gallery_, "f.mp4", {{1, 2}});
  EXPECT_EQ(ClusterCase(*gallery_, "agglomerative", {.profile = Profile::kStrict}, 0)->added, 0);
}

TEST_F(CurationGroupingTest, InALargeCaseCorrectionsAreObeyedWithoutGroupingAnew) {
  const auto group = [&] {
    const auto grouped = ClusterCase(*gallery_, "agglomerative", {}, 0);
    ASSERT_TRUE(grouped.ok()) << grouped.status().message();
  };
  const auto cohesion = [&] { return *gallery_->ReadCohesion(); };
  // A grouping that nobody would make anew: it shows what was left alone.
  const int64_t anna = OwnerOf("a.mp4:1"), bob = OwnerOf("a.mp4:2"), eve = OwnerOf("a.mp4:4");
  const std::map<int64_t, float> told = cohesion();
  ASSERT_EQ(told.size(), 3u);
  ASSERT_TRUE(Rename(anna, "Anna").ok());
  const Snapshot renamed = See();
  group();
  EXPECT_EQ(See(), renamed);
  EXPECT_EQ(cohesion(), told) << "of persons who have the tracks that they had";

  ASSERT_TRUE(Merge({bob, eve}).ok());
  group();
  EXPECT_EQ(OwnerOf("a.mp4:2"), bob);
  EXPECT_EQ(OwnerOf("clips/b.mp4:3"), bob);
  EXPECT_EQ(See().persons.size(), 2u);
  EXPECT_THAT(cohesion(), ElementsAre(std::pair(anna, told.at(anna))));
  ASSERT_TRUE(Undo().ok());
  group();
  EXPECT_EQ(See(), renamed);

  // Released tracks are grouped again, and not to where they were taken from.
  ASSERT_TRUE(Do([&](const CurationState& state, const CurationPlanner& planner) {
                return planner.NotThisPerson(anna, *FindTracks(state, {"a.mp4:3"}));
              }).ok());
  EXPECT_EQ(OwnerOf("a.mp4:3"), 0);
  group();
  EXPECT_NE(OwnerOf("a.mp4:3"), anna);
  EXPECT_NE(OwnerOf("a.mp4:3"), 0) << "it is somebody by itself";
}

TEST_F(CurationGroupingTest, AnAnchorHoldsNoTrackThatTheUserTookAway) {
  const int64_t anna = OwnerOf("a.mp4:3");
  ASSERT_TRUE(Rename(anna, "Anna").ok());
  ASSERT_TRUE(State().pins.begin()->second.anchor);
  const std::string best = State().TrackName(State().pins.begin()->first);
  ASSERT_EQ(best, "a.mp4:3");
  ASSERT_TRUE(Do([&](const CurationState& state, const CurationPlanner& planner) {
                return planner.NotThisPerson(anna, *FindTracks(state, {best}));
              }).ok());
  Cluster();
  EXPECT_NE(OwnerOf(best), anna);
  EXPECT_EQ(OwnerOf("a.mp4:1"), anna);
  EXPECT_EQ(OwnerOf("clips/b.mp4:1"), anna);
  EXPECT_EQ(See().persons.at(anna).name, "Anna");
  ASSERT_TRUE(Undo().ok());
  Cluster();
  EXPECT_EQ(OwnerOf(best), anna);
}

TEST_F(CurationGroupingTest, InALargeCaseAPersonWhoGrewIsComparedWithWhomNobodyHas) {
  // Nobody's, although it is like person 1: as after a grouping that was not sure.
  AddSource(*gallery_, "c.mp4", {{1, 1}});
  const std::vector<PersonRecord> persons = *gallery_->ReadPersons();
  std::vector<Gallery::NewAssignment> assignments;
  const CurationState state = State();
  for (size_t i = 0; i < state.tracks.size(); ++i)
    assignments.push_back({state.tracks[i].id, static_cast<int>(state.owner[i].person) - 1, 1.0f});
  ASSERT_TRUE(gallery_->ReplaceGrouping(persons, assignments).ok());
  ASSERT_EQ(OwnerOf("c.mp4:1"), 0);
  ASSERT_TRUE(Rename(OwnerOf("a.mp4:2"), "Bob").ok());
  ASSERT_TRUE(ClusterCase(*gallery_, "agglomerative", {}, 0).ok());
  EXPECT_EQ(OwnerOf("c.mp4:1"), 0) << "a rename touches nobody";
  ASSERT_TRUE(Do([&](const CurationState& now, const CurationPlanner& planner) {
                return planner.Move(*FindTracks(now, {"a.mp4:3"}), OwnerOf("a.mp4:2"));
              }).ok());
  ASSERT_TRUE(ClusterCase(*gallery_, "agglomerative", {}, 0).ok());
  EXPECT_EQ(OwnerOf("c.mp4:1"), OwnerOf("a.mp4:1"));
}

}  // namespace
}  // namespace crossface
