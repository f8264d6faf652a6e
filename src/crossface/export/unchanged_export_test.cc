#include "crossface/export/unchanged_export.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "crossface/export/case_exporter.h"
#include "crossface/export/made_case_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

class UnchangedExportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kCreate);
    ASSERT_TRUE(gallery.ok()) << gallery.status().message();
    gallery_ = *std::move(gallery);
    FillSmallCase(*gallery_);
    const auto exported = ExportCase(*gallery_);
    ASSERT_TRUE(exported.ok()) << exported.status().message();
    exported_ = *exported;
    files_ = ReadCaseFiles(folder());
    for (const auto& [path, content] : files_) {
      if (path.find("/faces/") != std::string::npos && picture_.empty()) picture_ = path;
      if (path.ends_with("/portrait.jpg") && portrait_.empty()) portrait_ = path;
      if (path.ends_with("/faces.csv") && log_.empty()) log_ = path;
    }
    ASSERT_FALSE(picture_.empty() || portrait_.empty() || log_.empty());
  }
  fs::path folder() const { return scratch_.path() / "case"; }
  bool IsUnchanged() {
    const auto found = FindUnchangedExport(*gallery_);
    EXPECT_TRUE(found.ok()) << found.status().message();
    return found.ok() && found->has_value();
  }
  void Write(const std::string& path, const std::string& content) {
    std::ofstream(folder() / path, std::ios::trunc) << content;
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
  ExportSummary exported_;
  std::map<std::string, std::string> files_;
  std::string picture_, portrait_, log_;  // one of each kind
};

TEST_F(UnchangedExportTest, SaysWhatTheExportSaid) {
  const auto found = FindUnchangedExport(*gallery_);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->persons, exported_.persons);
  EXPECT_EQ((*found)->tracks, exported_.tracks);
  EXPECT_EQ((*found)->faces, exported_.faces);
  EXPECT_EQ((*found)->unassigned_tracks, exported_.unassigned_tracks);
  EXPECT_EQ((*found)->unassigned_by_reason, exported_.unassigned_by_reason);
  EXPECT_EQ((*found)->sha256, exported_.sha256);
  EXPECT_EQ((*found)->files_written, 0);
}

TEST_F(UnchangedExportTest, WhatAUserPutBesideIsNoChange) {
  Write("people/notes.txt", "mine");
  Write(fs::path(picture_).parent_path() / "0.jpg", "mine");
  EXPECT_TRUE(IsUnchanged());
}

// Whatever happened to the folder is seen, and mended by the export that follows.
TEST_F(UnchangedExportTest, EveryDifferenceIsSeenAndMended) {
  std::string other_log = files_.at(log_);
  other_log.back() = other_log.back() == 'x' ? 'y' : 'x';
  const std::vector<std::pair<std::string, std::function<void()>>> differences = {
      {"a picture is gone", [&] { fs::remove(folder() / picture_); }},
      {"a picture is cut off", [&] { fs::resize_file(folder() / picture_, 5); }},
      {"a picture is a folder",
       [&] {
         fs::remove(folder() / picture_);
         fs::create_directory(folder() / picture_);
       }},
      {"a log is a folder",
       [&] {
         fs::remove(folder() / log_);
         fs::create_directory(folder() / log_);
       }},
      {"a log of the case is a folder",
       [&] {
         fs::remove(folder() / "faces.csv");
         fs::create_directory(folder() / "faces.csv");
       }},
      {"a picture is a link",
       [&] {
         fs::rename(folder() / picture_, scratch_.path() / "elsewhere.jpg");
         fs::create_symlink(scratch_.path() / "elsewhere.jpg", folder() / picture_);
       }},
      {"a folder of pictures is gone", [&] { fs::remove_all((folder() / picture_).parent_path()); }},
      {"a portrait is gone", [&] { fs::remove(folder() / portrait_); }},
      {"a portrait has other bytes",
       [&] { Write(portrait_, std::string(files_.at(portrait_).size(), 'x')); }},
      {"a person's log has another letter", [&] { Write(log_, other_log); }},
      {"the report is longer", [&] { std::ofstream(folder() / "report.html", std::ios::app) << "more"; }},
      {"a log of the case is gone", [&] { fs::remove(folder() / "faces.csv"); }},
      {"a killed export left something", [&] { Write(".crossface-1-1.tmp", "half"); }},
  };
  for (const auto& [what, happens] : differences) {
    SCOPED_TRACE(what);
    happens();
    EXPECT_FALSE(IsUnchanged());
    const auto exported = ExportCase(*gallery_);
    ASSERT_TRUE(exported.ok()) << exported.status().message();
    auto files = ReadCaseFiles(folder());
    std::erase_if(files, [](const auto& file) { return file.first.find("(kept ") != std::string::npos; });
    EXPECT_EQ(files, files_);
    EXPECT_TRUE(IsUnchanged());
  }
}

// Although every file is as it should be again: the next export clears away what is beside them.
TEST_F(UnchangedExportTest, AnExportThatWasCutOffIsNotTheLast) {
  fs::remove(folder() / picture_);
  std::stop_source stop;
  int64_t last = 0;
  const auto stop_in_writing = [&](int64_t done, int64_t) {
    if (done < last) stop.request_stop();  // every file has been looked at
    last = done;
  };
  const auto stopped = ExportCase(*gallery_, {.progress = stop_in_writing, .stop = stop.get_token()});
  ASSERT_EQ(stopped.status().code(), StatusCode::kInterrupted);
  Write(picture_, files_.at(picture_));
  Write(fs::path(picture_).parent_path() / ".crossface-1-1.tmp", "half");
  EXPECT_FALSE(IsUnchanged());
  ASSERT_TRUE(ExportCase(*gallery_).ok());
  EXPECT_EQ(ReadCaseFiles(folder()), files_);
  EXPECT_TRUE(IsUnchanged());
}

// Folders are looked at by many threads, some hundred files at a time.
TEST_F(UnchangedExportTest, OneOfManyFilesIsMissedInWhateverPlace) {
  std::vector<ExportedFile> many;
  for (const char* below : {"a", "b/c", "b/d", "e"}) {
    const std::string folder = fmt::format("people/many/{}", below);
    fs::create_directories(this->folder() / folder);
    for (int i = 0; i < 200; ++i) {
      many.push_back({.path = fmt::format("{}/{:03}.csv", folder, i), .sha256 = Sha256Hex("text")});
      Write(many.back().path, "text");
    }
  }
  ASSERT_TRUE(gallery_->WriteExportedFiles(many, {}).ok());
  EXPECT_TRUE(IsUnchanged());
  for (const size_t changed : {0u, 199u, 200u, 399u, 400u, 599u, 600u, 799u}) {
    Write(many[changed].path, "test");
    EXPECT_FALSE(IsUnchanged()) << many[changed].path;
    Write(many[changed].path, "text");
  }
  EXPECT_TRUE(IsUnchanged());
}

TEST_F(UnchangedExportTest, ACorrectionIsAChange) {
  ASSERT_TRUE(gallery_->RenamePerson(gallery_->ReadPersons()->front().id, "Ada").ok());
  EXPECT_FALSE(IsUnchanged());
  ASSERT_TRUE(ExportCase(*gallery_).ok());
  EXPECT_TRUE(IsUnchanged());
  EXPECT_TRUE(fs::exists(folder() / "people/Ada/faces.csv"));
}

TEST_F(UnchangedExportTest, CanBeStopped) {
  std::stop_source stop;
  int told = 0;
  const auto stop_at_third = [&](int64_t, int64_t) {
    if (++told == 3) stop.request_stop();
  };
  const auto stopped = FindUnchangedExport(*gallery_, {.progress = stop_at_third, .stop = stop.get_token()});
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted);
  EXPECT_EQ(told, 3);
}

}  // namespace
}  // namespace crossface
