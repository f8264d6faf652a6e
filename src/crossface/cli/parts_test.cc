// Files that hold more than one film or picture, and what is not looked at, end to end.
#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::RunProgram;
using Json = nlohmann::json;

class PartsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/cases");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    CROSSFACE_NEEDS_MODEL("arcface_foamliu");
    fs::create_directories(footage());
    Take("two_video_streams_second_ignored.mp4", "two.mp4");
    Take("motion_photo_video_part_ignored.MP.jpg", "motion.jpg");
    Take("multipage_tiff_3_people_only_first_read.tif", "pages.tif");
  }
  void Take(const std::string& name, const std::string& as) const {
    ASSERT_TRUE(
        WriteFileAtomically(footage() / as, *ReadFile(testing::SharedFolder() / "data/cases" / name)).ok());
  }
  fs::path footage() const { return scratch_.path() / "footage"; }
  fs::path folder() const { return scratch_.path() / "case"; }
  Json Scan() const {
    const auto run = RunProgram({"identify", footage().string(), "--case", folder().string(), "--json"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const Json answer = Json::parse(run.out, nullptr, false);
    return answer.is_object() ? answer.value("scan", Json::object()) : Json::object();
  }
  std::vector<std::string> Sources() const {
    std::vector<std::string> names;
    const auto table = *ParseCsv(*ReadFile(folder() / "sources.csv"));
    for (const auto& row : table.rows) names.push_back(row[0]);
    return names;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(PartsTest, AreSourcesThatLaterRunsAndOtherVerbsFindAgain) {
  // A file that is called like a part of another.
  Take("two_mp4_appended_second_ignored.mp4", "two.mp4#2");
  EXPECT_EQ(Scan()["scanned"], 9);
  const auto everything = ElementsAre("motion.jpg", "motion.jpg#2", "pages.tif", "pages.tif#2", "pages.tif#3",
                                      "two.mp4", "two.mp4#2", "two.mp4#2#2", "two.mp4#3");
  EXPECT_THAT(Sources(), everything);
  const Json again = Scan();
  EXPECT_EQ(again["scanned"], 0);
  EXPECT_EQ(again["unchanged"], 9);
  EXPECT_THAT(Sources(), everything);

  // The first stream and the second show two people.
  std::map<std::string, std::set<std::string>> persons;
  const auto table = *ParseCsv(*ReadFile(folder() / "appearances.csv"));
  for (const auto& row : table.rows)
    persons[row[static_cast<size_t>(table.Column("source"))]].insert(
        row[static_cast<size_t>(table.Column("person"))]);
  EXPECT_NE(persons["two.mp4"], persons["two.mp4#3"]);
  EXPECT_NE(persons["two.mp4#2"], persons["two.mp4#2#2"]);

  const fs::path moved = scratch_.path() / "moved";
  fs::rename(footage(), moved);
  const auto verify = RunProgram({"verify", folder().string(), "--sources", moved.string()});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
  for (const auto& [source, copy] : {std::pair("two.mp4#3", "a.mp4"), std::pair("motion.jpg#2", "b.mp4"),
                                     std::pair("pages.tif#3", "c.png")}) {
    const auto redact = RunProgram({"redact", source, "--case", folder().string(), "--sources",
                                    moved.string(), "--all", "--out", (scratch_.path() / copy).string()});
    EXPECT_EQ(redact.exit_code, 0) << redact.err;
    EXPECT_THAT(redact.out, ::testing::Not(HasSubstr(": 0 of")))
        << "the faces of another part would not be there";
  }
}

// A run that was stopped after a file and before its parts; a case of the time when nobody looked for parts.
TEST_F(PartsTest, ThatAreNotKnownYetAreLookedFor) {
  EXPECT_EQ(Scan()["scanned"], 7);
  for (const char* parts : {"", ", parts = 0"}) {
    {
      SQLite::Database database((folder() / "crossface.db").string(), SQLite::OPEN_READWRITE);
      database.exec("PRAGMA foreign_keys = ON");
      database.exec("DELETE FROM sources WHERE part <> ''");
      database.exec(fmt::format("UPDATE sources SET name = name{}", parts));
    }
    const Json again = Scan();
    EXPECT_EQ(again["scanned"], 4) << parts;
    EXPECT_EQ(again["unchanged"], 3) << parts;
    EXPECT_EQ(Sources().size(), 7u) << parts;
  }
}

TEST_F(PartsTest, WhatIsNotLookedAtIsCounted) {
  ASSERT_TRUE(WriteFileAtomically(footage() / ".hidden.mp4", "x").ok());
  ASSERT_TRUE(WriteFileAtomically(footage() / "notes.txt", "x").ok());
  ASSERT_EQ(::mkfifo((footage() / "pipe.mp4").c_str(), 0600), 0);
  const auto run = RunProgram({"scan", footage().string(), "--case", folder().string(), "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out)["scan"]["left_out"],
            (Json{{"hidden", 1}, {"other_files", 1}, {"special", 1}, {"dead_links", 0}, {"cases", 0}}));
  EXPECT_THAT(run.err, HasSubstr("not looked at: 1 hidden file or folder"));
}

TEST_F(PartsTest, APipeIsRefusedAtOnce) {
  const std::string pipe = (footage() / "pipe.mp4").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"identify", pipe, "--case", folder().string()}, {"metadata", pipe}}) {
    const auto run = RunProgram(arguments);
    EXPECT_EQ(run.exit_code, 1) << run.err;
    EXPECT_THAT(run.err, HasSubstr("pipe.mp4: is a pipe, socket or device"));
    EXPECT_FALSE(fs::exists(folder()));
  }
  // In the place of a file that was scanned.
  Scan();
  fs::remove(footage() / "two.mp4");
  ASSERT_EQ(::mkfifo((footage() / "two.mp4").c_str(), 0600), 0);
  const auto verify = RunProgram({"verify", folder().string()});
  EXPECT_THAT(verify.out + verify.err, HasSubstr("pipe, socket or device"));
}

}  // namespace
}  // namespace crossface
