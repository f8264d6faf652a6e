// The main job, end to end, through the program itself, on real footage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "crossface/gallery/gallery.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::ReadTree;
using testing::RunProgram;
using testing::ScratchFolder;

std::filesystem::path Video(const std::string& name) {
  return testing::SharedFolder() / "data/videos" / name;
}

void CopyVideos(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  std::filesystem::create_directories(folder);
  for (const std::string& name : names)
    std::filesystem::copy_file(Video(name), folder / name, std::filesystem::copy_options::overwrite_existing);
}

std::vector<std::map<std::string, std::string>> ReadCsv(const std::filesystem::path& path) {
  const auto table = ParseCsv(*ReadFile(path));
  EXPECT_TRUE(table.ok()) << path;
  std::vector<std::map<std::string, std::string>> rows;
  for (const auto& row : table->rows) {
    std::map<std::string, std::string> fields;
    for (size_t i = 0; i < row.size(); ++i) fields[table->header[i]] = row[i];
    rows.push_back(fields);
  }
  return rows;
}

class Identify : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  }
  std::filesystem::path videos() const { return scratch_.path() / "videos"; }
  std::filesystem::path case_folder() const { return scratch_.path() / "case"; }
  testing::ProgramRun Run(std::vector<std::string> more = {}, const std::string& folder = "case") {
    std::vector<std::string> arguments = {"identify", videos().string(), "--case",
                                          (scratch_.path() / folder).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments);
  }
  ScratchFolder scratch_;
};

// Three people whose faces are twice as wide as high as they are stored, and look alike then.
TEST_F(Identify, PeopleOfFootageWithPixelsThatAreNotSquareStayApart) {
  CROSSFACE_NEEDS_SHARED("data/cases");
  for (const char* folder : {"real_2cif_sar_1_2_three_people_one_folder", "sar_1_2_merges_two_people"}) {
    SCOPED_TRACE(folder);
    const auto footage = testing::SharedFolder() / "data/cases" / folder;
    const auto to = scratch_.path() / folder;
    const auto run = RunProgram({"identify", footage.string(), "--case", to.string(), "-q"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    std::map<std::string, std::set<std::string>> people_of;
    for (const auto& row : ReadCsv(to / "appearances.csv")) {
      const std::string source = row.at("source");
      // Joan_Laporta_0001.mp4 shows Joan_Laporta; the other folder has a video a person.
      const bool labelled = source.find("_000") != std::string::npos;
      if (!row.at("person").empty())
        people_of[row.at("person")].insert(labelled ? source.substr(0, source.find("_000")) : source);
    }
    EXPECT_GE(people_of.size(), 2u);
    for (const auto& [person, people] : people_of) EXPECT_EQ(people.size(), 1u) << person;
    for (const auto& row : ReadCsv(to / "sources.csv"))
      EXPECT_EQ(row.at("geometry"), "pixel aspect 1:2 (file)");
  }
}

TEST_F(Identify, WhatIsGivenOfASourcesGeometryIsObeyedKeptAndForgotten) {
  CopyVideos(videos(), {"pf_single_face.mp4"});
  const auto row = [&] { return ReadCsv(case_folder() / "sources.csv").at(0); };
  ASSERT_EQ(Run({"-q"}).exit_code, 0);
  const auto plain = row();
  EXPECT_EQ(plain.at("geometry"), "");
  // On its side nobody is found.
  ASSERT_EQ(Run({"-q", "--rotate", "90", "--aspect", "1:1"}).exit_code, 4);
  EXPECT_EQ(row().at("width"), row().at("height"));
  const std::string geometry = row().at("geometry");
  EXPECT_EQ(geometry.substr(0, 31), "rotated 90 (given); pixel aspec");
  const auto again = Run({"--json"});
  EXPECT_EQ(nlohmann::json::parse(again.out)["scan"]["unchanged"], 1);
  EXPECT_EQ(row().at("geometry"), geometry);
  ASSERT_EQ(Run({"-q", "--rotate", "auto"}).exit_code, 0);
  EXPECT_EQ(row(), plain);
  for (const auto& wrong : {std::pair("--rotate", "45"), {"--aspect", "wide"}, {"--aspect", "0:1"}})
    EXPECT_EQ(Run({wrong.first, wrong.second}).exit_code, 2) << wrong.second;
}

TEST_F(Identify, OnePersonAcrossVideosIsOneFolderAndTwoPeopleAreTwo) {
  CopyVideos(videos(), {"asl_again.mkv", "asl_brother.mkv", "asl_book.mkv", "pf_no_face.mp4"});
  const auto run = Run({"--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto answer = nlohmann::json::parse(run.out);
  EXPECT_EQ(answer["export"]["persons"], 2);

  std::map<std::string, std::set<std::string>> persons_of;
  for (const auto& row : ReadCsv(case_folder() / "appearances.csv")) {
    if (!row.at("person").empty()) persons_of[row.at("source")].insert(row.at("person"));
    EXPECT_LT(std::stoll(row.at("start_ms")), std::stoll(row.at("end_ms")));
  }
  EXPECT_EQ(persons_of["asl_again.mkv"].size(), 1u);
  EXPECT_EQ(persons_of["asl_again.mkv"], persons_of["asl_brother.mkv"]);
  EXPECT_EQ(persons_of["asl_book.mkv"].size(), 1u);
  EXPECT_NE(persons_of["asl_again.mkv"], persons_of["asl_book.mkv"]);
  EXPECT_EQ(persons_of.count("pf_no_face.mp4"), 0u);

  for (const auto& row : ReadCsv(case_folder() / "faces.csv")) {
    EXPECT_TRUE(std::filesystem::is_regular_file(case_folder() / row.at("image"))) << row.at("image");
  }
  for (const std::string& person : persons_of["asl_again.mkv"]) {
    EXPECT_TRUE(std::filesystem::is_regular_file(case_folder() / "people" / person / "portrait.jpg"));
  }
  EXPECT_TRUE(std::filesystem::is_regular_file(case_folder() / "report.html"));
}

TEST_F(Identify, SecondRunScansNothingAndAddsOnlyWhatIsNew) {
  CopyVideos(videos(), {"asl_again.mkv"});
  const auto groupings = [this] {
    return (*Gallery::Open(case_folder(), Gallery::Mode::kRead))->ReadTide()->grouping;
  };
  const auto first = Run({"--json"});
  ASSERT_EQ(first.exit_code, 0);
  const auto before = ReadTree(case_folder(), ".csv");
  const int64_t grouped = groupings();
  const auto again = Run({"--json"});
  ASSERT_EQ(again.exit_code, 0);
  auto told = nlohmann::json::parse(first.out), told_again = nlohmann::json::parse(again.out);
  EXPECT_EQ(told_again["scan"]["scanned"], 0);
  EXPECT_EQ(told_again["export"]["files_written"], 0);
  for (auto* each : {&told, &told_again}) (*each)["cluster"].erase("cpu_seconds");
  EXPECT_EQ(told_again["cluster"], told["cluster"]);
  EXPECT_EQ(groupings(), grouped) << "nothing is grouped again that was grouped so";
  EXPECT_EQ(ReadTree(case_folder(), ".csv"), before);

  CopyVideos(videos(), {"asl_book.mkv"});
  auto added = Run({"--json"});
  ASSERT_EQ(added.exit_code, 0);
  const auto answer = nlohmann::json::parse(added.out);
  EXPECT_EQ(answer["scan"]["scanned"], 1);
  EXPECT_EQ(answer["scan"]["unchanged"], 1);
  std::map<std::string, std::string> person_of;
  for (const auto& row : ReadCsv(case_folder() / "appearances.csv"))
    person_of[row.at("source")] = row.at("person");
  EXPECT_EQ(person_of["asl_again.mkv"], "person-0001");
  EXPECT_EQ(person_of["asl_book.mkv"], "person-0002");
}

TEST_F(Identify, EveryUnassignedTrackHasAReasonThatIsCountedAndNoOther) {
  CopyVideos(videos(), {"friends_table.mp4"});
  const auto run = Run({"--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  std::map<std::string, int64_t> reasons;
  for (const auto& row : ReadCsv(case_folder() / "appearances.csv")) {
    EXPECT_EQ(row.at("reason").empty(), !row.at("person").empty()) << row.at("track");
    if (row.at("person").empty()) ++reasons[row.at("reason")];
  }
  ASSERT_FALSE(reasons.empty()) << "people who turn their backs";
  const auto answer = nlohmann::json::parse(run.out);
  EXPECT_EQ(answer["export"]["unassigned_by_reason"], nlohmann::json(reasons));
  EXPECT_EQ(answer["cluster"]["unassigned_by_reason"], nlohmann::json(reasons));
  const auto rows = ReadCsv(case_folder() / "unassigned/faces.csv");
  ASSERT_FALSE(rows.empty());
  for (const auto& row : rows) EXPECT_TRUE(reasons.contains(row.at("reason"))) << row.at("reason");
  const auto list = testing::RunProgram({"people", "list", "--case", case_folder().string(), "--json"});
  EXPECT_EQ(nlohmann::json::parse(list.out)["unassigned_by_reason"], nlohmann::json(reasons));
  const auto plain = testing::RunProgram({"export", "--case", case_folder().string()});
  for (const auto& [reason, count] : reasons)
    EXPECT_THAT(plain.out, ::testing::HasSubstr(reason + " " + std::to_string(count)));
}

TEST_F(Identify, ThreadsDoNotChangeAByte) {
  CopyVideos(videos(), {"friends_table.mp4", "asl_help.mkv", "hamilton_short.mp4"});
  ASSERT_EQ(Run({"--threads", "1"}, "one").exit_code, 0);
  ASSERT_EQ(Run({"--threads", "2"}, "two").exit_code, 0);
  const auto one = ReadTree(scratch_.path() / "one", ".csv");
  EXPECT_GT(one.size(), 5u);
  EXPECT_EQ(one, ReadTree(scratch_.path() / "two", ".csv"));
  EXPECT_EQ(ReadTree(scratch_.path() / "one", ".jpg"), ReadTree(scratch_.path() / "two", ".jpg"));
}

TEST_F(Identify, KilledAnywhereItGoesOnToTheSameResult) {
  CopyVideos(videos(), {"friends_table.mp4", "opera_street.mp4"});
  ASSERT_EQ(Run({}, "whole").exit_code, 0);
  int kills = 0;
  // The write-ahead log grows with every shot that is stored: each kill comes after another one.
  const std::vector<std::string> arguments = {
      "identify", videos().string(), "--case", (scratch_.path() / "killed").string(), "--threads", "1"};
  for (const int milliseconds : {700, 1500, 2500, 4000, 1000}) {
    const auto start = std::chrono::steady_clock::now();
    kills += testing::RunProgramAndKill(arguments, [&] {
      return std::chrono::steady_clock::now() - start > std::chrono::milliseconds(milliseconds);
    });
  }
  EXPECT_GE(kills, 2);
  const auto last = RunProgram(arguments);
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(ReadTree(scratch_.path() / "whole", ".csv"), ReadTree(scratch_.path() / "killed", ".csv"));
}

TEST_F(Identify, SourcesAreNeverWrittenTo) {
  CopyVideos(videos(), {"asl_no.mkv"});
  std::filesystem::permissions(videos() / "asl_no.mkv", std::filesystem::perms::owner_read);
  const auto time = std::filesystem::last_write_time(videos() / "asl_no.mkv");
  const auto before = ReadTree(videos(), "");
  ASSERT_EQ(Run().exit_code, 0);
  EXPECT_EQ(ReadTree(videos(), ""), before);
  EXPECT_EQ(std::filesystem::last_write_time(videos() / "asl_no.mkv"), time);
}

TEST_F(Identify, BadSourcesAreToldAndTheRestIsDone) {
  CopyVideos(videos(), {"asl_yes.mkv"});
  for (const char* name : {"made_empty.mp4", "made_text.mp4", "made_audio_only.mp4",
                           "made_truncated_faststart.mp4", "made_truncated_nomoov.mp4"}) {
    std::filesystem::copy_file(testing::SharedFolder() / "data/media_odd" / name, videos() / name);
  }
  const auto run = Run();
  EXPECT_EQ(run.exit_code, 3) << run.err;
  std::map<std::string, std::map<std::string, std::string>> rows;
  for (const auto& row : ReadCsv(case_folder() / "sources.csv")) rows[row.at("source")] = row;
  EXPECT_EQ(rows["asl_yes.mkv"]["status"], "ok");
  EXPECT_EQ(rows["made_truncated_faststart.mp4"]["status"], "damaged");
  EXPECT_GT(std::stoi(rows["made_truncated_faststart.mp4"]["decoded"]), 0);
  for (const char* name :
       {"made_empty.mp4", "made_text.mp4", "made_audio_only.mp4", "made_truncated_nomoov.mp4"}) {
    EXPECT_EQ(rows[name]["status"], "failed") << name;
    EXPECT_FALSE(rows[name]["message"].empty()) << name;
    EXPECT_NE(run.err.find(name), std::string::npos) << name;
  }
  // The second run does not try them again but still tells.
  const auto again = Run({"--json"});
  EXPECT_EQ(again.exit_code, 3);
  const auto answer = nlohmann::json::parse(again.out);
  EXPECT_EQ(answer["scan"]["scanned"], 0);
  EXPECT_EQ(answer["scan"]["bad_sources"].size(), 5u);
}

TEST_F(Identify, StillsInNestedFoldersAreSources) {
  const auto lfw = testing::SharedFolder() / "data/stills/lfw";
  std::vector<std::filesystem::path> people;
  for (const auto& entry : std::filesystem::directory_iterator(lfw)) {
    if (entry.is_directory()) people.push_back(entry.path());
  }
  std::sort(people.begin(), people.end());
  for (size_t person = 0; person < 3; ++person) {
    const auto folder = videos() / "by year" / std::to_string(2000 + person);
    std::filesystem::create_directories(folder);
    int copied = 0;
    for (const auto& image : std::filesystem::directory_iterator(people[person])) {
      if (copied++ < 4) std::filesystem::copy_file(image.path(), folder / image.path().filename());
    }
  }
  const auto run = Run({"--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(nlohmann::json::parse(run.out)["scan"]["sources"], 12);
  std::map<std::string, std::set<std::string>> folders_of;  // person -> folders
  for (const auto& row : ReadCsv(case_folder() / "appearances.csv")) {
    if (!row.at("person").empty())
      folders_of[row.at("person")].insert(row.at("source").substr(0, row.at("source").rfind('/')));
  }
  for (const auto& [person, folders] : folders_of) EXPECT_EQ(folders.size(), 1u) << person << " mixes people";
}

TEST_F(Identify, AsksOnATerminalAndNamesThePersons) {
  CopyVideos(videos(), {"asl_again.mkv"});
  int exit_code = -1;
  const std::string shown = testing::RunProgramOnTerminal({{"Folder with the videos", videos().string()},
                                                           {"Folder for the results", case_folder().string()},
                                                           {"name:", "Anna / Doe"},
                                                           {"another name", "Anna Doe"}},
                                                          &exit_code);
  EXPECT_EQ(exit_code, 0) << shown;
  EXPECT_THAT(shown, Not(HasSubstr("?\r\n"))) << "line ends of the dialogue's own";
  EXPECT_THAT(shown, HasSubstr("person-0001: "));
  EXPECT_TRUE(std::filesystem::is_regular_file(case_folder() / "people/Anna Doe/portrait.jpg")) << shown;
  EXPECT_FALSE(std::filesystem::exists(case_folder() / "people/person-0001"));
}

TEST_F(Identify, PhotosAreCountedAsPicturesWithoutALineEach) {
  std::filesystem::create_directories(videos());
  for (int i = 0; i < 6; ++i) {
    cv::Mat picture(120, 160, CV_8UC3, cv::Scalar(40 * i, 90, 120));
    cv::circle(picture, {20 * i, 60}, 15, cv::Scalar(0, 200, 255), cv::FILLED);
    ASSERT_TRUE(cv::imwrite((videos() / ("photo " + std::to_string(i) + ".png")).string(), picture));
  }
  ASSERT_TRUE(WriteFileAtomically(videos() / "broken.jpg", "no picture").ok());
  const auto run = Run();
  EXPECT_THAT(run.err, HasSubstr("scanned 6 of 7 sources: 6 pictures in "));
  EXPECT_THAT(run.err, HasSubstr(" pictures/s)"));
  EXPECT_THAT(run.err, Not(HasSubstr("of video")));
  EXPECT_THAT(run.err, Not(HasSubstr("photo 3")));
  EXPECT_THAT(run.err, HasSubstr("broken.jpg: failed"));
}

}  // namespace
}  // namespace crossface
