// An export into a case folder that somebody has filled with links, and from a gallery that names other
// places: nothing outside the folder changes.
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "crossface/export/case_exporter.h"
#include "crossface/export/check_export.h"
#include "crossface/export/made_case_for_test.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

class HostileExport : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* file :
         {"notes", "faces.csv", "people/person-0001/faces.csv", "person-0001/faces/mine.jpg",
          "faces/a_00-00-01.000_t1_f1.jpg", ".crossface-1-1.tmp"})
      ASSERT_TRUE(WriteFileAtomically(outside() / file, "mine").ok());
    before_ = Outside();
    auto gallery = Open();
    FillSmallCase(*gallery);
    ASSERT_TRUE(ExportCase(*gallery).ok());
  }
  void TearDown() override { EXPECT_EQ(Outside(), before_); }
  fs::path folder() const { return scratch_.path() / "case"; }
  fs::path outside() const { return scratch_.path() / "outside"; }
  std::map<std::string, std::string> Outside() const { return ReadCaseFiles(outside()); }
  std::unique_ptr<Gallery> Open() const {
    return std::move(*Gallery::Open(folder(), Gallery::Mode::kCreate));
  }
  // Puts a link in the place of something of the case.
  void Link(const std::string& inside, const std::string& target) {
    fs::remove_all(folder() / inside);
    fs::create_symlink(outside() / target, folder() / inside);
  }
  void Execute(const std::string& sql) {
    SQLite::Database((folder() / "crossface.db").native(), SQLite::OPEN_READWRITE).exec(sql);
  }
  testing::ScratchFolder scratch_;
  std::map<std::string, std::string> before_;
};

TEST_F(HostileExport, FoldersThatAreLinksStopItAndAreNamed) {
  const std::vector<std::pair<std::string, std::string>> links = {{"people", "people"},
                                                                  {"people/person-0001", "person-0001"},
                                                                  {"people/person-0001/faces", "faces"},
                                                                  {"unassigned", "."}};
  for (const auto& [inside, target] : links) {
    Link(inside, target);
    const auto exported = ExportCase(*Open());
    ASSERT_FALSE(exported.ok()) << inside;
    EXPECT_EQ(exported.status().code(), StatusCode::kPermissionDenied);
    EXPECT_THAT(exported.status().message(), HasSubstr(inside + ": it is a link"));
    fs::remove(folder() / inside);
    EXPECT_TRUE(ExportCase(*Open()).ok()) << "once the link is gone, all is written";
  }
}

TEST_F(HostileExport, FoldersThatAreLinksAreNotEmptiedAndNotMovedThrough) {
  // All that was exported is to go, and somebody is renamed.
  ASSERT_TRUE(Open()->RenamePerson(2, "Bea").ok());
  Link("people/person-0001", "person-0001");
  Link("people/Bea", "people/person-0001");
  auto gallery = Open();
  (void)ExportCase(*gallery).ok();
  ASSERT_TRUE(gallery->ReplaceGrouping({}, {}).ok());
  (void)ExportCase(*gallery).ok();
  EXPECT_EQ(Outside(), before_);
}

TEST_F(HostileExport, FilesThatAreLinksOrPipesAreReplaced) {
  for (const char* file :
       {"faces.csv", "report.html", "people/person-0001/faces.csv", "people/person-0001/portrait.jpg",
        "people/person-0001/faces/a_00-00-01.000_t1_f1.jpg"})
    Link(file, "notes");
  fs::remove(folder() / "sources.csv");
  ASSERT_EQ(::mkfifo((folder() / "sources.csv").c_str(), 0600), 0);
  const auto check = CheckExport(*Open());
  ASSERT_TRUE(check.ok()) << check.status().message();
  EXPECT_THAT(check->changed, Contains("faces.csv"));
  EXPECT_THAT(check->changed, Contains("sources.csv"));
  ASSERT_TRUE(ExportCase(*Open()).ok());
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder() / "faces.csv")));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder() / "sources.csv")));
  EXPECT_TRUE(CheckExport(*Open())->changed.empty());
}

TEST_F(HostileExport, WhatTheGalleryNamesOutsideIsNeitherRemovedNorWrittenNorMoved) {
  const fs::path database = folder() / "crossface.db";
  const std::string sound = *ReadFile(database);
  for (const std::string sql :
       {"INSERT INTO exported_files(path, face_id) VALUES ('../outside/notes', 0)",
        "INSERT INTO exported_files(path, face_id) VALUES ('people/../../outside/notes', 1)",
        "UPDATE persons SET name = '../../outside'",
        "UPDATE exported_folders SET folder = '../outside/person-0001'",
        "UPDATE exported_folders SET moving_to = '../outside/people'"}) {
    ASSERT_TRUE(WriteFileAtomically(database, sound).ok());
    Execute(sql);
    const auto exported = ExportCase(*Open());
    ASSERT_FALSE(exported.ok()) << sql;
    EXPECT_EQ(exported.status().code(), StatusCode::kCorrupt);
    EXPECT_EQ(Outside(), before_) << sql;
  }
}

}  // namespace
}  // namespace crossface
