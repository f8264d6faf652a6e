#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>

#include "crossface/curation/curation_case_for_test.h"

namespace crossface {
namespace {

// The same cases in every run, unless somebody asks for others.
[[maybe_unused]] const int kSeeded = ::setenv("RC_PARAMS", "seed=20261123 max_success=40", 0);

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using CurationTest = CurationCase;

TEST_F(CurationTest, TheCaseIsAsTheseTestsTakeIt) {
  EXPECT_THAT(See().persons, SizeIs(3));
  EXPECT_EQ(OwnerOf("a.mp4:1"), 1);
  EXPECT_EQ(OwnerOf("clips/b.mp4:1"), 1);
  EXPECT_EQ(OwnerOf("a.mp4:2"), 2);
  EXPECT_EQ(OwnerOf("a.mp4:4"), 3);
}

TEST_F(CurationTest, NamesOutliveEveryMethodOfClustering) {
  ASSERT_TRUE(Rename(1, "Anna").ok());
  ASSERT_TRUE(Rename(3, "Carol").ok());
  for (const std::string& method : ClusteringMethods()) {
    Cluster(method);
    EXPECT_EQ(See().persons.at(1).name, "Anna") << method;
    EXPECT_EQ(See().persons.at(3).name, "Carol") << method;
    EXPECT_EQ(OwnerOf("a.mp4:3"), 1) << method;
  }
}

TEST_F(CurationTest, MergeKeepsTheFirstAndTheNameThatSomebodyGave) {
  ASSERT_TRUE(Rename(3, "Carol").ok());
  ASSERT_TRUE(Merge({2, 3}).ok());
  EXPECT_THAT(notes_, ElementsAre("the name Carol stays"));
  EXPECT_EQ(See().persons.at(2).name, "Carol");
  EXPECT_FALSE(See().persons.contains(3));
  for (const std::string& method : ClusteringMethods()) {
    Cluster(method);
    EXPECT_EQ(OwnerOf("a.mp4:2"), 2) << method;
    EXPECT_EQ(OwnerOf("a.mp4:4"), 2) << method;
    EXPECT_EQ(OwnerOf("clips/b.mp4:3"), 2) << method;
  }
  EXPECT_EQ(Merge({2, 2}).code(), StatusCode::kInvalidArgument);
}

TEST_F(CurationTest, WhoIsOnTheScreenTogetherIsNotMergedUnlessTheUserInsists) {
  const Snapshot before = See();
  const Status status = Merge({1, 2});
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("a.mp4:1 and a.mp4:2 are on the screen together at 00:00:04.000"));
  EXPECT_EQ(status.remedy(), Remedy::kOverride);
  EXPECT_EQ(See(), before);
  EXPECT_THAT(State().history, SizeIs(0));
}

TEST_F(CurationTest, WhomAMirrorShowsTwiceIsOnePersonInEveryLaterGroupingUntilThatIsUndone) {
  const Snapshot before = See();
  ASSERT_TRUE(Merge({1, 2}, true).ok());
  for (const std::string& method : ClusteringMethods()) {
    Cluster(method);
    EXPECT_EQ(OwnerOf("a.mp4:1"), 1) << method;
    EXPECT_EQ(OwnerOf("a.mp4:2"), 1) << method;
    EXPECT_THAT(warnings_, Not(IsEmpty())) << method;
  }
  Cluster();
  ASSERT_TRUE(Undo().ok());
  Cluster();
  EXPECT_EQ(See(), before);
}

TEST_F(CurationTest, ATrackThatIsMovedToItsMirrorImageHoldsThatTrackToo) {
  const CurationState state = State();
  const auto refused = CurationPlanner(state, false).Move(*FindTracks(state, {"a.mp4:2"}), 1);
  EXPECT_EQ(refused.status().code(), StatusCode::kInvalidArgument);
  const auto plan = CurationPlanner(state, true).Move(*FindTracks(state, {"a.mp4:2"}), 1);
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  ASSERT_TRUE(CarryOut(*gallery_, *plan).ok());
  for (const std::string& method : ClusteringMethods()) {
    Cluster(method);
    EXPECT_EQ(OwnerOf("a.mp4:1"), 1) << method;
    EXPECT_EQ(OwnerOf("a.mp4:2"), 1) << method;
    EXPECT_EQ(OwnerOf("clips/b.mp4:2"), 2) << method;
  }
}

TEST_F(CurationTest, SplitHoldsAndNewTracksDoNotUndoIt) {
  ASSERT_TRUE(Split(1, {"a.mp4:3"}, "Anna's sister").ok());
  EXPECT_EQ(OwnerOf("a.mp4:3"), 4);
  EXPECT_THAT(Split(4, {"a.mp4:3"}).message(), HasSubstr("that is all of Anna's sister"));
  EXPECT_THAT(Split(1, {"a.mp4:3"}).message(), HasSubstr("a.mp4:3 is not of person-0001"));
  AddSource(*gallery_, "c.mp4", {{1, 1}, {2, 1}});
  for (const std::string& method : ClusteringMethods()) {
    Cluster(method);
    EXPECT_EQ(OwnerOf("a.mp4:3"), 4) << method;
    EXPECT_EQ(See().persons.at(4).name, "Anna's sister") << method;
    EXPECT_NE(OwnerOf("a.mp4:1"), 4) << method;
    EXPECT_NE(OwnerOf("clips/b.mp4:1"), 4) << method;
  }
}

TEST_F(CurationTest, MovedTrackComesToThePersonThatIsThere) {
  ASSERT_TRUE(Move({"a.mp4:3"}, 2).ok());
  for (const std::string& method : ClusteringMethods()) {
    Cluster(method);
    EXPECT_EQ(OwnerOf("a.mp4:3"), 2) << method;
    // Some methods leave the other track alone: what was moved looks like somebody else.
    EXPECT_TRUE(OwnerOf("a.mp4:2") == 2 || OwnerOf("clips/b.mp4:2") == 2) << method;
    EXPECT_TRUE(OwnerOf("a.mp4:1") == 1 || OwnerOf("clips/b.mp4:1") == 1) << method;
  }
}

TEST_F(CurationTest, NobodysTracksStayNobodys) {
  ASSERT_TRUE(Move({"a.mp4:3", "clips/b.mp4:3"}, 0).ok());
  Cluster("hybrid");
  EXPECT_EQ(OwnerOf("a.mp4:3"), 0);
  EXPECT_EQ(OwnerOf("clips/b.mp4:3"), 0);
  EXPECT_EQ(OwnerOf("a.mp4:4"), 3);
}

TEST_F(CurationTest, WhatTheScanFoundGoesBeforeWhatGroupingFoundAndOnlyWhoHasNobodyHasAReason) {
  using enum UnassignedReason;
  AddSource(*gallery_, "c.mp4",
            {{.number = 1, .person = 1, .reason = kBlurred},  // joins person 1 for all that
             {.number = 2, .person = 8, .reason = kCovered},
             {.number = 3, .person = 9}});
  TrackRecord poor = TrackOf({.number = 4, .person = 10});
  poor.may_form = false;
  const int64_t c = gallery_->ReadSources()->at(1).id;
  ASSERT_TRUE(gallery_->AppendTracks(c, {poor}, {}).ok());
  const auto summary = *ClusterCase(*gallery_, "agglomerative", {});
  EXPECT_EQ(OwnerOf("c.mp4:1"), 1);
  EXPECT_EQ(ReasonOf("c.mp4:1"), kNone);
  EXPECT_EQ(OwnerOf("c.mp4:2"), 0);
  EXPECT_EQ(ReasonOf("c.mp4:2"), kCovered) << "not alone";
  EXPECT_NE(OwnerOf("c.mp4:3"), 0);
  EXPECT_EQ(ReasonOf("c.mp4:3"), kNone);
  EXPECT_EQ(ReasonOf("c.mp4:4"), kAlone);
  EXPECT_EQ(summary.unassigned, 2);
  EXPECT_EQ(summary.unassigned_by_reason, (std::map<UnassignedReason, int64_t>{{kCovered, 1}, {kAlone, 1}}));
}

TEST_F(CurationTest, CorrectionsTakeReasonsAwayAndUndoGivesThemBack) {
  using enum UnassignedReason;
  AddSource(*gallery_, "c.mp4", {{.number = 1, .person = 8, .reason = kCovered}});
  Cluster();
  ASSERT_EQ(ReasonOf("c.mp4:1"), kCovered);
  const Snapshot start = See();
  ASSERT_TRUE(Move({"c.mp4:1"}, 2).ok());
  EXPECT_EQ(OwnerOf("c.mp4:1"), 2);
  EXPECT_EQ(ReasonOf("c.mp4:1"), kNone);
  const Snapshot moved = See();
  ASSERT_TRUE(Move({"c.mp4:1"}, 0, true).ok());
  EXPECT_EQ(ReasonOf("c.mp4:1"), kNone) << "it stands there because the user said so";
  Cluster();
  EXPECT_EQ(OwnerOf("c.mp4:1"), 0);
  EXPECT_EQ(ReasonOf("c.mp4:1"), kNone);
  const auto summary = *ClusterCase(*gallery_, "agglomerative", {});
  EXPECT_EQ(summary.unassigned, 1);
  EXPECT_TRUE(summary.unassigned_by_reason.empty());
  ASSERT_TRUE(Undo().ok());
  EXPECT_EQ(See(), moved);
  ASSERT_TRUE(Undo().ok());
  EXPECT_EQ(See(), start);
  ASSERT_TRUE(Redo().ok());
  EXPECT_EQ(See(), moved);
}

TEST_F(CurationTest, CorrectionsFromBeforeThereWereReasonsAreRead) {
  ASSERT_TRUE(Move({"a.mp4:3"}, 2).ok());
  CorrectionRecord record = gallery_->ReadCorrections()->front();
  const std::string with_reasons = ",\"\",\"\"]";
  const size_t place = record.body.find(with_reasons);
  ASSERT_NE(place, std::string::npos) << record.body;
  record.body.replace(place, with_reasons.size(), "]");
  const auto older = ParseCorrection(record);
  ASSERT_TRUE(older.ok()) << older.status().message();
  EXPECT_EQ(older->moves.at(0).to, 2);
  EXPECT_EQ(older->moves.at(0).from_reason, UnassignedReason::kNone);
  record.body.replace(place, 1, ",\"bored\",\"\"]");
  EXPECT_EQ(ParseCorrection(record).status().code(), StatusCode::kCorrupt);
}

TEST_F(CurationTest, ContradictionsNameTheEarlierCorrectionAndGiveWayOnlyOnRequest) {
  ASSERT_TRUE(NotSame(2, 3).ok());
  const Status refused = Merge({2, 3});
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(),
              HasSubstr("\"merge person-0003 into person-0002\" contradicts correction 1"));
  EXPECT_THAT(refused.message(), HasSubstr("\"person-0002 is not person-0003\""));
  ASSERT_TRUE(Merge({2, 3}, true).ok());
  EXPECT_THAT(State().history.back().overrides, ElementsAre(1));
  Cluster();
  EXPECT_THAT(warnings_, SizeIs(0));
  EXPECT_EQ(OwnerOf("a.mp4:4"), 2);
  // What was merged is not moved out silently either.
  EXPECT_THAT(Move({"a.mp4:4"}, 1).message(), HasSubstr("contradicts correction 2"));
  ASSERT_TRUE(Move({"a.mp4:4"}, 1, true).ok());
  Cluster();
  EXPECT_EQ(OwnerOf("a.mp4:4"), 1);
  EXPECT_EQ(OwnerOf("clips/b.mp4:3"), 2);
}

TEST_F(CurationTest, UndoAfterAnotherGroupingGivesBackIdsNamesAndTracks) {
  const Snapshot before = See();
  ASSERT_TRUE(Rename(1, "Anna").ok());
  ASSERT_TRUE(Merge({2, 3}).ok());
  ASSERT_TRUE(Split(1, {"a.mp4:3"}).ok());
  for (const char* method : {"dbscan", "kmeans", "agglomerative"}) Cluster(method);
  ASSERT_TRUE(Undo(3).ok());
  EXPECT_EQ(See().persons, before.persons);
  Cluster();
  EXPECT_EQ(See(), before);
  ASSERT_TRUE(Redo(3).ok());
  EXPECT_EQ(See().persons.at(1).name, "Anna");
  EXPECT_EQ(OwnerOf("a.mp4:4"), 2);
  EXPECT_EQ(OwnerOf("a.mp4:3"), 4);
  EXPECT_EQ(Undo(4).code(), StatusCode::kInvalidArgument);
}

TEST_F(CurationTest, CorrectionsFindTheirTracksAfterAnotherScanUnderAnotherName) {
  ASSERT_TRUE(Rename(1, "Anna").ok());
  ASSERT_TRUE(Split(1, {"a.mp4:3"}, "Eve").ok());
  // The file was moved, and another scan numbers the tracks otherwise and sees each a little later.
  SourceRecord source = State().sources[0];
  ASSERT_TRUE(gallery_->ClearScan(source.id).ok());
  source.name = source.path = "moved/elsewhere.mp4";
  const int64_t moved = *gallery_->WriteSource(source);
  std::vector<TrackRecord> tracks;
  for (const PlannedTrack& planned :
       {PlannedTrack{3, 1}, PlannedTrack{4, 3}, PlannedTrack{1, 1, 100, 10}, PlannedTrack{2, 2, 100, 300}}) {
    TrackRecord track = TrackOf(planned);
    track.number = static_cast<int64_t>(tracks.size()) + 1;
    for (FaceRecord& face : track.faces) face.time_us += 40'000;
    tracks.push_back(track);
  }
  ASSERT_TRUE(gallery_->AppendTracks(moved, tracks, {}).ok());
  ASSERT_TRUE(
      gallery_->Forget({.sources = {State().sources[0].name == "a.mp4" ? State().sources[0].id : 0}}).ok());
  Cluster();
  EXPECT_THAT(warnings_, SizeIs(0));
  EXPECT_EQ(See().persons.at(OwnerOf("moved/elsewhere.mp4:1")).name, "Eve");
  EXPECT_EQ(See().persons.at(OwnerOf("moved/elsewhere.mp4:3")).name, "Anna");
}

TEST_F(CurationTest, WhatIsNotFoundAnyMoreIsToldAndTheRestHolds) {
  ASSERT_TRUE(Merge({2, 3}).ok());
  ASSERT_TRUE(gallery_->Forget({.sources = {State().sources[1].id}}).ok());
  Cluster();
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0],
              HasSubstr("correction 1 (merge person-0003 into person-0002) speaks of 2 tracks"));
  EXPECT_EQ(OwnerOf("a.mp4:4"), 2);
}

TEST_F(CurationTest, PersonsAndTracksAreFoundByWhatUsersCallThem) {
  ASSERT_TRUE(Rename(2, "Марія").ok());
  const CurationState state = State();
  EXPECT_EQ(*FindPerson(state, "марія"), 2);
  EXPECT_EQ(*FindPerson(state, "2"), 2);
  EXPECT_EQ(*FindPerson(state, "person-0002"), 2);
  EXPECT_THAT(FindPerson(state, "Мария").status().message(), HasSubstr("the nearest are Марія"));
  const auto tracks =
      *FindTracks(state, {"b.mp4:2", "people/x/faces/a_00-00-04.040_t1_f1.jpg", "clips/b.mp4:2"});
  ASSERT_THAT(tracks, SizeIs(2));
  EXPECT_EQ(state.TrackName(tracks[0]), "clips/b.mp4:2");
  EXPECT_EQ(state.TrackName(tracks[1]), "a.mp4:1");
  EXPECT_THAT(FindTracks(state, {"a.mp4:9"}).status().message(), HasSubstr("has no track 9"));
  EXPECT_THAT(FindTracks(state, {"zzz.mp4:1"}).status().message(), HasSubstr("no source is called zzz.mp4"));
  EXPECT_EQ(FindTracks(state, {"notes.txt"}).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(CurationTest, ADamagedListOfCorrectionsIsTold) {
  ASSERT_TRUE(gallery_->WriteCorrection({1, "t", "rename", "{\"told\":1}"}, {}).ok());
  EXPECT_EQ(CurationState::Read(*gallery_).status().code(), StatusCode::kCorrupt);
}

// Whatever is corrected in whatever order: the plan is what happens, undo gives back exactly what was, redo
// what it undid, and a clustering obeys.
TEST_F(CurationTest, AnySequenceOfCorrectionsCanBeUndoneAndRedone) {
  const Snapshot start = See();
  EXPECT_TRUE(rc::check([&] {
    gallery_.reset();
    std::filesystem::remove_all(scratch_.path() / "case");
    SetUp();
    std::vector<Snapshot> states = {start};
    const int steps = *rc::gen::inRange(1, 9);
    for (int step = 0; step < steps; ++step) {
      const CurationState state = State();
      std::vector<int64_t> persons;
      for (const auto& [id, facts] : state.persons) persons.push_back(id);
      if (persons.empty()) break;
      const auto person = [&] { return *rc::gen::elementOf(persons); };
      const size_t track = *rc::gen::inRange<size_t>(0, state.tracks.size());
      const CurationPlanner planner(state, true);
      const int kind = *rc::gen::inRange(0, 8);
      const auto plan =
          kind == 0   ? planner.Rename(person(), "name " + std::to_string(state.next_correction))
          : kind == 1 ? planner.Merge({person(), person()})
          : kind == 2 ? planner.Split(state.owner[track].person == 0 ? person() : state.owner[track].person,
                                      {track}, "")
          : kind == 3 ? planner.Move({track}, *rc::gen::elementOf(std::vector<int64_t>{0, person()}))
          : kind == 4 ? planner.NotSame(person(), person())
          : kind == 5 ? planner.Confirm(person(), {})
          : kind == 6 ? planner.Ignore(person(), true)
                      : planner.NotThisPerson(person(), {track});
      if (!plan.ok()) {
        RC_ASSERT(plan.status().code() == StatusCode::kInvalidArgument);
        continue;
      }
      RC_ASSERT(CarryOut(*gallery_, *plan).ok());
      states.push_back(See());
    }
    const size_t done = states.size() - 1;
    RC_ASSERT(State().in_force.size() == done);
    const CurationLinks links = LinksFor(State());
    for (const std::string& warning : links.warnings)
      RC_ASSERT(warning.find("are on the screen together") != std::string::npos);
    for (size_t i = done; i > 0; --i) {
      RC_ASSERT(Undo().ok());
      RC_ASSERT(See() == states[i - 1]);
    }
    for (size_t i = 1; i <= done; ++i) {
      RC_ASSERT(Redo().ok());
      RC_ASSERT(See() == states[i]);
    }
    Cluster();
    const CurationState after = State();
    for (const auto& [track, pin] : after.pins) RC_ASSERT(after.owner[track].person == pin.person);
    for (const auto& parting : after.partings) {
      for (const size_t some : parting.some) {
        for (const size_t other : parting.others) {
          if (after.IsParted(parting, some, other) && after.owner[some].person != 0)
            RC_ASSERT(after.owner[some].person != after.owner[other].person);
        }
      }
    }
    if (done > 0) RC_ASSERT(Undo(done).ok());
    Cluster();
    RC_ASSERT(See() == start);
  }));
}

}  // namespace
}  // namespace crossface
