#include "crossface/gallery/gallery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScratchFolder;

SourceRecord MakeSource(const std::string& name) {
  SourceRecord source;
  source.name = name;
  source.path = "/footage/" + name;
  source.sha256 = std::string(64, 'a');
  source.modified_ns = 1'700'000'000'123'456'789;
  source.info = {.bytes = 123456789012,
                 .duration_ms = 90'500,
                 .width = 1080,
                 .height = 1920,
                 .rotation = 90,
                 .fps = 29.97,
                 .codec = "h264",
                 .stream_index = 1,
                 .time_base_num = 1,
                 .time_base_den = 90000,
                 .created = "2026-11-23T10:20:30Z",
                 .created_from = "creation_time",
                 .latitude = -12.5,
                 .longitude = 0.0,
                 .device = "Maker Model"};
  source.counts = {.decoded = 100, .dark = 1, .still = 2, .paced = 3, .kept = 94, .cuts = 5};
  source.state = SourceState::kScanning;
  source.message = "a \"message\"";
  source.settings = R"({"detectors":["scrfd_500m"]})";
  return source;
}

FaceRecord MakeFace(int64_t number) {
  FaceRecord face;
  face.number = number;
  face.frame = number * 6;
  face.pts = number * 18000;
  face.time_us = number * 200'000;
  face.duration_us = 33'333;
  face.detection.box = {-1.25f, 2.5f, 30.1f, 40.7f};
  face.detection.score = 0.875f;
  for (size_t i = 0; i < 5; ++i)
    face.detection.landmarks[i] = {static_cast<float>(i) + 0.5f, static_cast<float>(number)};
  face.detection.seen_by.Add(DetectorKind::kScrfd500m);
  face.detection.looked = face.detection.seen_by;
  face.detection.looked.Add(DetectorKind::kMtcnn);
  face.quality = 0.625f;
  face.jpeg = std::string("\xFF\xD8\0jpeg", 7) + std::to_string(number);
  face.embeddings = {{"arcface_ms1m", std::string(64, 'b'), {0.6f, -0.8f, 0.0f}}};
  return face;
}

TrackRecord MakeTrack(int64_t number, int64_t faces) {
  TrackRecord track;
  track.number = number;
  track.shot = number / 2;
  track.start_us = number * 1'000'000;
  track.end_us = track.start_us + 500'000;
  track.quality = 0.75f;
  track.may_form = number % 2 == 1;
  for (int64_t i = 1; i <= faces; ++i) track.faces.push_back(MakeFace(i));
  track.templates = {{"arcface_ms1m", std::string(64, 'b'), {1.0f, 0.0f, 0.0f}},
                     {"facenet", std::string(64, 'c'), {0.5f}}};
  return track;
}

class GalleryTest : public ::testing::Test {
 protected:
  std::filesystem::path folder() const { return scratch_.path() / "case"; }
  std::unique_ptr<Gallery> Open(Gallery::Mode mode = Gallery::Mode::kCreate) {
    auto gallery = Gallery::Open(folder(), mode);
    EXPECT_TRUE(gallery.ok()) << gallery.status().message();
    return gallery.ok() ? std::move(*gallery) : nullptr;
  }
  // A case with one source and `tracks` tracks; returns the tracks' ids.
  std::vector<int64_t> Fill(Gallery& gallery, int tracks) {
    const int64_t source = *gallery.WriteSource(MakeSource("a.mp4"));
    std::vector<TrackRecord> records;
    for (int i = 1; i <= tracks; ++i) records.push_back(MakeTrack(i, 2));
    EXPECT_TRUE(gallery.AppendTracks(source, records, {}).ok());
    std::vector<int64_t> ids;
    const auto stored = gallery.ReadTracks({});
    for (const TrackRecord& track : *stored) ids.push_back(track.id);
    return ids;
  }
  ScratchFolder scratch_;
};

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

TEST_F(GalleryTest, PersonsKeepTheirIdsAndNoIdIsUsedTwice) {
  auto gallery = Open();
  const auto tracks = Fill(*gallery, 4);
  const auto first = *gallery->ReplaceGrouping(
      {{}, {}}, {{tracks[0], 0, 0.9f}, {tracks[1], 1, 0.8f}, {tracks[2], -1, 0.1f}});
  EXPECT_THAT(first, ElementsAre(1, 2));
  const auto persons = *gallery->ReadPersons();
  EXPECT_EQ(persons[0].name, "person-0001");
  EXPECT_EQ(persons[1].name, "person-0002");
  const auto assignments = *gallery->ReadAssignments();
  ASSERT_EQ(assignments.size(), 4u);  // tracks that the grouping does not name are unassigned
  EXPECT_EQ(assignments[0].person_id, 1);
  EXPECT_EQ(assignments[0].confidence, 0.9f);
  EXPECT_EQ(assignments[2].person_id, 0);
  EXPECT_EQ(assignments[2].confidence, 0.1f);
  EXPECT_EQ(assignments[3].person_id, 0);

  ASSERT_TRUE(gallery->RenamePerson(1, "Anna Doe").ok());
  const auto second =
      *gallery->ReplaceGrouping({{}, {1, "Anna Doe"}}, {{tracks[3], 0, 1}, {tracks[0], 1, 1}});
  EXPECT_THAT(second, ElementsAre(3, 1));
  ASSERT_TRUE(gallery->ReplaceGrouping({}, {}).ok());
  EXPECT_TRUE(gallery->ReadPersons()->empty());
  EXPECT_THAT(*gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}}), ElementsAre(4));
}

TEST_F(GalleryTest, FailedGroupingLeavesTheOldOne) {
  auto gallery = Open();
  const auto tracks = Fill(*gallery, 1);
  ASSERT_TRUE(gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}}).ok());
  EXPECT_EQ(gallery->ReplaceGrouping({{77, "nobody"}}, {}).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(gallery->ReplaceGrouping({{0, "a/b"}}, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}, {tracks[0], -1, 1}}).ok());
  EXPECT_THROW((void)gallery->ReplaceGrouping({{}}, {{tracks[0], 1, 1}}), std::logic_error);
  EXPECT_EQ(gallery->ReadPersons()->size(), 1u);
  EXPECT_EQ(gallery->ReadAssignments()->front().person_id, 1);
}

TEST_F(GalleryTest, NamesAreUniqueWhateverTheirCase) {
  auto gallery = Open();
  ASSERT_TRUE(gallery->ReplaceGrouping({{}, {}}, {}).ok());
  ASSERT_TRUE(gallery->RenamePerson(1, "Żaneta Å").ok());
  const Status taken = gallery->RenamePerson(2, "żaneta å");
  EXPECT_EQ(taken.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(taken.message(), HasSubstr("taken"));
  EXPECT_TRUE(gallery->RenamePerson(1, "ŻANETA å").ok());
  EXPECT_EQ(gallery->RenamePerson(9, "x").code(), StatusCode::kNotFound);
  EXPECT_EQ(gallery->RenamePerson(1, "Person-0009").code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(gallery->RenamePerson(1, "person-0001").ok());
  // Two persons can exchange their names in one grouping.
  ASSERT_TRUE(gallery->ReplaceGrouping({{1, "Ada"}, {2, "Bea"}}, {}).ok());
  ASSERT_TRUE(gallery->ReplaceGrouping({{1, "Bea"}, {2, "Ada"}}, {}).ok());
  EXPECT_EQ(gallery->ReadPersons()->front().name, "Bea");
}

TEST(CheckPersonNameTest, TakesNamesOfAllScriptsAndRefusesWhatFileSystemsDoNotTake) {
  for (const char* name :
       {"Anna", "person-0001", "María José", "Олена", "محمد", "李小龍", "O'Neill, J. (2nd)", "=1+1", "a.b"}) {
    EXPECT_TRUE(CheckPersonName(name).ok()) << name;
  }
  for (const std::string name : {"",
                                 ".",
                                 "..",
                                 ".hidden",
                                 "dot.",
                                 " a",
                                 "a ",
                                 "a/b",
                                 "a\\b",
                                 "a:b",
                                 "a*",
                                 "a?",
                                 "a\"b",
                                 "a<b",
                                 "a>b",
                                 "a|b",
                                 "a\nb",
                                 "con",
                                 "NUL",
                                 "Lpt1.txt",
                                 "com0",
                                 "\xff",
                                 "a\xe2\x80\xae"
                                 "b",
                                 "a\x7f",
                                 "a\xc2\x85"}) {
    EXPECT_EQ(CheckPersonName(name).code(), StatusCode::kInvalidArgument) << name;
  }
  EXPECT_FALSE(CheckPersonName(std::string("a\0b", 3)).ok());
  EXPECT_TRUE(CheckPersonName(std::string(100, 'x')).ok());
  EXPECT_FALSE(CheckPersonName(std::string(101, 'x')).ok());
}

TEST_F(GalleryTest, CorrectionsAreAppendedTogetherWithWhatTheyChange) {
  auto gallery = Open();
  const auto tracks = Fill(*gallery, 3);
  ASSERT_TRUE(
      gallery->ReplaceGrouping({{}, {}}, {{tracks[0], 0, 0.9f}, {tracks[1], 1, 0.8f}, {tracks[2], -1, 0}})
          .ok());
  EXPECT_EQ(*gallery->NextCorrectionId(), 1);
  // Two persons exchange their names, a third is new, one track changes hands, another becomes nobody's.
  ASSERT_TRUE(gallery
                  ->WriteCorrection({1, "t1", "move", "{\"a\":1}"},
                                    {.persons = {{1, "Anna"}, {2, "Bob"}, {3, "Eve", true}},
                                     .assignments = {{tracks[1], 3, 1.0f}, {tracks[0], 0, 0.0f}}})
                  .ok());
  ASSERT_TRUE(
      gallery->WriteCorrection({2, "t2", "rename", "{}"}, {.persons = {{1, "Bob"}, {2, "Anna"}}}).ok());
  EXPECT_THAT(*gallery->ReadPersons(),
              ElementsAre(PersonRecord{1, "Bob", false}, PersonRecord{2, "Anna", false},
                          PersonRecord{3, "Eve", true}));
  auto assignments = *gallery->ReadAssignments();
  EXPECT_EQ(assignments[0].person_id, 0);
  EXPECT_EQ(assignments[0].first_person_id, 1);
  EXPECT_EQ(assignments[1].person_id, 3);
  EXPECT_EQ(assignments[1].first_person_id, 2);

  // A refused one leaves nothing, neither in the list nor in the grouping.
  const Status taken =
      gallery->WriteCorrection({3, "t3", "rename", "{}"}, {.persons = {{3, "anna"}}, .removed = {1}});
  EXPECT_EQ(taken.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(gallery->ReadPersons()->size(), 3u);
  EXPECT_EQ(gallery->ReadCorrections()->size(), 2u);
  EXPECT_THROW((void)gallery->WriteCorrection({9, "t", "rename", "{}"}, {}), std::logic_error);
  EXPECT_EQ(gallery->ReadCorrections()->at(0).body, "{\"a\":1}");

  // A person who was removed comes back under the old number; one who never was does not.
  ASSERT_TRUE(gallery->WriteCorrection({3, "t4", "merge", "{}"}, {.removed = {2}}).ok());
  EXPECT_TRUE(gallery->ReplaceGrouping({{2, "Anna"}}, {}).ok());
  EXPECT_EQ(gallery->ReplaceGrouping({{7, "Nobody"}}, {}).status().code(), StatusCode::kNotFound);
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
  tracks[0].faces[1].embeddings = {{"other", std::string(64, 'd'), {1.0f, 0.0f}}};
  tracks[0].templates = {{"other", std::string(64, 'd'), {0.0f, 1.0f}}};
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(gallery->WriteVectors(tracks[0].source_id, tracks, "new settings").ok());
  const auto read = *gallery->ReadTracks({.faces = true, .embeddings = true, .templates = true});
  ASSERT_EQ(read[0].templates.size(), 3u);
  ASSERT_EQ(read[0].faces[1].embeddings.size(), 2u);
  EXPECT_THAT(read[0].faces[1].embeddings.back().vector, ElementsAre(1.0f, 0.0f));
  EXPECT_EQ(gallery->ReadSources()->at(0).settings, "new settings");
}

TEST_F(GalleryTest, ExportedFilesMoveWithTheirPersonsFolder) {
  auto gallery = Open();
  ASSERT_TRUE(gallery->WriteExportedFolders({{1, "people/a", ""}, {2, "people/ö", "people/c"}}).ok());
  ASSERT_TRUE(gallery
                  ->WriteExportedFiles(
                      {{"people/a/x.jpg", 7}, {"people/a.b", 0}, {"people/ö/y.jpg", 8}, {"z", 0}}, {})
                  .ok());
  ASSERT_TRUE(gallery->WriteExportedFolders({{1, "people/long name", "x"}, {2, "people/c", ""}}).ok());
  EXPECT_THAT(*gallery->ReadExportedFolders(),
              ElementsAre(ExportedFolder{1, "people/long name", "x"}, ExportedFolder{2, "people/c", ""}));
  EXPECT_THAT(*gallery->ReadExportedFiles(),
              ElementsAre(ExportedFile{"people/a.b", 0}, ExportedFile{"people/c/y.jpg", 8},
                          ExportedFile{"people/long name/x.jpg", 7}, ExportedFile{"z", 0}));
  ASSERT_TRUE(gallery->WriteExportedFiles({{"z", 9}}, {"people/a.b", "people/c/y.jpg"}).ok());
  EXPECT_THAT(*gallery->ReadExportedFiles(),
              ElementsAre(ExportedFile{"people/long name/x.jpg", 7}, ExportedFile{"z", 9}));
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

TEST_F(GalleryTest, SuggestionsAndCohesionAreThoseOfTheLastGroupingAndAreForgottenWithThePerson) {
  auto gallery = Open();
  const std::vector<int64_t> tracks = Fill(*gallery, 4);
  using Kind = SuggestionRecord::Kind;
  const std::vector<Gallery::NewAssignment> grouping = {
      {tracks[0], 0, 0.9f}, {tracks[1], 0, 0.9f}, {tracks[2], 1, 0.8f}, {tracks[3], -1, 0}};
  ASSERT_TRUE(gallery
                  ->ReplaceGrouping({{0, "Anna", false, 0.25f}, {0, "Ben"}}, grouping,
                                    {{Kind::kMixture, 0, -1, {tracks[1]}, 0.5f, 2},
                                     {.person = 1, .other = 0, .probability = 0.25f, .gain = 1}})
                  .ok());
  auto suggestions = *gallery->ReadSuggestions();
  ASSERT_EQ(suggestions.size(), 2u);
  EXPECT_EQ(suggestions[0], (SuggestionRecord{1, Kind::kMixture, 1, 0, {tracks[1]}, 0.5f, 2, false}));
  EXPECT_EQ(suggestions[1], (SuggestionRecord{2, Kind::kMerge, 2, 1, {}, 0.25f, 1, false}));
  EXPECT_EQ(gallery->ReadPersons()->at(0).cohesion, 0.25f);
  EXPECT_FALSE(gallery->ReadPersons()->at(1).cohesion.has_value());

  ASSERT_TRUE(gallery->SettleSuggestions({2}).ok());
  EXPECT_FALSE(gallery->ReadSuggestions()->at(0).settled);
  EXPECT_TRUE(gallery->ReadSuggestions()->at(1).settled);
  ASSERT_TRUE(gallery->SettleSuggestions({}).ok());
  EXPECT_FALSE(gallery->ReadSuggestions()->at(1).settled);

  // Nothing is known of a person with another track until the old ones are back.
  const auto move = [&](int64_t id, int64_t person) {
    return gallery->WriteCorrection({id, "t", "move", "{}"}, {.assignments = {{tracks[3], person, 1}}});
  };
  ASSERT_TRUE(move(1, 1).ok());
  EXPECT_FALSE(gallery->ReadPersons()->at(0).cohesion.has_value());
  ASSERT_TRUE(move(2, 0).ok());
  EXPECT_EQ(gallery->ReadPersons()->at(0).cohesion, 0.25f);
  // Nor is it lost with a person who comes back.
  ASSERT_TRUE(gallery->WriteCorrection({3, "t", "x", "{}"}, {.removed = {1}}).ok());
  ASSERT_TRUE(
      gallery
          ->WriteCorrection({4, "t", "x", "{}"},
                            {.persons = {{1, "Anna"}}, .assignments = {{tracks[0], 1, 1}, {tracks[1], 1, 1}}})
          .ok());
  EXPECT_EQ(gallery->ReadPersons()->at(0).cohesion, 0.25f);

  ASSERT_TRUE(gallery->Forget({.persons = {2}}).ok());
  ASSERT_EQ(gallery->ReadSuggestions()->size(), 1u);
  ASSERT_TRUE(gallery->Forget({.persons = {1}}).ok());
  EXPECT_TRUE(gallery->ReadSuggestions()->empty());
  EXPECT_TRUE(gallery->CheckIntegrity()->empty());

  ASSERT_TRUE(gallery->ReplaceGrouping({{}}, {{tracks[0], 0, 1}}, {}).ok());
  EXPECT_FALSE(gallery->ReadPersons()->at(0).cohesion.has_value());
}

TEST_F(GalleryTest, EverythingThatASourceTellsOfItselfIsKept) {
  auto gallery = Open();
  SourceRecord source{.name = "a.mov", .path = "/in/a.mov"};
  source.info = {.rotation = 90,
                 .mirrored = true,
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
