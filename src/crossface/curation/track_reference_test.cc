// Corrections find the faces that they are about, and nobody else's.
#include "crossface/curation/track_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crossface/curation/curation_names.h"
#include "crossface/curation/curation_plan.h"
#include "crossface/custody/forget.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/testing/curation_case.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class TrackReferenceTest : public ::testing::Test {
 protected:
  // Anna is alone in a.mp4, and so is Bob.
  void SetUp() override {
    gallery_ = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
    AddSource(*gallery_, "a.mp4", {anna_, bob_});
    AddSource(*gallery_, "b.mp4", {{.number = 1, .person = 2}});
    Cluster();
    ASSERT_NE(OwnerOf("a.mp4:1"), OwnerOf("a.mp4:2"));
    Rename(OwnerOf("a.mp4:1"), "Anna");
  }
  void Cluster() {
    const auto summary = ClusterCase(*gallery_, "agglomerative", {});
    ASSERT_TRUE(summary.ok()) << summary.status().message();
    warnings_ = summary->warnings;
  }
  CurationState State() { return *CurationState::Read(*gallery_); }
  int64_t OwnerOf(const std::string& track) {
    const CurationState state = State();
    for (size_t i = 0; i < state.tracks.size(); ++i) {
      if (state.TrackName(i) == track) return state.owner[i].person;
    }
    return -1;
  }
  std::string NameOf(const std::string& track) {
    const int64_t person = OwnerOf(track);
    return person > 0 ? State().persons.at(person).name : "";
  }
  void Rename(int64_t person, const std::string& name) {
    const CurationState state = State();
    const auto plan = CurationPlanner(state, false).Rename(person, name);
    ASSERT_TRUE(plan.ok()) << plan.status().message();
    ASSERT_TRUE(CarryOut(*gallery_, *plan).ok());
  }
  // Another scan of a.mp4 gives these tracks.
  void Rescan(std::vector<TrackRecord> tracks) {
    const SourceRecord source = State().sources[0];
    ASSERT_TRUE(gallery_->ClearScan(source.id).ok());
    for (size_t i = 0; i < tracks.size(); ++i) tracks[i].number = static_cast<int64_t>(i) + 1;
    ASSERT_TRUE(gallery_->AppendTracks(source.id, tracks, {}).ok());
    Cluster();
  }
  // The track's face stands where Anna's stood, number and times included.
  TrackRecord InAnnasPlace(int person, int64_t shot = 0, const std::string& model = "arcface_ms1m") const {
    PlannedTrack planned = anna_;
    planned.person = person;
    TrackRecord track = TrackOf(planned, model);
    track.shot = shot;
    return track;
  }

  const PlannedTrack anna_{.number = 1, .person = 1, .first_frame = 100, .x = 10};
  const PlannedTrack bob_{.number = 2, .person = 2, .first_frame = 500, .x = 300};
  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
  std::vector<std::string> warnings_;
};

TEST_F(TrackReferenceTest, AnotherFaceInTheSamePlaceIsNotTheOneThatIsMeant) {
  Rescan({InAnnasPlace(7), TrackOf(bob_)});
  EXPECT_NE(NameOf("a.mp4:1"), "Anna");
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0], HasSubstr("speaks of 1 tracks that are not found any more"));
  // And it is found again when it is there again.
  Rescan({InAnnasPlace(7), InAnnasPlace(1), TrackOf(bob_)});
  EXPECT_EQ(NameOf("a.mp4:2"), "Anna");
  EXPECT_NE(NameOf("a.mp4:1"), "Anna");
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(TrackReferenceTest, WhoComesIntoTheSamePlaceWithinTheSameMomentIsNotMeantEither) {
  TrackRecord before = InAnnasPlace(7), herself = InAnnasPlace(1);
  for (FaceRecord& face : before.faces) face.time_us += 1'000;
  for (FaceRecord& face : herself.faces) face.time_us += 300'000;
  before.end_us += 5, herself.end_us += 300'000;
  Rescan({before, herself, TrackOf(bob_)});
  EXPECT_EQ(NameOf("a.mp4:2"), "Anna");
  EXPECT_NE(NameOf("a.mp4:1"), "Anna");
}

TEST_F(TrackReferenceTest, WhereNoModelCanCompareItIsTheSameShotAndPlace) {
  Rescan({InAnnasPlace(1, 0, "arcface_foamliu"), TrackOf(bob_)});
  EXPECT_EQ(NameOf("a.mp4:1"), "Anna");
  TrackRecord elsewhere = InAnnasPlace(1, 0, "arcface_foamliu");
  for (FaceRecord& face : elsewhere.faces) face.detection.box.x += 200;
  Rescan({elsewhere, TrackOf(bob_)});
  EXPECT_NE(NameOf("a.mp4:1"), "Anna") << "number and times alone say nothing";
  Rescan({InAnnasPlace(1, 3, "arcface_foamliu"), TrackOf(bob_)});
  EXPECT_NE(NameOf("a.mp4:1"), "Anna");
}

TEST_F(TrackReferenceTest, OlderCorrectionsHoldAsTheyAlwaysDid) {
  CorrectionRecord record = gallery_->ReadCorrections()->front();
  nlohmann::json body = nlohmann::json::parse(record.body);
  ASSERT_THAT(record.looks, HasSubstr("vector"));
  ASSERT_TRUE(body["tracks"][0].contains("shot"));
  body["tracks"][0].erase("shot");
  record.body = body.dump();
  record.looks = "";
  ASSERT_TRUE(gallery_->Forget({.corrections = {record}}).ok());
  Rescan({InAnnasPlace(7), TrackOf(bob_)});
  EXPECT_EQ(NameOf("a.mp4:1"), "Anna");
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(TrackReferenceTest, PartsOfOneFileAreNotMistakenForOneAnother) {
  SourceRecord part = State().sources[0];
  part.name = "0.mp4", part.info.part = "2";
  ASSERT_TRUE(gallery_->AppendTracks(*gallery_->WriteSource(part), {InAnnasPlace(1)}, {}).ok());
  // The first part goes by another name now.
  SourceRecord first = State().sources[1];
  ASSERT_EQ(first.name, "a.mp4");
  first.name = "renamed.mp4";
  ASSERT_TRUE(gallery_->WritePlaces({first}).ok());
  const CurationState state = State();
  TrackFinder finder(state.sources, state.tracks, state.templates);
  const auto found = finder.Find(state.history.at(0).tracks.at(0));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(state.TrackName(*found), "renamed.mp4:1");
}

TEST_F(TrackReferenceTest, ReferencesComeBackAsTheyWereWrittenAndDamagedOnesAreTold) {
  CorrectionRecord record = gallery_->ReadCorrections()->front();
  const auto event = ParseCorrection(record);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(ToRecord(*event).body, record.body);
  EXPECT_EQ(ToRecord(*event).looks, record.looks);
  const TrackReference& reference = event->tracks.at(0);
  ASSERT_THAT(reference.templates, SizeIs(1));
  EXPECT_EQ(reference.templates[0].model, "arcface_ms1m");
  EXPECT_EQ(reference.shot, 0);
  const auto vector = VectorOf(1, 1);
  float cosine = 0;
  for (size_t i = 0; i < vector.size(); ++i) cosine += vector[i] * reference.templates[0].vector.at(i);
  EXPECT_GT(cosine, 0.999f);
  nlohmann::json looks = nlohmann::json::parse(record.looks);
  for (const char* damaged : {"abc", "zz"}) {
    looks[0][0]["vector"] = damaged;
    record.looks = looks.dump();
    EXPECT_EQ(ParseCorrection(record).status().code(), StatusCode::kCorrupt) << damaged;
  }
  for (const char* damaged : {"[]", "{}", "[[],[]]", "7", "["}) {
    record.looks = damaged;
    EXPECT_EQ(ParseCorrection(record).status().code(), StatusCode::kCorrupt) << damaged;
  }
}

TEST_F(TrackReferenceTest, WhoIsForgottenIsInNoCorrectionEvenWhenItsTracksAreNotFound) {
  const auto looks = nlohmann::json::parse(gallery_->ReadCorrections()->front().looks);
  const std::string look = looks[0][0]["vector"];
  Rescan({InAnnasPlace(7), TrackOf(bob_)});
  const SourceRecord source = State().sources[0];
  const CurationState state = State();
  ASSERT_TRUE(Forget(*gallery_, state, PlanForgetSource(state, source.id), nullptr).ok());
  const auto corrections = *gallery_->ReadCorrections();
  ASSERT_THAT(corrections, SizeIs(1));
  for (const CorrectionRecord& record : corrections)
    EXPECT_THAT(record.body + record.looks, Not(HasSubstr(look)));
}

}  // namespace
}  // namespace crossface
