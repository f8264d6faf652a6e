#include "crossface/export/case_exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <random>

#include "crossface/export/made_case_for_test.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using testing::ScratchFolder;

std::vector<std::string> Names(const std::map<std::string, std::string>& files) {
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const auto& [name, content] : files) names.push_back(name);
  return names;
}

class CaseExporterTest : public ::testing::Test {
 protected:
  fs::path folder(const std::string& name = "case") const { return scratch_.path() / name; }
  std::unique_ptr<Gallery> Open(const std::string& name = "case") {
    auto gallery = Gallery::Open(folder(name), Gallery::Mode::kCreate);
    EXPECT_TRUE(gallery.ok()) << gallery.status().message();
    return std::move(*gallery);
  }
  ExportSummary Export(Gallery& gallery) {
    const auto summary = ExportCase(gallery);
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    return *summary;
  }
  void WriteUserFile(const std::string& path, const std::string& content = "mine") {
    fs::create_directories((folder() / path).parent_path());
    std::ofstream(folder() / path) << content;
  }
  ScratchFolder scratch_;
};

TEST_F(CaseExporterTest, WritesTheCaseFolder) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  const ExportSummary summary = Export(*gallery);
  EXPECT_EQ(summary.persons, 2);
  EXPECT_EQ(summary.tracks, 5);
  EXPECT_EQ(summary.faces, 9);
  EXPECT_EQ(summary.unassigned_tracks, 1);
  EXPECT_EQ(summary.unassigned_by_reason,
            (std::map<UnassignedReason, int64_t>{{UnassignedReason::kInDoubt, 1}}));
  EXPECT_EQ(summary.files_removed, 0);
  const auto files = ReadCaseFiles(folder());
  EXPECT_EQ(summary.files_written, static_cast<int64_t>(files.size()));
  EXPECT_THAT(
      Names(files),
      ElementsAre("appearances.csv", "faces.csv", "people/person-0001/appearances.csv",
                  "people/person-0001/faces.csv", "people/person-0001/faces/a_00-00-01.000_t1_f1.jpg",
                  "people/person-0001/faces/a_00-00-01.200_t1_f2.jpg",
                  "people/person-0001/faces/a_00-00-01.400_t1_f3.jpg",
                  "people/person-0001/faces/b_00-00-00.000_t1_f1.jpg", "people/person-0001/portrait.jpg",
                  "people/person-0002/appearances.csv", "people/person-0002/faces.csv",
                  "people/person-0002/faces/a_01-01-01.001_t2_f1.jpg",
                  "people/person-0002/faces/a_01-01-01.201_t2_f2.jpg",
                  "people/person-0002/faces/x_00-00-00.000_t1_f1.jpg", "people/person-0002/portrait.jpg",
                  "report.html", "sources.csv", "suggestions.csv", "unassigned/appearances.csv",
                  "unassigned/faces.csv", "unassigned/faces/b_00-00-09.999_t2_f1.jpg",
                  "unassigned/faces/b_00-00-10.199_t2_f2.jpg"));
  // The portrait is the face of best quality.
  EXPECT_EQ(files.at("people/person-0001/portrait.jpg"),
            files.at("people/person-0001/faces/a_00-00-01.400_t1_f3.jpg"));
  EXPECT_FALSE(cv::imread((folder() / "people/person-0002/faces/x_00-00-00.000_t1_f1.jpg").string()).empty());
}

TEST_F(CaseExporterTest, SecondExportTouchesNothing) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  Export(*gallery);
  std::map<std::string, std::pair<int64_t, ino_t>> before, after;
  const auto look = [&](auto* facts) {
    for (const auto& [name, content] : ReadCaseFiles(folder())) {
      struct stat file;
      ASSERT_EQ(::stat((folder() / name).c_str(), &file), 0);
      (*facts)[name] = {file.st_mtim.tv_sec * 1'000'000'000 + file.st_mtim.tv_nsec, file.st_ino};
    }
  };
  look(&before);
  const ExportSummary again = Export(*gallery);
  EXPECT_EQ(again.files_written, 0);
  EXPECT_EQ(again.files_removed, 0);
  look(&after);
  EXPECT_EQ(before, after);
}

TEST_F(CaseExporterTest, WhatIsMissingOrCutShortIsWrittenAgain) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  Export(*gallery);
  const auto before = ReadCaseFiles(folder());
  fs::remove(folder() / "people/person-0001/faces/a_00-00-01.200_t1_f2.jpg");
  fs::resize_file(folder() / "people/person-0001/faces/a_00-00-01.000_t1_f1.jpg", 10);
  fs::resize_file(folder() / "faces.csv", 0);
  fs::remove_all(folder() / "unassigned");
  EXPECT_EQ(Export(*gallery).files_written, 3 + 4);
  EXPECT_EQ(ReadCaseFiles(folder()), before);
}

TEST_F(CaseExporterTest, RenamedPersonsFolderIsRenamedWithEverythingInIt) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  Export(*gallery);
  WriteUserFile("people/person-0001/notes.txt");
  const std::string face = "faces/a_00-00-01.000_t1_f1.jpg";
  struct stat before, after;
  ASSERT_EQ(::stat((folder() / "people/person-0001" / face).c_str(), &before), 0);
  ASSERT_TRUE(gallery->RenamePerson(1, "Анна Doe").ok());
  Export(*gallery);
  EXPECT_FALSE(fs::exists(folder() / "people/person-0001"));
  ASSERT_EQ(::stat((folder() / "people/Анна Doe" / face).c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(*ReadFile(folder() / "people/Анна Doe/notes.txt"), "mine");
  EXPECT_THAT(*ReadFile(folder() / "faces.csv"), HasSubstr("people/Анна Doe/" + face));
  EXPECT_EQ(Export(*gallery).files_written, 0);
}

TEST_F(CaseExporterTest, TwoPersonsCanExchangeTheirNames) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  ASSERT_TRUE(gallery->RenamePerson(1, "Ada").ok());
  ASSERT_TRUE(gallery->RenamePerson(2, "Bea").ok());
  Export(*gallery);
  WriteUserFile("people/Ada/notes.txt", "about the first");
  WriteUserFile("people/Bea/notes.txt", "about the second");
  for (const auto& [id, name] : {std::pair(1, "spare"), {2, "Ada"}, {1, "Bea"}})
    ASSERT_TRUE(gallery->RenamePerson(id, name).ok());
  Export(*gallery);
  EXPECT_EQ(*ReadFile(folder() / "people/Bea/notes.txt"), "about the first");
  EXPECT_EQ(*ReadFile(folder() / "people/Ada/notes.txt"), "about the second");
  EXPECT_TRUE(fs::exists(folder() / "people/Bea/faces/a_00-00-01.000_t1_f1.jpg"));
  EXPECT_FALSE(fs::exists(folder() / "people/Ada/faces/a_00-00-01.000_t1_f1.jpg"));
}

TEST_F(CaseExporterTest, MergedPersonsPicturesMoveAndTheEmptyFolderGoes) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  Export(*gallery);
  WriteUserFile("unassigned/faces/look at this.txt");
  std::vector<Gallery::NewAssignment> all;
  const auto tracks = gallery->ReadTracks({});
  for (const TrackRecord& track : *tracks) all.push_back({track.id, 0, 1});
  ASSERT_TRUE(gallery->ReplaceGrouping({{2, "person-0002"}}, all).ok());
  const ExportSummary summary = Export(*gallery);
  EXPECT_EQ(summary.persons, 1);
  EXPECT_FALSE(fs::exists(folder() / "people/person-0001"));
  EXPECT_FALSE(fs::exists(folder() / "unassigned/faces.csv"));
  EXPECT_TRUE(fs::exists(folder() / "unassigned/faces/look at this.txt"));
  int pictures = 0;
  for (const auto& [name, content] : ReadCaseFiles(folder()))
    pictures += name.find("person-0002/faces/") != std::string::npos;
  EXPECT_EQ(pictures, 9);
}

TEST_F(CaseExporterTest, SourceThatIsScannedAnewHasItsNewPictures) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  Export(*gallery);
  const auto sources = *gallery->ReadSources();
  TrackRecord track = MadeTrackRecord({"day 1/a.mp4", 1, 1'000, 4'000, 1, 0});
  // Of the old one's size: only whose picture it is tells them apart.
  track.faces[0].jpeg.back() ^= 1;
  ASSERT_EQ(sources[2].name, "day 1/a.mp4");
  ASSERT_TRUE(gallery->ClearScan(sources[2].id).ok());
  ASSERT_TRUE(gallery->AppendTracks(sources[2].id, {track}, {}).ok());
  Export(*gallery);
  EXPECT_EQ(*ReadFile(folder() / "unassigned/faces/a_00-00-01.000_t1_f1.jpg"), track.faces[0].jpeg);
  EXPECT_FALSE(fs::exists(folder() / "people/person-0001/faces/a_00-00-01.000_t1_f1.jpg"));
}

TEST_F(CaseExporterTest, UsersFilesAreNeverReplacedOrRemoved) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  WriteUserFile("report.html", "my report");
  WriteUserFile("report (kept 1).html", "an older one");
  WriteUserFile("people/person-0001/faces/mine.jpg");
  WriteUserFile("people/Ada/notes.txt");
  WriteUserFile("people/Ada/portrait.jpg", "my portrait");
  Export(*gallery);
  EXPECT_EQ(*ReadFile(folder() / "report (kept 2).html"), "my report");
  EXPECT_EQ(*ReadFile(folder() / "report (kept 1).html"), "an older one");
  EXPECT_THAT(*ReadFile(folder() / "report.html"), HasSubstr("<!DOCTYPE html>"));
  ASSERT_TRUE(gallery->RenamePerson(1, "Ada").ok());
  Export(*gallery);
  EXPECT_EQ(*ReadFile(folder() / "people/Ada/notes.txt"), "mine");
  EXPECT_EQ(*ReadFile(folder() / "people/Ada/portrait (kept 1).jpg"), "my portrait");
  EXPECT_EQ(*ReadFile(folder() / "people/Ada/faces/mine.jpg"), "mine");
  EXPECT_FALSE(fs::exists(folder() / "people/person-0001"));
  ASSERT_TRUE(gallery->ReplaceGrouping({}, {}).ok());
  Export(*gallery);
  EXPECT_EQ(*ReadFile(folder() / "people/Ada/faces/mine.jpg"), "mine");
  EXPECT_FALSE(fs::exists(folder() / "people/Ada/portrait.jpg"));
  EXPECT_FALSE(fs::exists(folder() / "people/person-0002"));
}

TEST_F(CaseExporterTest, ExportThatIsStoppedAnywhereIsCompletedByTheNext) {
  auto whole = Open("whole");
  FillSmallCase(*whole);
  Export(*whole);
  const auto expected = ReadCaseFiles(folder("whole"));
  int64_t total = 2;
  for (int64_t stop = 1; stop < total; stop += 3) {
    const std::string name = "stopped-" + std::to_string(stop);
    auto gallery = Open(name);
    FillSmallCase(*gallery);
    std::stop_source stopping;
    const auto stop_there = [&](int64_t done, int64_t all) {
      total = all;
      if (done == stop) stopping.request_stop();
    };
    const auto stopped = ExportCase(*gallery, {.progress = stop_there, .stop = stopping.get_token()});
    EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted);
    EXPECT_LT(ReadCaseFiles(folder(name)).size(), expected.size());
    Export(*gallery);
    EXPECT_EQ(ReadCaseFiles(folder(name)), expected) << stop;
  }
  EXPECT_GT(total, 20);
}

// Gives the persons 1 and 2 (made when they are not there) these names and deals the tracks out anew.
void Regroup(Gallery& gallery, const std::string& first, const std::string& second, size_t deal) {
  std::vector<Gallery::NewAssignment> assignments;
  const auto tracks = gallery.ReadTracks({});
  for (size_t i = 0; i < tracks->size(); ++i) {
    assignments.push_back({(*tracks)[i].id, static_cast<int>((i + deal) % 3) - 1, 1});
  }
  ASSERT_TRUE(gallery.ReplaceGrouping({{1, first}, {2, second}}, assignments).ok());
}

TEST_F(CaseExporterTest, ExportThatIsKilledAnywhereIsCompletedByTheNext) {
  {
    auto gallery = Open();
    FillSmallCase(*gallery);
  }
  // Kills fall anywhere within as long as an export takes on this computer.
  const auto begin = std::chrono::steady_clock::now();
  { Export(*Open()); }
  const std::chrono::microseconds taken =
      std::chrono::ceil<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  WriteUserFile("people/person-0001/notes.txt", "about 1");
  std::minstd_rand random(3);
  int killed = 0;
  for (size_t round = 0; round < 30; ++round) {
    const std::string first = round % 2 == 0 ? "A" : "B", second = round % 2 == 0 ? "B" : "A";
    { Regroup(*Open(), first, second, round / 3); }
    const pid_t child = ::fork();
    if (child == 0) {
      auto gallery = Gallery::Open(folder(), Gallery::Mode::kWrite);
      ::_exit(gallery.ok() && ExportCase(**gallery).ok() ? 0 : 1);
    }
    ::usleep(static_cast<useconds_t>(random() % static_cast<unsigned>(taken.count())));
    ::kill(child, SIGKILL);
    int how = 0;
    ASSERT_EQ(::waitpid(child, &how, 0), child);
    ASSERT_TRUE(WIFSIGNALED(how) || WEXITSTATUS(how) == 0);
    killed += WIFSIGNALED(how);
    if (round % 3 != 2) continue;  // the next change comes on top of what the kill left

    { Export(*Open()); }
    const std::string clean = "clean-" + std::to_string(round);
    {
      auto gallery = Open(clean);
      FillSmallCase(*gallery);
      Regroup(*gallery, first, second, round / 3);
      Export(*gallery);
    }
    auto expected = ReadCaseFiles(folder(clean));
    expected["people/" + first + "/notes.txt"] = "about 1";
    const auto files = ReadCaseFiles(folder());
    ASSERT_THAT(Names(files), ElementsAreArray(Names(expected))) << "round " << round;
    EXPECT_EQ(files, expected);
  }
  EXPECT_GT(killed, 5);
}

TEST_F(CaseExporterTest, FolderThatCannotBeWrittenIsTold) {
  auto gallery = Open();
  FillSmallCase(*gallery);
  WriteUserFile("people", "a file where a folder must be");
  const auto failed = ExportCase(*gallery);
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.status().message(), HasSubstr("people"));
}

}  // namespace
}  // namespace crossface
