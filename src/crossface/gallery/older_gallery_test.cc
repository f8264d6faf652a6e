// Galleries of older versions, read as they are and brought up to date.
#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/gallery/gallery.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;

// Every version that was ever given out stands as a dump beside this test.
class OlderGallery : public ::testing::Test {
 protected:
  std::filesystem::path folder() const { return scratch_.path() / "case"; }
  std::filesystem::path database() const { return folder() / "crossface.db"; }
  void Make(int version) {
    std::filesystem::create_directories(folder());
    const auto dump = ReadFile(testing::SourceFolder() /
                               fmt::format("src/crossface/gallery/version_{}_for_test.sql", version));
    ASSERT_TRUE(dump.ok());
    SQLite::Database(database().native(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(*dump);
  }
  // All that a gallery gives, as text.
  static std::string ReadAll(const Gallery& gallery) {
    std::string text;
    const auto sources = *gallery.ReadSources();
    const auto persons = *gallery.ReadPersons();
    const auto cohesion = *gallery.ReadCohesion();
    const auto assignments = *gallery.ReadAssignments();
    const auto tracks = *gallery.ReadTracks({.faces = true, .embeddings = true, .templates = true});
    const auto corrections = *gallery.ReadCorrections();
    for (const SourceRecord& source : sources) {
      text += fmt::format("source {} {} {} {} {} {} {} '{}' {} {}\n", source.id, source.name, source.sha256,
                          source.info.created, source.info.device, source.info.timecode, source.info.mirrored,
                          GeometryText(source.info), source.faces, source.settings);
    }
    for (const PersonRecord& person : persons)
      text += fmt::format("person {} {} {} {}\n", person.id, person.name, person.ignored,
                          cohesion.contains(person.id));
    for (const Assignment& a : assignments)
      text += fmt::format("assignment {} {} {} {} '{}'\n", a.track_id, a.person_id, a.confidence,
                          a.first_person_id, UnassignedReasonName(a.reason));
    for (const TrackRecord& track : tracks) {
      EXPECT_EQ(track.face_count, static_cast<int64_t>(track.faces.size()));
      text += fmt::format("track {} {} {} {} {} '{}'\n", track.id, track.source_id, track.start_us,
                          track.templates.size(), track.evidence, UnassignedReasonName(track.reason));
      for (const FaceRecord& face : track.faces)
        text += fmt::format("face {} {} {} {} {}\n", face.id, face.time_us, face.detection.box.x,
                            face.embeddings.size(), *gallery.ReadFacePicture(face.id));
      for (const FaceRecord& face : track.faces) {
        for (const FaceEmbedding& embedding : face.embeddings)
          text +=
              fmt::format("embedding {} {} {}\n", embedding.model, embedding.vector.at(0), embedding.norm);
      }
    }
    for (const CorrectionRecord& correction : corrections)
      text += fmt::format("correction {} {} {}\n", correction.id, correction.body, correction.looks);
    for (const SourceRecord& source : sources) EXPECT_FALSE(gallery.ReadMarks(source.id)->has_value());
    const auto together = *gallery.ReadTracksTogether();
    const auto all_totals = *gallery.ReadPersonTotals();
    for (const auto& [one, other] : together) text += fmt::format("together {} {}\n", one, other);
    for (const PersonTotals& totals : all_totals)
      text += fmt::format("totals {} {} {} {} {} {}\n", totals.person_id, totals.tracks, totals.faces,
                          totals.sources, totals.screen_us, totals.portrait);
    const auto list_file = [&](const ExportedFile& file, int64_t bytes) {
      text += fmt::format("exported {} {} {}\n", file.path, file.face_id, bytes);
      return Status();
    };
    EXPECT_TRUE(gallery.ForEachExportedFile(list_file).ok());
    text += fmt::format("references {}\n", gallery.ReadReferences()->size());
    text += fmt::format("suggestions {}\n", gallery.ReadSuggestions()->size());
    text += fmt::format("copies {} {} {}\n", gallery.ReadFingerprints()->size(), gallery.ReadCopies()->size(),
                        *gallery.HasLookedForCopies());
    text += fmt::format("next {} {}\n", *gallery.NextPersonId(), *gallery.NextCorrectionId());
    EXPECT_TRUE(gallery.CheckIntegrity()->empty());
    return text;
  }

  testing::ScratchFolder scratch_;
};

TEST_F(OlderGallery, IsReadAsItIsAndSaysWhatItSaysOnceItIsUpToDate) {
  for (const int version : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) {
    Make(version);
    const std::string before = *ReadFile(database());
    std::string as_it_is;
    {
      auto reader = Gallery::Open(folder(), Gallery::Mode::kRead);
      ASSERT_TRUE(reader.ok()) << reader.status().message();
      as_it_is = ReadAll(**reader);
    }
    EXPECT_EQ(*ReadFile(database()), before) << version;
    EXPECT_THAT(as_it_is, HasSubstr("person 1 Anna"));
    auto writer = *Gallery::Open(folder(), Gallery::Mode::kWrite);
    EXPECT_EQ(ReadAll(*writer), as_it_is) << version;
    writer.reset();
    EXPECT_EQ(SQLite::Database(database().native()).execAndGet("PRAGMA user_version").getInt(), 12);
    auto reader = *Gallery::Open(folder(), Gallery::Mode::kRead);
    EXPECT_EQ(ReadAll(*reader), as_it_is) << version;
    reader.reset();
    std::filesystem::remove_all(folder());
  }
}

TEST_F(OlderGallery, OfVersion11LearnsHowLargeTheExportedPicturesAre) {
  Make(11);
  for (const auto mode : {Gallery::Mode::kRead, Gallery::Mode::kWrite}) {
    const std::string all = ReadAll(**Gallery::Open(folder(), mode));
    EXPECT_THAT(all, HasSubstr("exported people/Bea/faces/asl_book_00-00-00.200_t1_f2.jpg 16 4\n"));
    EXPECT_THAT(all, HasSubstr("exported people/Bea/portrait.jpg 0 0\n"));
  }
}

TEST_F(OlderGallery, OfVersion9SaysApartFromItsCorrectionsHowTracksLook) {
  Make(9);
  for (const auto mode : {Gallery::Mode::kRead, Gallery::Mode::kWrite}) {
    auto gallery = *Gallery::Open(folder(), mode);
    const auto corrections = *gallery->ReadCorrections();
    ASSERT_EQ(corrections.size(), 5u);
    EXPECT_EQ(corrections[0].body.find("templates"), std::string::npos);
    EXPECT_EQ(corrections[0].body.find("\"shot\":0"), corrections[0].body.rfind("\"shot\":0"));
    EXPECT_THAT(corrections[0].looks, ::testing::StartsWith("[[{\"model\":\"arcface_ms1m\""));
    EXPECT_EQ(*gallery->ReadLooks(1), corrections[0].looks);
    EXPECT_EQ(corrections[3].looks, "") << "that names no track";
    EXPECT_EQ(gallery->ReadCorrectionsWithoutLooks()->at(0).body, corrections[0].body);
    EXPECT_EQ(gallery->ReadReferences()->size(), 1u);
    EXPECT_TRUE(gallery->ReadFoundTracks()->tracks.empty());
  }
}

TEST_F(OlderGallery, OfVersion1IsBroughtUpToDateWithAllThatIsInIt) {
  Make(1);
  auto gallery = *Gallery::Open(folder(), Gallery::Mode::kWrite);
  const auto persons = *gallery->ReadPersons();
  ASSERT_EQ(persons.size(), 4u);
  EXPECT_EQ(persons[0], (PersonRecord{1, "Anna", false}));
  const auto tracks = *gallery->ReadTracks({.faces = true, .embeddings = true, .templates = true});
  ASSERT_EQ(tracks.size(), 4u);
  for (const TrackRecord& track : tracks) {
    EXPECT_EQ(track.faces.size(), 2u);
    EXPECT_EQ(track.templates.size(), 1u);
    EXPECT_EQ(*gallery->ReadFacePicture(track.faces[0].id), "\xFF\xD8\xFF\xD9");
  }
  const auto assignments = *gallery->ReadAssignments();
  for (const Assignment& assignment : assignments) {
    EXPECT_NE(assignment.person_id, 0);
    EXPECT_EQ(assignment.first_person_id, assignment.person_id);
  }
  EXPECT_TRUE(gallery->ReadCorrections()->empty());
  EXPECT_EQ(*gallery->NextPersonId(), 65);
  EXPECT_TRUE(gallery->CheckIntegrity()->empty());
  ASSERT_TRUE(
      gallery->WriteCorrection({1, "2026-11-23T10:00:00Z", "rename", "{}"}, {.persons = {{2, "Bob"}}}).ok());
  EXPECT_EQ(gallery->ReadPersons()->at(1).name, "Bob");
}

TEST_F(OlderGallery, OfVersion2KeepsItsCorrectionsAndTakesWhatVersion3Adds) {
  Make(2);
  auto gallery = *Gallery::Open(folder(), Gallery::Mode::kWrite);
  EXPECT_EQ(gallery->ReadCorrections()->size(), 3u);
  auto sources = *gallery->ReadSources();
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[2].info.created, "2023-09-22T18:34:05+02:00");
  EXPECT_EQ(sources[2].info.timecode, "");
  EXPECT_FALSE(sources[2].info.altitude.has_value());
  sources[2].info.timecode = "10:00:00;00";
  ASSERT_TRUE(gallery->WriteSource(sources[2]).ok());
  const auto ids =
      gallery->ReplaceGrouping({{1, "Anna", false, false, 0.75f}, {2, "person-0002"}}, {{1, 0, 1}, {2, 1, 1}},
                               {{.person = 0, .other = 1, .probability = 0.5f, .gain = 1}});
  ASSERT_TRUE(ids.ok()) << ids.status().message();
  gallery = nullptr;
  gallery = *Gallery::Open(folder(), Gallery::Mode::kRead);
  EXPECT_EQ(gallery->ReadSources()->at(2).info.timecode, "10:00:00;00");
  EXPECT_EQ(gallery->ReadCohesion()->at(1), 0.75f);
  EXPECT_EQ(gallery->ReadSuggestions()->size(), 1u);
}

TEST_F(OlderGallery, OfVersion3KeepsItsSuggestionsAndTakesFingerprintsAndCopies) {
  Make(3);
  auto gallery = *Gallery::Open(folder(), Gallery::Mode::kWrite);
  EXPECT_EQ(gallery->ReadSuggestions()->size(), 1u);
  EXPECT_EQ(gallery->ReadCohesion()->at(1), 0.75f);
  EXPECT_FALSE(*gallery->HasLookedForCopies());
  const auto sources = *gallery->ReadSources();
  ASSERT_GE(sources.size(), 2u);
  const Fingerprint fingerprint{.changes = {{.tick = 7}}};
  ASSERT_TRUE(gallery->WriteFingerprint(sources[0].id, sources[0].sha256, fingerprint).ok());
  const CopyRecord copy{.source_id = sources[0].id, .other_id = sources[1].id, .length_us = 2'000'000};
  ASSERT_TRUE(gallery->ReplaceCopies({copy}).ok());
  gallery = nullptr;
  gallery = *Gallery::Open(folder(), Gallery::Mode::kRead);
  ASSERT_EQ(gallery->ReadFingerprints()->size(), 1u);
  EXPECT_EQ(gallery->ReadFingerprints()->at(0).fingerprint, fingerprint);
  EXPECT_EQ(*gallery->ReadCopies(), std::vector<CopyRecord>{copy});
  EXPECT_TRUE(*gallery->HasLookedForCopies());
}

TEST_F(OlderGallery, OfVersion4KeepsItsCopiesAndTakesEvidenceAndReasons) {
  Make(4);
  auto gallery = *Gallery::Open(folder(), Gallery::Mode::kWrite);
  EXPECT_EQ(gallery->ReadCopies()->size(), 1u);
  const auto tracks = *gallery->ReadTracks({.faces = true, .embeddings = true});
  ASSERT_EQ(tracks.size(), 2u);
  for (const TrackRecord& track : tracks) {
    EXPECT_EQ(track.evidence, 1) << "nothing is held against faces that were never measured";
    EXPECT_EQ(track.reason, UnassignedReason::kNone);
  }
  const auto before = *gallery->ReadAssignments();
  for (const Assignment& assignment : before) EXPECT_EQ(assignment.reason, UnassignedReason::kNone);
  ASSERT_TRUE(
      gallery
          ->ReplaceGrouping({{1, "Anna"}},
                            {{.track_id = tracks[0].id, .person = 0, .confidence = 1},
                             {.track_id = tracks[1].id, .person = -1, .reason = UnassignedReason::kInDoubt}})
          .ok());
  gallery = nullptr;
  gallery = *Gallery::Open(folder(), Gallery::Mode::kRead);
  const auto stored = *gallery->ReadAssignments();
  for (const Assignment& assignment : stored) {
    EXPECT_EQ(assignment.reason,
              assignment.person_id == 0 ? UnassignedReason::kInDoubt : UnassignedReason::kNone);
  }
}

TEST_F(OlderGallery, OfVersion5KeepsItsEvidenceAndTakesPartsAndPlaces) {
  Make(5);
  auto gallery = *Gallery::Open(folder(), Gallery::Mode::kWrite);
  EXPECT_EQ(gallery->ReadTracks({})->at(1).evidence, 0.25f);
  EXPECT_TRUE(gallery->ReadRescans()->empty());
  auto sources = *gallery->ReadSources();
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[0].info.part, "");
  EXPECT_TRUE(sources[0].places.empty());
  sources[0].info.part = "2";
  sources[0].places = {{"/copies/x.mkv", "copies/x.mkv", 7}};
  ASSERT_TRUE(gallery->WriteSource(sources[0]).ok());
  gallery = nullptr;
  gallery = *Gallery::Open(folder(), Gallery::Mode::kRead);
  EXPECT_EQ(gallery->ReadSources()->at(0).info.part, "2");
  EXPECT_EQ(gallery->ReadSources()->at(0).places, sources[0].places);
}

TEST_F(OlderGallery, OfVersion6KeepsItsPlacesAndLearnsWhoIsOnTheScreenTogether) {
  Make(6);
  // Tracks 3 and 4 lie over one another in one of their frames, as one face that was reported twice.
  const std::vector<std::pair<int64_t, int64_t>> together = {{1, 3}, {1, 4}};
  EXPECT_EQ(*(*Gallery::Open(folder(), Gallery::Mode::kRead))->ReadTracksTogether(), together);
  auto gallery = *Gallery::Open(folder(), Gallery::Mode::kWrite);
  EXPECT_EQ(*gallery->ReadTracksTogether(), together);
  EXPECT_EQ(*gallery->ReadTracksTogether({1}), together);
  EXPECT_TRUE(gallery->ReadTracksTogether({3})->empty());
  EXPECT_EQ(gallery->ReadSources()->at(0).places.size() + gallery->ReadSources()->at(1).places.size() +
                gallery->ReadSources()->at(2).places.size(),
            1u);
  // The same as is found when tracks are written.
  std::vector<TrackRecord> tracks = *gallery->ReadTracks({.faces = true});
  std::erase_if(tracks, [](const TrackRecord& track) { return track.source_id != 2; });
  ASSERT_EQ(tracks.size(), 3u);
  ASSERT_TRUE(gallery->ClearScan(2).ok());
  EXPECT_TRUE(gallery->ReadTracksTogether()->empty());
  ASSERT_TRUE(gallery->AppendTracks(2, tracks, {}).ok());
  EXPECT_EQ(gallery->ReadTracksTogether()->size(), 2u);
}

}  // namespace
}  // namespace crossface
