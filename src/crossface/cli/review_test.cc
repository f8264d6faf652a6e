// Suggestions, cohesion, wall clocks and galleries of older versions, end to end, through the program itself.
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::ReadTree;
using testing::RunProgram;
using Json = nlohmann::json;
using Rows = std::vector<std::map<std::string, std::string>>;

class Review : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos");
    CROSSFACE_NEEDS_SHARED("data/media_odd/gps_quicktime.mov");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  }
  fs::path folder() const { return scratch_.path() / "case"; }
  void Identify(const std::vector<std::string>& names, std::vector<std::string> more = {}) {
    fs::create_directories(scratch_.path() / "videos");
    for (const std::string& name : names)
      fs::copy_file(testing::SharedFolder() / "data" / name,
                    scratch_.path() / "videos" / fs::path(name).filename());
    more.insert(more.begin(),
                {"identify", (scratch_.path() / "videos").string(), "--case", folder().string()});
    const auto run = RunProgram(more);
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  Json People(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "people");
    arguments.insert(arguments.end(), {"--case", folder().string(), "--json"});
    const auto run = RunProgram(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return Json::parse(run.out, nullptr, false);
  }
  Rows ReadRows(const std::string& name) const {
    const auto table = *ParseCsv(*ReadFile(folder() / name));
    Rows rows;
    for (const auto& row : table.rows) {
      rows.emplace_back();
      for (size_t i = 0; i < row.size(); ++i) rows.back()[table.header[i]] = row[i];
    }
    return rows;
  }
  std::map<std::string, std::string> See() const {
    auto tree = ReadTree(folder(), ".csv");
    tree.merge(ReadTree(folder(), ".jpg"));
    return tree;
  }

  testing::ScratchFolder scratch_;
};

TEST_F(Review, SuggestionsAreListedWithPicturesAnsweredAndBackAfterUndo) {
  Identify({"videos/friends_table.mp4"}, {"--clustering", "dbscan"});
  const Json first = People({"suggestions"})["suggestions"];
  ASSERT_FALSE(first.empty());
  const Rows rows = ReadRows("suggestions.csv");
  ASSERT_EQ(rows.size(), first.size());
  const Json* merge = nullptr;
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(std::to_string(first[i]["rank"].get<int>()), rows[i].at("rank"));
    EXPECT_EQ(first[i]["person"]["name"], rows[i].at("person"));
    for (const char* side : {"picture", "other_picture"})
      EXPECT_TRUE(fs::is_regular_file(folder() / first[i][side].get<std::string>())) << first[i].dump();
    EXPECT_EQ(first[i]["picture"], rows[i].at("image"));
    EXPECT_EQ(first[i]["kind"] == "mixture", !first[i]["tracks"].empty());
    if (merge == nullptr && first[i]["kind"] == "merge") merge = &first[i];
  }
  ASSERT_NE(merge, nullptr);
  const auto before = See();
  const std::string person = (*merge)["person"]["name"], other = (*merge)["other"]["name"];
  const std::string plain = RunProgram({"people", "suggestions", "--case", folder().string()}).out;
  EXPECT_THAT(plain, HasSubstr(person + " and " + other + " may be one"));

  const auto names = [](const Json& suggestions, const std::string& one, const std::string& two) {
    for (const Json& each : suggestions) {
      if (each["kind"] == "merge" && each["person"]["name"] == one && each["other"]["name"] == two)
        return true;
    }
    return false;
  };
  for (const char* verb : {"not-same", "merge"}) {
    People({verb, person, other});
    EXPECT_FALSE(names(People({"suggestions"})["suggestions"], person, other)) << verb;
    EXPECT_LT(ReadRows("suggestions.csv").size(), rows.size()) << verb;
    EXPECT_NE(See(), before);
    People({"undo"});
    EXPECT_EQ(People({"suggestions"})["suggestions"], first) << verb;
    EXPECT_EQ(See(), before) << verb;
  }
  const auto forgotten = RunProgram({"forget", other, "--yes", "--case", folder().string()});
  EXPECT_EQ(forgotten.exit_code, 0) << forgotten.err;
  const Json without = People({"suggestions"});
  EXPECT_EQ(without.dump().find("\"" + other + "\""), std::string::npos);
}

TEST_F(Review, CohesionIsToldOfPersonsAsTheyWereGrouped) {
  Identify({"videos/asl_again.mkv", "videos/asl_help.mkv", "videos/asl_book.mkv"},
           {"--clustering", "hybrid"});
  const Json persons = People({"list"})["persons"];
  ASSERT_EQ(persons.size(), 2u);
  for (const Json& person : persons) {
    ASSERT_TRUE(person["cohesion"].is_number()) << person.dump();
    EXPECT_GE(person["cohesion"], 0.5);
    EXPECT_LE(person["cohesion"], 1.0);
  }
  People({"move", "asl_help.mkv:1", "--to", "nobody"});
  const Json show = People({"show", "person-0001"})["person"];
  EXPECT_TRUE(show["cohesion"].is_null() || show["tracks"] == 1) << show.dump();
  People({"undo"});
  EXPECT_EQ(People({"list"})["persons"], persons);
}

TEST_F(Review, AppearancesHaveTheClockOfTheirSource) {
  // A telephone's file: exiftool and the table of docs/metadata.md say 2019-07-24T11:25:40+03:00.
  Identify({"media_odd/gps_quicktime.mov", "videos/asl_again.mkv"});
  int dated = 0, undated = 0;
  for (const auto& row : ReadRows("appearances.csv")) {
    if (row.at("source") == "asl_again.mkv") {
      EXPECT_EQ(row.at("start_time") + row.at("end_time") + row.at("time_from"), "");
      ++undated;
      continue;
    }
    ++dated;
    EXPECT_EQ(row.at("time_from"), "com.apple.quicktime.creationdate");
    for (const std::string end : {"start", "end"}) {
      const int64_t ms = 40'000 + std::stoll(row.at(end + "_ms"));
      ASSERT_LT(ms, 60'000) << "the test's own sum stays within the minute";
      char expected[64];
      std::snprintf(expected, sizeof expected, "2019-07-24T11:25:%02lld.%03lld+03:00",
                    static_cast<long long>(ms / 1000), static_cast<long long>(ms % 1000));
      EXPECT_EQ(row.at(end + "_time"), expected);
    }
  }
  EXPECT_GE(dated, 1);
  EXPECT_GE(undated, 1);

  const auto run = RunProgram({"export", "--case", folder().string(), "--format", "jsonl", "--out",
                               (scratch_.path() / "out").string()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::string lines = *ReadFile(scratch_.path() / "out/jsonl/sources.jsonl");
  EXPECT_THAT(lines, HasSubstr("\"make\":\"Apple\",\"model\":\"iPhone 6\",\"software\":\"12.3\""));
  EXPECT_THAT(lines, HasSubstr("\"located_from\":\"com.apple.quicktime.location.ISO6709\""));
}

TEST_F(Review, LookingAtAnOlderGalleryWritesNothingAndANewerOneIsRefused) {
  fs::create_directories(folder());
  const fs::path database = folder() / "crossface.db";
  for (const char* version : {"1", "2"}) {
    fs::remove(database);
    SQLite::Database(database.native(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec(*ReadFile(testing::SourceFolder() / "src/crossface/gallery" /
                        (std::string("version_") + version + "_for_test.sql")));
    const std::string before = *ReadFile(database);
    EXPECT_EQ(People({"list"})["persons"][0]["cohesion"], nullptr);
    EXPECT_EQ(People({"show", "Anna"})["person"]["id"], 1);
    EXPECT_TRUE(People({"history"})["corrections"].is_array());
    EXPECT_EQ(People({"suggestions"})["suggestions"], Json::array());
    EXPECT_EQ(People({"rename", "Anna", "Bea", "--dry-run"})["dry_run"], true);
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"export", "--case", folder().string(), "--format", "jsonl,edl", "--out",
                                   (scratch_.path() / version).string()},
          std::vector<std::string>{"forget", "Anna", "--dry-run", "--case", folder().string()}}) {
      const auto run = RunProgram(arguments);
      EXPECT_EQ(run.exit_code, 0) << arguments[0] << run.err;
    }
    EXPECT_EQ(RunProgram({"verify", folder().string()}).exit_code, 5);  // its files are not there
    EXPECT_EQ(*ReadFile(database), before) << version;
    People({"rename", "Anna", "Bea"});
    EXPECT_EQ(People({"show", "Bea"})["person"]["id"], 1) << version;
  }
  SQLite::Database(database.native(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  const auto newer = RunProgram({"people", "list", "--case", folder().string()});
  EXPECT_EQ(newer.exit_code, 1);
  EXPECT_THAT(newer.err, HasSubstr("was written by crossface schema 99; this program knows up to "));
}

}  // namespace
}  // namespace crossface
