// What the gallery keeps of people's tracks is what their tracks come to, whatever was written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "crossface/gallery/gallery_case_for_test.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TotalsTest : public GalleryTest {
 protected:
  // Added up from the tracks, as everybody sees them.
  static std::vector<PersonTotals> AddedUp(const Gallery& gallery) {
    const auto tracks = *gallery.ReadTracks({.faces = true});
    std::map<int64_t, int64_t> person_of;
    const auto assignments = *gallery.ReadAssignments();
    for (const Assignment& each : assignments) person_of[each.track_id] = each.person_id;
    std::map<int64_t, PersonTotals> totals;
    std::map<int64_t, std::set<int64_t>> sources;
    std::map<int64_t, float> best;
    for (const TrackRecord& track : tracks) {
      const int64_t person = person_of.at(track.id);
      PersonTotals& of_person = totals[person];
      of_person.person_id = person;
      ++of_person.tracks;
      of_person.faces += static_cast<int64_t>(track.faces.size());
      of_person.screen_us += track.end_us - track.start_us;
      sources[person].insert(track.source_id);
      of_person.sources = static_cast<int64_t>(sources[person].size());
      for (const FaceRecord& face : track.faces) {
        if (person == 0 || face.jpeg_bytes == 0 || face.quality <= best[person]) continue;
        best[person] = face.quality;
        of_person.portrait = face.id;
      }
    }
    std::vector<PersonTotals> list;
    for (const auto& [person, each] : totals) list.push_back(each);
    return list;
  }
  static void ExpectKept(const Gallery& gallery, const std::string& after) {
    EXPECT_EQ(*gallery.ReadPersonTotals(), AddedUp(gallery)) << after;
    std::map<UnassignedReason, int64_t> reasons;
    const auto assignments = *gallery.ReadAssignments();
    for (const Assignment& each : assignments) {
      if (each.person_id == 0 && each.reason != UnassignedReason::kNone) ++reasons[each.reason];
    }
    EXPECT_EQ(*gallery.CountUnassignedReasons(), reasons) << after;
    EXPECT_THAT(*gallery.CheckIntegrity(), IsEmpty()) << after;
  }
  // Tracks whose faces are all of different quality, so that there is one best face.
  int64_t AddTracks(Gallery& gallery, const SourceRecord& source, int count) {
    const int64_t id = source.replaces != 0 ? *gallery.BeginScan(source) : *gallery.WriteSource(source);
    std::vector<TrackRecord> tracks;
    for (int i = 1; i <= count; ++i) {
      tracks.push_back(MakeTrack(++numbers_, 1 + i % 3));
      for (FaceRecord& face : tracks.back().faces) face.quality = 0.001f * static_cast<float>(++qualities_);
    }
    EXPECT_TRUE(gallery.AppendTracks(id, tracks, {}).ok());
    return id;
  }
  static std::vector<int64_t> Ids(const Gallery& gallery) {
    std::vector<int64_t> ids;
    const auto tracks = *gallery.ReadTracks({});
    for (const TrackRecord& track : tracks) ids.push_back(track.id);
    return ids;
  }
  CorrectionRecord Correction() { return {++corrections_, "2026-11-23T10:00:00Z", "move", "{}", ""}; }

  int64_t numbers_ = 0, qualities_ = 0, corrections_ = 0;
};

TEST_F(TotalsTest, AreWhatTracksComeToAfterEverythingThatIsWritten) {
  auto gallery = Open();
  const int64_t a = AddTracks(*gallery, MakeSource("a.mp4"), 6),
                b = AddTracks(*gallery, MakeSource("b.mp4"), 6);
  ExpectKept(*gallery, "a scan");
  const auto tracks = Ids(*gallery);
  using enum UnassignedReason;
  ASSERT_TRUE(gallery
                  ->ReplaceGrouping({{}, {}, {}}, {{tracks[0], 0, 1},
                                                   {tracks[1], 0, 1},
                                                   {tracks[2], 1, 1},
                                                   {tracks[3], -1, 0, kAlone},
                                                   {tracks[6], 0, 1},
                                                   {tracks[7], 1, 1},
                                                   {tracks[8], 2, 1},
                                                   {tracks[9], -1, 0, kInDoubt}})
                  .ok());
  ExpectKept(*gallery, "a grouping that leaves some out");
  AddTracks(*gallery, MakeSource("c.mp4"), 3);
  ExpectKept(*gallery, "more footage");
  ASSERT_TRUE(
      gallery
          ->WriteCorrection(Correction(), {.assignments = {{.track_id = tracks[6], .person_id = 2},
                                                           {.track_id = tracks[0], .reason = kInDoubt}}})
          .ok());
  ExpectKept(*gallery, "a move");
  ASSERT_TRUE(gallery
                  ->WriteCorrection(Correction(), {.removed = {3},
                                                   .assignments = {{.track_id = tracks[8], .person_id = 2}}})
                  .ok());
  ExpectKept(*gallery, "a merge");
  ASSERT_TRUE(gallery
                  ->WriteCorrection(Correction(), {.persons = {{3, "Eve"}},
                                                   .assignments = {{.track_id = tracks[8], .person_id = 3}}})
                  .ok());
  ExpectKept(*gallery, "its undoing");
  ASSERT_TRUE(gallery->WriteCorrection(Correction(), {.removed = {3}}).ok());
  ExpectKept(*gallery, "a person who goes with all tracks");
  SourceRecord again = MakeSource("b.mp4");
  again.id = b, again.replaces = b;
  again.id = AddTracks(*gallery, again, 2);
  ExpectKept(*gallery, "a scan beside the old results");
  again.state = SourceState::kDone;
  again.tracks = 2, again.faces = 5;
  ASSERT_TRUE(gallery->CompleteScan(again).ok());
  ExpectKept(*gallery, "its end");
  ASSERT_TRUE(gallery->Forget({.tracks = {tracks[1]}}).ok());
  ExpectKept(*gallery, "a forgotten track");
  ASSERT_TRUE(gallery->Forget({.sources = {a}, .persons = {1}}).ok());
  ExpectKept(*gallery, "a forgotten source");
}

TEST_F(TotalsTest, OfASourceThatIsScannedFromTheBeginningGoWithItsTracks) {
  auto gallery = Open();
  const int64_t a = AddTracks(*gallery, MakeSource("a.mp4"), 3);
  AddTracks(*gallery, MakeSource("b.mp4"), 3);
  const auto tracks = Ids(*gallery);
  ASSERT_TRUE(
      gallery->ReplaceGrouping({{}, {}}, {{tracks[0], 0, 1}, {tracks[3], 0, 1}, {tracks[1], 1, 1}}).ok());
  ASSERT_TRUE(gallery->ClearScan(a).ok());
  ExpectKept(*gallery, "its end");
  const auto totals = *gallery->ReadPersonTotals();
  ASSERT_EQ(totals.size(), 2u);
  EXPECT_EQ(totals[1].tracks, 1);
  EXPECT_THAT(*gallery->BestFacesOfPersons({1, 2}),
              ElementsAre(std::pair<const int64_t, int64_t>(1, totals[1].portrait)));
}

TEST_F(TotalsTest, WhatCorrectionsWereFoundToMeanGoesWithTheTracksAndNothingElse) {
  auto gallery = Open();
  const int64_t a = AddTracks(*gallery, MakeSource("a.mp4"), 2);
  AddTracks(*gallery, MakeSource("b.mp4"), 2);
  const auto tracks = Ids(*gallery);
  CorrectionRecord correction = Correction();
  correction.tracks = {tracks[0], 0, tracks[2]};
  correction.looks = "[[],[],[]]";
  ASSERT_TRUE(gallery->WriteCorrection(correction, {}).ok());
  const auto found = [&] {
    std::vector<std::pair<int64_t, int64_t>> list;
    const auto rows = *gallery->ReadFoundTracks();
    for (const FoundTrack& row : rows.tracks) list.emplace_back(row.number, row.track_id);
    return list;
  };
  EXPECT_THAT(found(), ElementsAre(std::pair(0, tracks[0]), std::pair(2, tracks[2])));
  ASSERT_TRUE(gallery->KeepFoundTracks({{.correction_id = 1, .number = 1, .track_id = tracks[3]}}).ok());
  EXPECT_THAT(found(),
              ElementsAre(std::pair(0, tracks[0]), std::pair(1, tracks[3]), std::pair(2, tracks[2])));
  ASSERT_TRUE(gallery->ClearScan(a).ok());
  EXPECT_THAT(found(), ElementsAre(std::pair(1, tracks[3]), std::pair(2, tracks[2])));
  EXPECT_EQ(*gallery->ReadLooks(1), "[[],[],[]]");
  ASSERT_TRUE(gallery->Forget({.corrections = {{1, "", "", "{}", ""}}}).ok());
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_EQ(*gallery->ReadLooks(1), "");
}

TEST_F(TotalsTest, WhatIsKnownOfSourcesIsCountedWhenItIsWrittenAndNotWhenPeopleAre) {
  auto gallery = Open();
  const auto written = [&] { return *gallery->ReadFact("sources_written"); };
  const int64_t a = AddTracks(*gallery, MakeSource("a.mp4"), 2);
  std::string before = written();
  EXPECT_NE(before, "");
  ASSERT_TRUE(gallery->ReplaceGrouping({{}}, {{Ids(*gallery)[0], 0, 1}}).ok());
  ASSERT_TRUE(gallery->WriteCorrection(Correction(), {.persons = {{1, "Anna"}}}).ok());
  EXPECT_EQ(written(), before);
  const auto expect_other = [&](const Status& status) {
    EXPECT_TRUE(status.ok());
    EXPECT_NE(written(), before);
    before = written();
  };
  expect_other(gallery->AppendTracks(a, {MakeTrack(9, 1)}, {}));
  SourceRecord moved = gallery->ReadSources()->at(0);
  moved.path = "/elsewhere/a.mp4";
  expect_other(gallery->WritePlaces({moved}));
  expect_other(gallery->WriteVectors(a, {}, "other settings"));
  expect_other(gallery->ClearScan(a));
  expect_other(gallery->Forget({.sources = {a}}));
}

}  // namespace
}  // namespace crossface
