// duplicates, end to end: real footage, copies made with ffmpeg, through the program itself.
#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
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
using ::testing::Not;
using testing::RunProgram;
using Json = nlohmann::json;

class Duplicates : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos/chaplin.mp4");
    CROSSFACE_NEEDS_SHARED("data/videos/lp_d13.mp4");
    CROSSFACE_NEEDS_SHARED("data/videos/asl_yes.mkv");
    CROSSFACE_NEEDS_SHARED("data/videos/asl_no.mkv");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    fs::create_directories(footage());
  }
  fs::path folder() const { return scratch_.path() / "case"; }
  fs::path footage() const { return scratch_.path() / "footage"; }
  static fs::path Video(const std::string& name) { return testing::SharedFolder() / "data/videos" / name; }
  void Take(const std::string& name, const std::string& as = "") {
    fs::copy_file(Video(name), footage() / (as.empty() ? name : as));
  }
  void Make(const std::string& arguments, const std::string& name) {
    ASSERT_EQ(
        testing::RunCommand(fmt::format("ffmpeg -nostdin -v error -y {} -an -c:v libx264 -preset veryfast "
                                        "-pix_fmt yuv420p {}",
                                        arguments, (footage() / name).string())),
        0);
  }
  void Identify() {
    const auto run = RunProgram({"identify", footage().string(), "--case", folder().string()});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  Json Look(int exit_code = 0) {
    const auto run = RunProgram({"duplicates", "--case", folder().string(), "--json"});
    EXPECT_EQ(run.exit_code, exit_code) << run.err;
    return Json::parse(run.out, nullptr, false);
  }
  // The pair of these two, the other way round where it has to be; null where there is none.
  static Json Pair(const Json& answer, const std::string& source, const std::string& other) {
    for (const Json& group : answer["groups"]) {
      for (Json pair : group["pairs"]) {
        if (pair["source"] == other && pair["other"] == source) {
          std::swap(pair["source"], pair["other"]);
          std::swap(pair["start_ms"], pair["other_start_ms"]);
          pair["offset_ms"] = -pair["offset_ms"].get<int>();
          if (pair["cut_out"] != "") pair["cut_out"] = pair["cut_out"] == "other" ? "source" : "other";
        }
        if (pair["source"] == source && pair["other"] == other) return pair;
      }
    }
    return nullptr;
  }
  static void ExpectCopy(const Json& pair, int offset_ms, int overlap_ms) {
    ASSERT_TRUE(pair.is_object());
    EXPECT_NEAR(pair["offset_ms"].get<int>(), offset_ms, 250) << pair.dump();
    EXPECT_GE(pair["overlap_ms"].get<int>(), overlap_ms) << pair.dump();
    EXPECT_GT(pair["alike"].get<double>(), 0.7) << pair.dump();
  }

  testing::ScratchFolder scratch_;
};

TEST_F(Duplicates, FindsCopiesOfEveryKindAndTheBestOfThem) {
  const std::string film = "-i " + Video("chaplin.mp4").string(),
                    other = "-i " + Video("lp_d13.mp4").string();
  Take("chaplin.mp4"), Take("lp_d13.mp4"), Take("asl_yes.mkv"), Take("asl_no.mkv");
  Make(film + " -vf scale=256:144,fps=15 -crf 36", "small.mp4");
  Make(film + " -ss 2.13 -t 5 -vf hflip", "mirrored_part.mp4");
  Make(film + " -vf crop=iw*0.8:ih*0.8", "inner.mp4");
  Make(film + " -vf 'drawbox=x=420:y=40:w=120:h=40:color=red:t=fill,scale=320:180,pad=iw:252:0:36'",
       "bars_and_logo.mp4");
  Make("-t 4 " + other + " " + film +
           " -filter_complex "
           "'[0:v]scale=640:360,setsar=1,fps=25[a];[1:v]scale=640:360,setsar=1,fps=25[b];[a][b]concat=n=2:v="
           "1'",
       "both.mp4");
  Identify();
  EXPECT_FALSE(fs::exists(folder() / "duplicates.csv"));
  const Json answer = Look();
  EXPECT_EQ(answer["duplicates"]["decoded"], 0);  // the scan has seen every frame
  ExpectCopy(Pair(answer, "chaplin.mp4", "small.mp4"), 0, 8000);
  ExpectCopy(Pair(answer, "chaplin.mp4", "mirrored_part.mp4"), -2130, 4000);
  ExpectCopy(Pair(answer, "chaplin.mp4", "inner.mp4"), 0, 8000);
  ExpectCopy(Pair(answer, "chaplin.mp4", "bars_and_logo.mp4"), 0, 8000);
  ExpectCopy(Pair(answer, "chaplin.mp4", "both.mp4"), 4000, 8000);
  ExpectCopy(Pair(answer, "lp_d13.mp4", "both.mp4"), 0, 3000);
  EXPECT_EQ(Pair(answer, "chaplin.mp4", "mirrored_part.mp4")["mirrored"], true);
  EXPECT_EQ(Pair(answer, "chaplin.mp4", "small.mp4")["mirrored"], false);
  EXPECT_EQ(Pair(answer, "chaplin.mp4", "inner.mp4")["cut_out"], "other");
  EXPECT_TRUE(Pair(answer, "asl_yes.mkv", "asl_no.mkv").is_null());

  ASSERT_EQ(answer["groups"].size(), 2u);
  EXPECT_EQ(answer["groups"][0]["sources"], 6);
  for (const Json& member : answer["groups"][0]["members"]) {
    EXPECT_NE(member["source"], "lp_d13.mp4");
    if (member["best"] == true) {
      EXPECT_EQ(member["source"], "chaplin.mp4");
    }
  }
  EXPECT_EQ(answer["groups"][1]["sources"], 2);

  const auto table = *ParseCsv(*ReadFile(folder() / "duplicates.csv"));
  size_t pairs = 0;
  for (const Json& group : answer["groups"]) pairs += group["pairs"].size();
  EXPECT_EQ(table.rows.size(), pairs);
  EXPECT_EQ(table.rows[0][0], "1");
  EXPECT_EQ(RunProgram({"verify", folder().string()}).exit_code, 0);
  EXPECT_EQ(Look()["groups"], answer["groups"]);
}

TEST_F(Duplicates, OnceKnownAreOneLookForTheGrouping) {
  Take("chaplin.mp4"), Take("asl_yes.mkv");
  Identify();
  const auto people = [this] {
    return Json::parse(RunProgram({"people", "list", "--case", folder().string(), "--json"}).out);
  };
  const size_t persons = people()["persons"].size();
  ASSERT_GT(persons, 0u);
  Make("-i " + Video("chaplin.mp4").string() + " -vf scale=256:144 -crf 40", "small.mp4");
  Make("-i " + Video("chaplin.mp4").string() + " -vf hflip -crf 36", "mirrored.mp4");
  Identify();
  const auto group = [this] {
    return Json::parse(RunProgram({"cluster", "--case", folder().string(), "--json"}).out)["cluster"];
  };
  EXPECT_EQ(group()["copied_tracks"], 0) << "nobody has looked for copies";
  Look();
  const Json grouped = group();
  EXPECT_GT(grouped["copied_tracks"], 0);
  EXPECT_LT(grouped["copied_tracks"], grouped["tracks"]);
  EXPECT_EQ(people()["persons"].size(), persons) << "and no more people than without the copies";
}

TEST_F(Duplicates, SourcesThatWereScannedBeforeAreDecodedOnceOrNamed) {
  Take("chaplin.mp4"), Take("lp_d13.mp4");
  Make("-i " + Video("chaplin.mp4").string() + " -vf scale=320:180", "small.mp4");
  Identify();
  const auto forget_fingerprints = [this] {
    SQLite::Database((folder() / "crossface.db").native(), SQLite::OPEN_READWRITE)
        .exec("DELETE FROM fingerprints");
  };
  const Json fresh = Look();
  forget_fingerprints();
  const Json decoded = Look();
  EXPECT_EQ(decoded["duplicates"]["decoded"], 3);
  EXPECT_EQ(decoded["groups"], fresh["groups"]);
  EXPECT_EQ(Look()["duplicates"]["decoded"], 0);

  forget_fingerprints();
  fs::remove(footage() / "small.mp4");
  const Json without = Look(3);
  ASSERT_EQ(without["left_out"].size(), 1u);
  EXPECT_EQ(without["left_out"][0]["source"], "small.mp4");
  EXPECT_TRUE(without["groups"].empty());
}

TEST_F(Duplicates, AFingerprintIsForgottenWithItsSourceAndThePairsToo) {
  Take("chaplin.mp4"), Take("lp_d13.mp4");
  Make("-i " + Video("chaplin.mp4").string() + " -vf scale=320:180", "small.mp4");
  Identify();
  ASSERT_EQ(Look()["groups"].size(), 1u);
  const auto forget =
      RunProgram({"forget", "small.mp4", "--source", "--yes", "--case", folder().string(), "--json"});
  EXPECT_EQ(forget.exit_code, 0) << forget.out << forget.err;
  EXPECT_THAT(*ReadFile(folder() / "duplicates.csv"), Not(HasSubstr("small.mp4")));
  EXPECT_EQ(RunProgram({"verify", folder().string()}).exit_code, 0);
  SQLite::Database database((folder() / "crossface.db").native());
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM fingerprints").getInt(), 2);
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM copies").getInt(), 0);
}

TEST_F(Duplicates, PhotosAreComparedToo) {
  const fs::path people = testing::SharedFolder() / "data/stills/lfw";
  std::vector<fs::path> photos;
  for (const auto& photo : fs::directory_iterator(*fs::directory_iterator(people)))
    photos.push_back(photo.path());
  std::sort(photos.begin(), photos.end());
  ASSERT_GE(photos.size(), 8u);
  for (const fs::path& photo : photos) fs::copy_file(photo, footage() / photo.filename());
  const std::string name = photos[3].filename().string();
  ASSERT_EQ(
      testing::RunCommand(fmt::format("ffmpeg -nostdin -v error -i {} -vf scale=150:150,hflip -q:v 10 {}",
                                      photos[3].string(), (footage() / "sent_on.jpg").string())),
      0);
  Identify();
  const Json answer = Look();
  ASSERT_EQ(answer["groups"].size(), 1u) << answer.dump(1);
  const Json pair = Pair(answer, name, "sent_on.jpg");
  ASSERT_TRUE(pair.is_object());
  EXPECT_EQ(pair["kind"], "still");
  EXPECT_EQ(pair["mirrored"], true);
  const std::string plain = RunProgram({"duplicates", "--case", folder().string()}).out;
  EXPECT_THAT(plain, HasSubstr("2 sources hold one piece of footage"));
  EXPECT_THAT(plain, HasSubstr("mirrored"));
}

}  // namespace
}  // namespace crossface
