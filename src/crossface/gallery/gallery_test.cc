#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "crossface/gallery/gallery_case_for_test.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(GalleryTest, SourcesComeBackAsTheyWereWrittenAfterTheCaseWasClosed) {
  SourceRecord source = MakeSource("sub/b.mp4");
  {
    auto gallery = Open();
    source.id = *gallery->WriteSource(source);
    ASSERT_TRUE(gallery->WriteSource(MakeSource("a.mp4")).ok());
    source.state = SourceState::kDamaged;
    source.info.latitude.reset();
    EXPECT_EQ(*gallery->WriteSource(source), source.id);
  }
  const auto sources = *Open(Gallery::Mode::kRead)->ReadSources();
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].name, "a.mp4");
  const SourceRecord& read = sources[1];
  EXPECT_EQ(read.id, source.id);
  EXPECT_EQ(read.name, source.name);
  EXPECT_EQ(read.path, source.path);
  EXPECT_EQ(read.sha256, source.sha256);
  EXPECT_EQ(read.modified_ns, source.modified_ns);
  EXPECT_EQ(read.info.bytes, source.info.bytes);
  EXPECT_EQ(read.info.duration_ms, source.info.duration_ms);
  EXPECT_EQ(read.info.width, 1080);
  EXPECT_EQ(read.info.height, 1920);
  EXPECT_EQ(read.info.rotation, 90);
  EXPECT_EQ(read.info.fps, 29.97);
  EXPECT_EQ(read.info.codec, "h264");
  EXPECT_EQ(read.info.stream_index, 1);
  EXPECT_EQ(read.info.time_base_num, 1);
  EXPECT_EQ(read.info.time_base_den, 90000);
  EXPECT_EQ(read.info.created, source.info.created);
  EXPECT_EQ(read.info.created_from, source.info.created_from);
  EXPECT_EQ(read.info.latitude, std::nullopt);
  EXPECT_EQ(read.info.longitude, 0.0);
  EXPECT_EQ(read.info.device, source.info.device);
  EXPECT_EQ(read.counts, source.counts);
  EXPECT_EQ(read.state, SourceState::kDamaged);
  EXPECT_EQ(read.message, source.message);
  EXPECT_EQ(read.settings, source.settings);
}

TEST_F(GalleryTest, APictureThatWasPutAsideIsStoredLikeAnyOther) {
  auto gallery = Open();
  const auto spool = std::make_shared<Spool>(gallery->directory(), 1);
  TrackRecord track = MakeTrack(1, 3);
  std::vector<std::string> pictures;
  for (FaceRecord& face : track.faces) {
    pictures.push_back(std::exchange(face.jpeg, ""));
    face.jpeg_bytes = static_cast<int64_t>(pictures.back().size());
    face.spool_at = *spool->Append(pictures.back());
    face.spool = spool;
  }
  ASSERT_TRUE(gallery->AppendTracks(*gallery->WriteSource(MakeSource("a.mp4")), {track}, {}).ok());
  const auto tracks = *gallery->ReadTracks({.faces = true});
  ASSERT_EQ(tracks.at(0).faces.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(*gallery->ReadFacePicture(tracks[0].faces[i].id), pictures[i]);
    EXPECT_EQ(tracks[0].faces[i].jpeg_bytes, static_cast<int64_t>(pictures[i].size()));
  }
}

TEST_F(GalleryTest, TracksComeBackInTheOrderOfSourceNamesWithTheirParts) {
  auto gallery = Open();
  const int64_t second = *gallery->WriteSource(MakeSource("b.mp4"));
  const int64_t first = *gallery->WriteSource(MakeSource("a.mp4"));
  ASSERT_TRUE(gallery->AppendTracks(second, {MakeTrack(2, 1), MakeTrack(1, 3)}, {}).ok());
  ASSERT_TRUE(gallery->AppendTracks(first, {MakeTrack(1, 1)}, {}).ok());

  const auto bare = *gallery->ReadTracks({});
  ASSERT_EQ(bare.size(), 3u);
  EXPECT_EQ(bare[0].source_id, first);
  EXPECT_EQ(bare[1].source_id, second);
  EXPECT_EQ(bare[1].number, 1);
  EXPECT_EQ(bare[2].number, 2);
  EXPECT_TRUE(bare[1].faces.empty());
  EXPECT_TRUE(bare[1].templates.empty());

  const auto full = *gallery->ReadTracks({.faces = true, .embeddings = true, .templates = true});
  const TrackRecord expected = MakeTrack(1, 3);
  const TrackRecord& track = full[1];
  EXPECT_EQ(track.shot, expected.shot);
  EXPECT_EQ(track.start_us, expected.start_us);
  EXPECT_EQ(track.end_us, expected.end_us);
  EXPECT_EQ(track.quality, expected.quality);
  EXPECT_TRUE(track.may_form);
  EXPECT_FALSE(full[2].may_form);
  EXPECT_EQ(track.evidence, 0.875f);
  EXPECT_EQ(track.reason, UnassignedReason::kNone);
  EXPECT_EQ(full[2].evidence, 0.25f);
  EXPECT_EQ(full[2].reason, UnassignedReason::kTurnedAway);
  ASSERT_EQ(track.templates.size(), 2u);
  EXPECT_EQ(track.templates[0].vector, expected.templates[0].vector);
  EXPECT_EQ(track.templates[1].model, "facenet");
  EXPECT_EQ(track.templates[1].model_sha256, std::string(64, 'c'));
  ASSERT_EQ(track.faces.size(), 3u);
  const FaceRecord &face = track.faces[1], &wanted = expected.faces[1];
  EXPECT_EQ(face.number, 2);
  EXPECT_EQ(face.frame, wanted.frame);
  EXPECT_EQ(face.pts, wanted.pts);
  EXPECT_EQ(face.time_us, wanted.time_us);
  EXPECT_EQ(face.duration_us, wanted.duration_us);
  EXPECT_EQ(face.detection.box, wanted.detection.box);
  EXPECT_EQ(face.detection.score, wanted.detection.score);
  EXPECT_EQ(face.detection.landmarks, wanted.detection.landmarks);
  EXPECT_EQ(face.detection.seen_by, wanted.detection.seen_by);
  EXPECT_EQ(face.detection.looked, wanted.detection.looked);
  EXPECT_EQ(face.quality, wanted.quality);
  EXPECT_TRUE(face.jpeg.empty());
  EXPECT_EQ(face.jpeg_bytes, static_cast<int64_t>(wanted.jpeg.size()));
  EXPECT_EQ(*gallery->ReadFacePicture(face.id), wanted.jpeg);
  ASSERT_EQ(face.embeddings.size(), 1u);
  EXPECT_EQ(face.embeddings[0].vector, wanted.embeddings[0].vector);
  EXPECT_EQ(face.embeddings[0].norm, 21.5f);
  EXPECT_EQ(gallery->ReadFacePicture(999).status().code(), StatusCode::kNotFound);
}

TEST_F(GalleryTest, TwoVersionsOfAModelAreKeptApartAndOneVersionHasOneLength) {
  auto gallery = Open();
  const int64_t source = *gallery->WriteSource(MakeSource("a.mp4"));
  TrackRecord track = MakeTrack(1, 0);
  track.templates = {{"m", "hash1", {1, 0}}, {"m", "hash2", {0, 1, 0}}};
  ASSERT_TRUE(gallery->AppendTracks(source, {track}, {}).ok());
  const auto tracks = *gallery->ReadTracks({.templates = true});
  EXPECT_EQ(tracks[0].templates[0].model_sha256, "hash1");
  EXPECT_EQ(tracks[0].templates[1].model_sha256, "hash2");

  TrackRecord wrong = MakeTrack(2, 0);
  wrong.templates = {{"m", "hash1", {1, 0, 0}}};
  EXPECT_EQ(gallery->AppendTracks(source, {wrong}, {}).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(gallery->ReadTracks({})->size(), 1u);
}

TEST_F(GalleryTest, CheckpointMovesWithTheTracksAndClearingStartsAnew) {
  auto gallery = Open();
  const int64_t source = *gallery->WriteSource(MakeSource("a.mp4"));
  EXPECT_EQ(gallery->ReadCheckpoint(source)->next_frame, 0);
  EXPECT_EQ(gallery->ReadCheckpoint(source)->next_track, 1);
  const ScanCheckpoint checkpoint = {
      .next_frame = 250, .next_shot = 3, .next_track = 3, .counts = {.decoded = 250, .kept = 50}};
  ASSERT_TRUE(gallery->AppendTracks(source, {MakeTrack(1, 2), MakeTrack(2, 3)}, checkpoint).ok());
  const auto read = *gallery->ReadCheckpoint(source);
  EXPECT_EQ(read.next_frame, 250);
  EXPECT_EQ(read.next_shot, 3);
  EXPECT_EQ(read.next_track, 3);
  EXPECT_EQ(read.counts, checkpoint.counts);
  EXPECT_EQ(gallery->ReadSources()->front().faces, 5);
  EXPECT_EQ(gallery->ReadSources()->front().tracks, 2);

  // A track number that is already there: nothing of the call stays.
  EXPECT_FALSE(gallery->AppendTracks(source, {MakeTrack(3, 1), MakeTrack(2, 1)}, {.next_frame = 999}).ok());
  EXPECT_EQ(gallery->ReadCheckpoint(source)->next_frame, 250);
  EXPECT_EQ(gallery->ReadTracks({})->size(), 2u);

  const int64_t old_face = gallery->ReadTracks({.faces = true})->front().faces[0].id;
  ASSERT_TRUE(gallery->ClearScan(source).ok());
  EXPECT_TRUE(gallery->ReadTracks({})->empty());
  EXPECT_EQ(gallery->ReadCheckpoint(source)->next_frame, 0);
  EXPECT_EQ(gallery->ReadSources()->front().faces, 0);
  EXPECT_EQ(gallery->ReadFacePicture(old_face).status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(gallery->AppendTracks(source, {MakeTrack(1, 1)}, {}).ok());
  EXPECT_GT(gallery->ReadTracks({.faces = true})->front().faces[0].id, old_face);
}

TEST_F(GalleryTest, ForgottenTracksLeaveNoByteBehind) {
  auto gallery = Open();
  const auto tracks = Fill(*gallery, 3);
  ASSERT_TRUE(gallery->ReplaceGrouping({{0, "Maximilian"}}, {{tracks[1], 0, 0.9f}}).ok());
  ASSERT_TRUE(gallery->WriteCorrection({1, "t", "rename", "{\"name\":\"Maximilian\"}"}, {}).ok());
  const std::string picture = *gallery->ReadFacePicture(4);
  ASSERT_TRUE(
      gallery->Forget({.tracks = {tracks[1]}, .persons = {1}, .corrections = {{1, "", "", "{}"}}}).ok());
  ASSERT_TRUE(gallery->Compact().ok());
  EXPECT_EQ(gallery->ReadSources()->at(0).tracks, 2);
  EXPECT_EQ(gallery->ReadSources()->at(0).faces, 4);
  EXPECT_EQ(gallery->ReadTracks({})->size(), 2u);
  EXPECT_TRUE(gallery->ReadPersons()->empty());
  EXPECT_EQ(gallery->ReadCorrections()->at(0).body, "{}");
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    EXPECT_THAT(*ReadFile(entry.path()), Not(HasSubstr("Maximilian"))) << entry.path();
  }
  EXPECT_EQ(std::filesystem::file_size(folder() / "crossface.db-wal"), 0u);
}

TEST_F(GalleryTest, VectorsOfOtherModelsAreAddedAndTheSourceCountsAsScannedWithThem) {
  auto gallery = Open();
  Fill(*gallery, 1);
  auto tracks = *gallery->ReadTracks({.faces = true});
  tracks[0].faces[1].embeddings = {{"other", std::string(64, 'd'), {1.0f, 0.0f}, 17.0f}};
  tracks[0].templates = {{"other", std::string(64, 'd'), {0.0f, 1.0f}}};
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(gallery->WriteVectors(tracks[0].source_id, tracks, "new settings").ok());
  const auto read = *gallery->ReadTracks({.faces = true, .embeddings = true, .templates = true});
  ASSERT_EQ(read[0].templates.size(), 3u);
  ASSERT_EQ(read[0].faces[1].embeddings.size(), 2u);
  EXPECT_THAT(read[0].faces[1].embeddings.back().vector, ElementsAre(1.0f, 0.0f));
  EXPECT_EQ(read[0].faces[1].embeddings.back().norm, 17.0f);
  EXPECT_EQ(gallery->ReadSources()->at(0).settings, "new settings");
}

TEST_F(GalleryTest, FactsAreKept) {
  auto gallery = Open();
  EXPECT_EQ(*gallery->ReadFact("clustering"), "");
  ASSERT_TRUE(gallery->WriteFact("clustering", "agglomerative").ok());
  ASSERT_TRUE(gallery->WriteFact("clustering", "hybrid").ok());
  EXPECT_EQ(*gallery->ReadFact("clustering"), "hybrid");
}

TEST_F(GalleryTest, SecondWriterIsRefusedAndReadersAreNot) {
  auto writer = Open();
  ASSERT_TRUE(writer->WriteSource(MakeSource("a.mp4")).ok());
  const Status refused = Gallery::Open(folder(), Gallery::Mode::kWrite).status();
  EXPECT_EQ(refused.code(), StatusCode::kIo);
  EXPECT_THAT(refused.message(), HasSubstr("another crossface (process " + std::to_string(::getpid()) + ")"));
  EXPECT_THAT(refused.message(), HasSubstr(folder().string()));
  EXPECT_EQ(Open(Gallery::Mode::kRead)->ReadSources()->size(), 1u);
  writer.reset();
  EXPECT_NE(Open(Gallery::Mode::kWrite), nullptr);
}

TEST_F(GalleryTest, ReaderOfOneStateIsNotDisturbedByAWriter) {
  auto writer = Open();
  Fill(*writer, 2);
  auto reader = Open(Gallery::Mode::kRead);
  ASSERT_TRUE(writer->ClearScan(writer->ReadSources()->front().id).ok());
  EXPECT_TRUE(reader->ReadTracks({.faces = true})->empty());
}

TEST_F(GalleryTest, FoldersThatAreNoCaseAreRefused) {
  EXPECT_EQ(Gallery::Open(folder(), Gallery::Mode::kRead).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Gallery::Open("", Gallery::Mode::kCreate).status().code(), StatusCode::kInvalidArgument);
  std::filesystem::create_directories(folder());
  EXPECT_EQ(Gallery::Open(folder(), Gallery::Mode::kWrite).status().code(), StatusCode::kInvalidArgument);
  std::ofstream(folder() / "holiday.jpg") << "x";
  const Status refused = Gallery::Open(folder(), Gallery::Mode::kCreate).status();
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(), HasSubstr("is not a case"));
  EXPECT_FALSE(std::filesystem::exists(folder() / "crossface.db"));
  std::filesystem::rename(folder() / "holiday.jpg", folder() / ".hidden");
  EXPECT_TRUE(Gallery::Open(folder(), Gallery::Mode::kCreate).ok());
  EXPECT_EQ(Gallery::Open(folder() / "crossface.db", Gallery::Mode::kCreate).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(GalleryTest, EverythingThatASourceTellsOfItselfIsKept) {
  auto gallery = Open();
  SourceRecord source{.name = "a.mov", .path = "/in/a.mov"};
  source.info = {.rotation = 90,
                 .mirrored = true,
                 .turn_from = GeometryFrom::kFound,
                 .pixel_aspect = {12, 11},
                 .aspect_from = GeometryFrom::kGiven,
                 .geometry_notes = "pictures change",
                 .created = "2026-11-23T10:00:00+02:00",
                 .created_from = "creation_time",
                 .latitude = 1.5,
                 .device = "Maker Model",
                 .make = "Maker",
                 .model = "Model",
                 .altitude = -12.5,
                 .located_from = "location",
                 .software = "1.2",
                 .timecode = "10:00:00;02",
                 .timecode_from = "tmcd"};
  ASSERT_TRUE(gallery->WriteSource(source).ok());
  const SourceInfo info = gallery->ReadSources()->at(0).info;
  EXPECT_TRUE(info.mirrored);
  EXPECT_EQ(GeometryText(info),
            "mirrored (file); rotated 90 (found); pixel aspect 12:11 (given); pictures change");
  EXPECT_EQ(info.make, "Maker");
  EXPECT_EQ(info.model, "Model");
  EXPECT_EQ(info.software, "1.2");
  EXPECT_EQ(info.altitude, -12.5);
  EXPECT_FALSE(info.longitude.has_value());
  EXPECT_EQ(info.located_from, "location");
  EXPECT_EQ(info.timecode, "10:00:00;02");
  EXPECT_EQ(info.timecode_from, "tmcd");
  // A scan with other settings may know less.
  source.info.altitude.reset();
  source.info.timecode.clear();
  ASSERT_TRUE(gallery->WriteSource(source).ok());
  EXPECT_FALSE(gallery->ReadSources()->at(0).info.altitude.has_value());
  EXPECT_EQ(gallery->ReadSources()->at(0).info.timecode, "");
}

}  // namespace
}  // namespace crossface
