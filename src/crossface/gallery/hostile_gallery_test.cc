// A case that comes from somebody who means harm: whatever its files are and its database says, nothing
// outside of it is changed, and it is refused with the reason.
#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "crossface/gallery/gallery_case_for_test.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class HostileGallery : public GalleryTest {
 protected:
  void SetUp() override {
    auto gallery = Open();
    Fill(*gallery, 2);
    ASSERT_TRUE(gallery->ReplaceGrouping({{0, "Ada"}}, {{1, 0, 1}}).ok());
    gallery.reset();
    ASSERT_TRUE(WriteFileAtomically(precious(), "precious").ok());
  }
  void TearDown() override { EXPECT_EQ(*ReadFile(precious()), "precious"); }
  fs::path precious() const { return scratch_.path() / "precious"; }
  fs::path database() const { return folder() / "crossface.db"; }
  void Execute(const std::string& sql) {
    SQLite::Database(database().native(), SQLite::OPEN_READWRITE).exec("PRAGMA writable_schema = ON; " + sql);
  }
  // All that can be read of it.
  Status ReadAll(Gallery::Mode mode) {
    const auto gallery = Gallery::Open(folder(), mode);
    if (!gallery.ok()) return gallery.status();
    for (const Status& status :
         {(*gallery)->ReadSources().status(),
          (*gallery)->ReadTracks({.faces = true, .embeddings = true, .templates = true}).status(),
          (*gallery)->ReadPersons().status(), (*gallery)->ReadAssignments().status(),
          (*gallery)->ReadRescans().status(), (*gallery)->ReadCorrections().status(),
          (*gallery)->ReadExportedFiles().status(), (*gallery)->ReadExportedFolders().status()})
      CROSSFACE_RETURN_IF_ERROR(status);
    return Status();
  }
};

TEST_F(HostileGallery, LocksThatAreNoneAreLeftAsTheyAre) {
  const fs::path lock = folder() / "crossface.lock";
  fs::remove(lock);
  fs::create_symlink(precious(), lock);
  Status refused = Gallery::Open(folder(), Gallery::Mode::kWrite).status();
  EXPECT_EQ(refused.code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(refused.message(), HasSubstr("crossface.lock: it is a link"));
  EXPECT_TRUE(ReadAll(Gallery::Mode::kRead).ok()) << "looking needs no lock";
  fs::remove(lock);
  fs::create_hard_link(precious(), lock);
  refused = Gallery::Open(folder(), Gallery::Mode::kCreate).status();
  EXPECT_THAT(refused.message(), HasSubstr("hard link"));
  fs::remove(lock);
  ASSERT_TRUE(WriteFileAtomically(lock, "my notes").ok());
  refused = Gallery::Open(folder(), Gallery::Mode::kWrite).status();
  EXPECT_THAT(refused.message(), HasSubstr("not the lock"));
  EXPECT_EQ(*ReadFile(lock), "my notes");
  fs::remove(lock);
  ASSERT_EQ(::mkfifo(lock.c_str(), 0600), 0);
  EXPECT_EQ(Gallery::Open(folder(), Gallery::Mode::kWrite).status().code(), StatusCode::kPermissionDenied);
  fs::remove(lock);
  fs::create_directory(lock);
  EXPECT_FALSE(Gallery::Open(folder(), Gallery::Mode::kWrite).ok());
  fs::remove(lock);
  ASSERT_TRUE(WriteFileAtomically(lock, "4711\n").ok());
  EXPECT_TRUE(Gallery::Open(folder(), Gallery::Mode::kWrite).ok());
}

TEST_F(HostileGallery, DatabaseThatIsALinkOrAPipeIsRefused) {
  const fs::path elsewhere = scratch_.path() / "elsewhere.db";
  fs::rename(database(), elsewhere);
  fs::create_symlink(elsewhere, database());
  const std::string before = *ReadFile(elsewhere);
  for (const auto mode : {Gallery::Mode::kCreate, Gallery::Mode::kWrite, Gallery::Mode::kRead}) {
    const Status refused = Gallery::Open(folder(), mode).status();
    EXPECT_EQ(refused.code(), StatusCode::kPermissionDenied);
    EXPECT_THAT(refused.message(), HasSubstr("crossface.db is not a file but a link"));
  }
  fs::remove(database());
  fs::create_hard_link(elsewhere, database());
  EXPECT_THAT(Gallery::Open(folder(), Gallery::Mode::kWrite).status().message(), HasSubstr("hard link"));
  EXPECT_TRUE(ReadAll(Gallery::Mode::kRead).ok());
  EXPECT_EQ(*ReadFile(elsewhere), before);
  fs::remove(database());
  ASSERT_EQ(::mkfifo(database().c_str(), 0600), 0);
  EXPECT_EQ(Gallery::Open(folder(), Gallery::Mode::kRead).status().code(), StatusCode::kPermissionDenied);
}

TEST_F(HostileGallery, SidesOfTheDatabaseThatAreLinksAreRefused) {
  for (const char* ending : {"-wal", "-shm", "-journal"}) {
    const fs::path side = database().native() + ending;
    fs::remove(side);
    fs::create_symlink(precious(), side);
    for (const auto mode : {Gallery::Mode::kWrite, Gallery::Mode::kRead})
      EXPECT_EQ(Gallery::Open(folder(), mode).status().code(), StatusCode::kPermissionDenied) << ending;
    fs::remove(side);
  }
}

// SQLite deletes the file that binds the journals of several databases together, once it has rolled back. Its
// name stands at the end of a journal.
TEST_F(HostileGallery, JournalThatWouldHaveAnotherFileDeletedIsRefused) {
  Execute("PRAGMA journal_mode = DELETE");
  const std::string name = precious().string();
  const auto number = [](uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    return bytes;
  };
  const std::string magic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
  uint32_t sum = 0;
  for (const char c : name) sum += static_cast<uint32_t>(c);
  const auto pages = static_cast<uint32_t>(fs::file_size(database()) / 16384);
  std::string journal = magic + number(0) + number(7) + number(pages) + number(512) + number(16384);
  journal.resize(512, '\0');
  // The page of locks, then the name, its length and its sum.
  journal += number(0x40000000 / 16384 + 1) + name + number(static_cast<uint32_t>(name.size())) +
             number(sum) + magic;
  for (const auto mode : {Gallery::Mode::kWrite, Gallery::Mode::kRead}) {
    std::ofstream(database().native() + "-journal", std::ios::binary) << journal;
    const Status refused = Gallery::Open(folder(), mode).status();
    EXPECT_EQ(refused.code(), StatusCode::kCorrupt);
    EXPECT_THAT(refused.message(), HasSubstr("would have another file deleted"));
    EXPECT_TRUE(fs::exists(precious()));
  }
}

TEST_F(HostileGallery, WhatActsOnReadingOrWritingIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> tricks = {
      {"CREATE TRIGGER helpful AFTER INSERT ON facts BEGIN DELETE FROM corrections; END",
       "trigger 'helpful'"},
      {"CREATE VIEW more AS SELECT * FROM persons", "view 'more'"},
      {"CREATE INDEX slow ON persons(abs(ignored))", "index 'slow'"},
      {"CREATE VIRTUAL TABLE words USING fts5(text)", "'words"},
      {"ALTER TABLE fingerprints RENAME TO prints", "'prints'"},
      {"ALTER TABLE persons ADD COLUMN more AS (zeroblob(1000))", "another table 'persons'"},
      {"ALTER TABLE cohesion RENAME TO old; CREATE VIEW cohesion AS SELECT * FROM old", "'old'"},
      {"UPDATE sqlite_master SET sql = replace(sql, 'name TEXT NOT NULL UNIQUE', 'name TEXT NOT NULL') WHERE "
       "name "
       "= 'sources'",
       ""},
      {"DROP TABLE suggestion_tracks", "lacks the"},
  };
  const std::string sound = *ReadFile(database());
  for (const auto& [sql, told] : tricks) {
    ASSERT_TRUE(WriteFileAtomically(database(), sound).ok());
    Execute(sql);
    for (const auto mode : {Gallery::Mode::kWrite, Gallery::Mode::kRead}) {
      const Status refused = Gallery::Open(folder(), mode).status();
      EXPECT_EQ(refused.code(), StatusCode::kCorrupt) << sql << refused.message();
      EXPECT_THAT(refused.message(), HasSubstr(told)) << sql;
    }
  }
  ASSERT_TRUE(WriteFileAtomically(database(), sound).ok());
  Execute("ANALYZE");
  EXPECT_TRUE(ReadAll(Gallery::Mode::kWrite).ok()) << "numbers for SQLite's planner harm nobody";
}

TEST_F(HostileGallery, NamesAndPathsThatCrossfaceNeverWritesAreRefused) {
  const std::vector<std::string> tricks = {
      "UPDATE persons SET name = '../../precious'",
      "UPDATE persons SET name = '..'",
      "UPDATE persons SET name = '/etc'",
      "UPDATE persons SET name = ''",
      "UPDATE persons SET name = 'a' || char(10) || 'b'",
      "UPDATE persons SET name = CAST('a' || char(0) || '/../..' AS TEXT)",
      "UPDATE persons SET name = x'ff2e2e'",
      "PRAGMA foreign_keys = OFF; UPDATE persons SET id = -1",
      "INSERT INTO exported_files(path, face_id) VALUES ('../../precious', 0)",
      "INSERT INTO exported_files(path, face_id) VALUES ('people/../../../precious', 1)",
      "INSERT INTO exported_files(path, face_id) VALUES ('/etc/passwd', 0)",
      "INSERT INTO exported_files(path, face_id) VALUES ('crossface.db', 0)",
      "INSERT INTO exported_files(path, face_id) VALUES ('run.jsonl', 0)",
      "INSERT INTO exported_files(path, face_id) VALUES ('search/tracks.index', 0)",
      "INSERT INTO exported_files(path, face_id) VALUES ('people', 0)",
      "INSERT INTO exported_files(path, face_id) VALUES ('faces.csv' || char(0) || '.csv', 0)",
      "INSERT INTO exported_folders VALUES (1, '../outside', '')",
      "INSERT INTO exported_folders VALUES (1, 'people/Ada', '../outside')",
      "INSERT INTO exported_folders VALUES (1, 'people/Ada/faces', '')",
      "INSERT INTO exported_folders VALUES (1, 'people/.moving-2', 'people/Ada')",
      "INSERT INTO exported_folders VALUES (1, 'search', 'people/Ada')",
  };
  const std::string sound = *ReadFile(database());
  ASSERT_TRUE(ReadAll(Gallery::Mode::kRead).ok());
  for (const std::string& sql : tricks) {
    ASSERT_TRUE(WriteFileAtomically(database(), sound).ok());
    Execute(sql);
    for (const auto mode : {Gallery::Mode::kWrite, Gallery::Mode::kRead})
      EXPECT_EQ(ReadAll(mode).code(), StatusCode::kCorrupt) << sql;
  }
}

TEST_F(HostileGallery, TextsThatAreNestedWithoutEndAreRefused) {
  const std::string deep = "replace(hex(zeroblob(1000000)), '00', '[')",
                    in_a_text = "'{\"name\":\"' || " + deep + " || '\"}'";
  const std::string correction =
      "INSERT INTO corrections(time, verb, body) VALUES ('2026-01-01T00:00:00Z', 'merge', ";
  const std::string sound = *ReadFile(database());
  for (const std::string& sql : {"UPDATE scan_settings SET text = " + deep, correction + deep + ")"}) {
    ASSERT_TRUE(WriteFileAtomically(database(), sound).ok());
    Execute(sql);
    EXPECT_EQ(ReadAll(Gallery::Mode::kRead).code(), StatusCode::kCorrupt) << sql;
  }
  ASSERT_TRUE(WriteFileAtomically(database(), sound).ok());
  Execute("UPDATE scan_settings SET text = " + in_a_text);
  Execute(correction + in_a_text + ")");
  EXPECT_TRUE(ReadAll(Gallery::Mode::kRead).ok()) << "brackets in texts are letters";
}

TEST_F(HostileGallery, CellsOfAnotherTypeOrSizeAreRefusedOrHarmless) {
  const std::vector<std::string> refused = {
      "UPDATE models SET dimensions = -1",
      "UPDATE models SET dimensions = 9223372036854775807",
      "UPDATE models SET dimensions = 'many'",
      "UPDATE templates SET vector = zeroblob(270000000) WHERE track_id = 1 AND model_id = 1",
      "UPDATE templates SET vector = x'000080ff0000c07f0000807f' WHERE model_id = 1",
      "UPDATE faces SET landmarks = 'eyes'",
      "UPDATE faces SET x = 9e999",
      "UPDATE faces SET time_us = 9223372036854775807",
      "UPDATE faces SET jpeg_bytes = -1",
      "UPDATE sources SET width = -1",
      "UPDATE sources SET rotation = 45",
      "UPDATE sources SET fps = 9e999",
      "UPDATE sources SET pixel_aspect_height = 0",
      "UPDATE sources SET state = 17",
      "UPDATE tracks SET reason = x'00'",
  };
  const std::vector<std::string> harmless = {
      "UPDATE sources SET name = 17.5, path = x'00', message = 9, decoded = -5, faces = -1, tracks = 'x'",
      "UPDATE sources SET name = 'a' || char(10) || char(27) || '[2J'",
      "UPDATE tracks SET quality = 'good', number = 'first' || id",
      "UPDATE assignments SET confidence = 'sure'",
      "UPDATE face_pictures SET jpeg = 17",
  };
  const std::string sound = *ReadFile(database());
  for (const auto& list : {refused, harmless}) {
    for (const std::string& sql : list) {
      ASSERT_TRUE(WriteFileAtomically(database(), sound).ok());
      Execute(sql);
      const Status status = ReadAll(Gallery::Mode::kWrite);
      EXPECT_EQ(status.ok(), list == harmless) << sql << ": " << status.message();
      if (!status.ok()) {
        EXPECT_EQ(status.code(), StatusCode::kCorrupt) << sql << ": " << status.message();
      }
    }
  }
}

}  // namespace
}  // namespace crossface
