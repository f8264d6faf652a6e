// Scans beside results that are there: unseen until they are complete, and then in their place, whatever
// happens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/gallery/gallery_case_for_test.h"
#include "crossface/testing/kill_at_statement.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RescanTest : public GalleryTest {
 protected:
  static SourceRecord Old() {
    SourceRecord source = MakeSource("a.mp4");
    source.state = SourceState::kDone;
    source.places = {{"/elsewhere/a.mp4", "elsewhere/a.mp4", 5}};
    return source;
  }
  // What takes the place of the source with this id.
  static SourceRecord New(int64_t replaced) {
    SourceRecord source = Old();
    source.places.clear();
    source.sha256 = std::string(64, 'f');
    source.settings = R"({"new":1})";
    source.state = SourceState::kScanning;
    source.replaces = replaced;
    return source;
  }
  static TrackRecord NewTrack(int64_t number) {
    TrackRecord track = MakeTrack(number, 3);
    track.quality = 0.25f;
    return track;
  }

  int64_t MakeCase(Gallery& gallery) {
    const int64_t id = *gallery.WriteSource(Old());
    EXPECT_TRUE(gallery.AppendTracks(id, {MakeTrack(1, 2), MakeTrack(2, 2)}, {}).ok());
    EXPECT_TRUE(gallery.WriteFingerprint(id, Old().sha256, {}).ok());
    const auto tracks = *gallery.ReadTracks({});
    EXPECT_TRUE(
        gallery.ReplaceGrouping({{.name = "Anna"}}, {{tracks[0].id, 0, 1}, {tracks[1].id, 0, 1}}).ok());
    return id;
  }

  // As a scan does it, from wherever an earlier one got to.
  static Status Rescan(Gallery& gallery) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery.ReadSources());
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> begun, gallery.ReadRescans());
    SourceRecord record = New(sources.at(0).id);
    int64_t next = 1;
    if (sources[0].sha256 == record.sha256) return Status();
    if (begun.empty()) {
      CROSSFACE_ASSIGN_OR_RETURN(record.id, gallery.BeginScan(record));
    } else {
      record = begun[0];
      CROSSFACE_ASSIGN_OR_RETURN(const ScanCheckpoint from, gallery.ReadCheckpoint(record.id));
      next = from.next_track;
    }
    for (; next <= 3; ++next) {
      CROSSFACE_RETURN_IF_ERROR(
          gallery.AppendTracks(record.id, {NewTrack(next)}, {.next_frame = next, .next_track = next + 1}));
    }
    CROSSFACE_RETURN_IF_ERROR(gallery.WriteFingerprint(record.id, record.sha256, {}));
    record.state = SourceState::kDone;
    record.faces = 9, record.tracks = 3;
    return gallery.CompleteScan(record).status();
  }

  // Everything that anybody but a scan reads is the old results, or the new ones; true for the new.
  static bool ExpectWhole(Gallery& gallery) {
    EXPECT_THAT(*gallery.CheckIntegrity(), IsEmpty());
    const auto sources = *gallery.ReadSources();
    EXPECT_THAT(sources, SizeIs(1));
    if (sources.size() != 1) return false;
    const bool is_new = sources[0].sha256 == std::string(64, 'f');
    const auto tracks = *gallery.ReadTracks({.faces = true, .embeddings = true, .templates = true});
    EXPECT_EQ(sources[0].name, "a.mp4");
    EXPECT_EQ(sources[0].state, SourceState::kDone);
    EXPECT_THAT(sources[0].places, ElementsAre(SourcePlace{"/elsewhere/a.mp4", "elsewhere/a.mp4", 5}));
    EXPECT_EQ(sources[0].tracks, is_new ? 3 : 2);
    EXPECT_EQ(sources[0].faces, is_new ? 9 : 4);
    EXPECT_EQ(sources[0].settings, is_new ? New(1).settings : Old().settings);
    EXPECT_THAT(tracks, SizeIs(is_new ? 3 : 2));
    EXPECT_EQ(gallery.ReadTemplateKeys()->keys.size(), 2 * tracks.size());
    EXPECT_EQ(gallery.ReadAssignments()->size(), tracks.size());
    EXPECT_THAT(*gallery.ReadFingerprints(), SizeIs(1));
    for (const TrackRecord& track : tracks) {
      EXPECT_EQ(track.source_id, sources[0].id);
      EXPECT_EQ(track.quality, is_new ? 0.25f : 0.75f);
      EXPECT_THAT(track.faces, SizeIs(is_new ? 3 : 2));
      EXPECT_THAT(track.templates, SizeIs(2));
      for (const FaceRecord& face : track.faces) EXPECT_FALSE(gallery.ReadFacePicture(face.id)->empty());
    }
    const auto assignments = *gallery.ReadAssignments();
    for (const Assignment& assignment : assignments) EXPECT_EQ(assignment.person_id, is_new ? 0 : 1);
    return is_new;
  }
};

TEST_F(RescanTest, NobodySeesItUntilItIsCompleteAndThenItIsTheSource) {
  auto gallery = Open();
  const int64_t old = MakeCase(*gallery);
  const auto begun = gallery->BeginScan(New(old));
  ASSERT_TRUE(begun.ok()) << begun.status().message();
  ASSERT_TRUE(gallery->AppendTracks(*begun, {NewTrack(1)}, {.next_frame = 7, .next_track = 2}).ok());
  EXPECT_FALSE(ExpectWhole(*gallery));
  EXPECT_FALSE(ExpectWhole(*Open(Gallery::Mode::kRead)));
  const auto rescans = *gallery->ReadRescans();
  ASSERT_THAT(rescans, SizeIs(1));
  EXPECT_EQ(rescans[0].replaces, old);
  EXPECT_EQ(rescans[0].tracks, 1);
  EXPECT_EQ(gallery->ReadCheckpoint(*begun)->next_frame, 7);
  ASSERT_TRUE(Rescan(*gallery).ok());
  EXPECT_TRUE(ExpectWhole(*gallery));
  EXPECT_THAT(*gallery->ReadRescans(), IsEmpty());
}

TEST_F(RescanTest, AnotherOneBeginsAtTheBeginning) {
  auto gallery = Open();
  const int64_t old = MakeCase(*gallery);
  ASSERT_TRUE(gallery->AppendTracks(*gallery->BeginScan(New(old)), {NewTrack(1)}, {.next_frame = 7}).ok());
  SourceRecord other = New(old);
  other.settings = R"({"other":1})";
  const int64_t id = *gallery->BeginScan(other);
  EXPECT_EQ(gallery->ReadCheckpoint(id)->next_frame, 0);
  EXPECT_EQ(gallery->ReadRescans()->at(0).tracks, 0);
  EXPECT_EQ(gallery->ReadRescans()->at(0).settings, other.settings);
}

TEST_F(RescanTest, WhatIsSaidOfCopiesOfTheSameContentStays) {
  auto gallery = Open();
  const int64_t old = MakeCase(*gallery);
  const int64_t other = *gallery->WriteSource(MakeSource("b.mp4"));
  const CopyRecord copy{.source_id = old, .other_id = other, .length_us = 5};
  ASSERT_TRUE(gallery->ReplaceCopies({copy}).ok());
  SourceRecord same = New(old);
  same.sha256 = Old().sha256;
  ASSERT_TRUE(gallery->BeginScan(same).ok());
  const int64_t id = *gallery->CompleteScan(same);
  CopyRecord moved = copy;
  moved.source_id = id;
  EXPECT_THAT(*gallery->ReadCopies(), ElementsAre(moved));
}

TEST_F(RescanTest, WhoIsForgottenIsInNoUnfinishedScanEither) {
  auto gallery = Open();
  const int64_t old = MakeCase(*gallery);
  ASSERT_TRUE(gallery->AppendTracks(*gallery->BeginScan(New(old)), {NewTrack(1)}, {}).ok());
  ASSERT_TRUE(gallery->Forget({.tracks = {gallery->ReadTracks({})->at(0).id}}).ok());
  EXPECT_THAT(*gallery->ReadRescans(), IsEmpty());
  ASSERT_TRUE(gallery->BeginScan(New(old)).ok());
  ASSERT_TRUE(gallery->Forget({.sources = {old}}).ok());
  EXPECT_THAT(*gallery->ReadRescans(), IsEmpty());
  EXPECT_THAT(*gallery->CheckIntegrity(), IsEmpty());
}

TEST_F(RescanTest, NamesAndPlacesChangeHands) {
  auto gallery = Open();
  SourceRecord a = Old(), b = MakeSource("b.mp4");
  a.id = *gallery->WriteSource(a);
  b.id = *gallery->WriteSource(b);
  std::swap(a.name, b.name);
  std::swap(a.path, b.path);
  b.places = std::exchange(a.places, {});
  ASSERT_TRUE(gallery->WritePlaces({a, b}).ok());
  const auto sources = *gallery->ReadSources();
  ASSERT_THAT(sources, SizeIs(2));
  EXPECT_EQ(sources[0].id, b.id);
  EXPECT_EQ(sources[0].path, "/footage/a.mp4");
  EXPECT_EQ(sources[0].places, b.places);
  EXPECT_EQ(sources[1].name, "b.mp4");
  EXPECT_THAT(sources[1].places, IsEmpty());
}

TEST_F(RescanTest, KilledAtEveryStatementThereAreTheOldResultsOrTheNewAndTheNextOneCompletesIt) {
  int old_left = 0, new_left = 0;
  for (int statement = 1;; ++statement) {
    std::filesystem::remove_all(folder());
    { MakeCase(*Open()); }
    const bool killed = testing::KilledAtStatement(statement, [&] {
      auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
      return gallery.ok() && Rescan(**gallery).ok();
    });
    SCOPED_TRACE(statement);
    auto gallery = Open(Gallery::Mode::kWrite);
    ASSERT_NE(gallery, nullptr);
    const bool is_new = ExpectWhole(*gallery);
    ASSERT_TRUE(Rescan(*gallery).ok());
    EXPECT_TRUE(ExpectWhole(*gallery));
    EXPECT_THAT(*gallery->ReadRescans(), IsEmpty());
    if (HasFailure()) return;
    if (!killed) {
      EXPECT_TRUE(is_new);
      break;
    }
    ++(is_new ? new_left : old_left);
  }
  EXPECT_GT(old_left, 60) << "every statement of the scan, that of its end included";
}

}  // namespace
}  // namespace crossface
