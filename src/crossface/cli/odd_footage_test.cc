// Footage whose geometry or time stamps are odd, end to end: nobody in it is lost, and what is odd is told.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using testing::RunCommand;
using testing::RunProgram;

namespace fs = std::filesystem;
using Row = std::map<std::string, std::string>;

class OddFootage : public ::testing::Test {
 protected:
  std::string Case() const { return (scratch_.path() / "case").string(); }
  static std::string Shared(const std::string& path) {
    return (testing::SharedFolder() / "data" / path).string();
  }

  // Copies or makes a file of the footage.
  std::string In(const std::string& name) const {
    fs::create_directories(scratch_.path() / "in");
    return (scratch_.path() / "in" / name).string();
  }
  void Make(const std::string& name, const std::string& arguments) const {
    ASSERT_EQ(RunCommand(fmt::format("ffmpeg -v error -y {} '{}'", arguments, In(name))), 0);
  }
  void Take(const std::string& name) const { fs::copy_file(Shared("cases/" + name), In(name)); }

  void Identify() {
    const auto run = RunProgram({"identify", (scratch_.path() / "in").string(), "--case", Case()});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    told_ = run.err;
    for (const auto& [name, rows] : std::map<std::string, std::vector<Row>*>{
             {"sources.csv", &sources_}, {"appearances.csv", &appearances_}, {"faces.csv", &faces_}}) {
      const auto table = *ParseCsv(*ReadFile(fs::path(Case()) / name));
      rows->clear();
      for (const auto& cells : table.rows) {
        Row row;
        for (size_t i = 0; i < cells.size(); ++i) row[table.header[i]] = cells[i];
        rows->push_back(row);
      }
    }
  }
  Row Source(const std::string& name) const {
    for (const Row& row : sources_) {
      if (row.at("source") == name) return row;
    }
    ADD_FAILURE() << name << " is no source";
    return {};
  }
  std::set<std::string> PersonsIn(const std::string& source) const {
    std::set<std::string> persons;
    for (const Row& row : appearances_) {
      if (row.at("source") == source) persons.insert(row.at("person"));
    }
    return persons;
  }
  int64_t LastEnd(const std::string& source) const {
    int64_t last = -1;
    for (const Row& row : appearances_) {
      if (row.at("source") == source) last = std::max<int64_t>(last, std::stoll(row.at("end_ms")));
    }
    return last;
  }

  testing::ScratchFolder scratch_;
  std::string told_;
  std::vector<Row> sources_, appearances_, faces_;
};

#define NEEDS_ALL(path)                  \
  CROSSFACE_NEEDS_SHARED(path);          \
  CROSSFACE_NEEDS_MODEL("scrfd_500m");   \
  CROSSFACE_NEEDS_MODEL("arcface_ms1m"); \
  CROSSFACE_NEEDS_MODEL("arcface_foamliu")

TEST_F(OddFootage, StrayTimeStampsMoveNobodyAndAreTold) {
  NEEDS_ALL("data/cases");
  for (const char* name : {"one_frame_2h43_behind.ts", "two_frames_10h_ahead.ts", "one_pts_26h_ahead.mkv"})
    Take(name);
  Identify();
  for (const auto& [name, size] : {std::pair("one_frame_2h43_behind.ts", "02:43:21.000 behind"),
                                   {"two_frames_10h_ahead.ts", "10:26:39.000 ahead"},
                                   {"one_pts_26h_ahead.mkv", "26:30:43.000 ahead"}}) {
    const Row source = Source(name);
    EXPECT_EQ(source.at("status"), "ok");
    EXPECT_THAT(source.at("message"), HasSubstr(size));
    EXPECT_THAT(told_, HasSubstr(fmt::format("{}: 89 frames", name)));
    EXPECT_THAT(told_, HasSubstr("note: " + source.at("message")));
    EXPECT_NEAR(static_cast<double>(LastEnd(name)), 2966, 2) << name;
    EXPECT_LT(std::stoll(source.at("duration_ms")), 3100);
  }
}

TEST_F(OddFootage, FramesWithoutTimeAreLookedAt) {
  NEEDS_ALL("data/cases");
  for (const char* name : {"all_frames_same_pts_face_missed.mkv", "timestamps_75x_too_fast_face_missed.mkv"})
    Take(name);
  Identify();
  for (const char* name :
       {"all_frames_same_pts_face_missed.mkv", "timestamps_75x_too_fast_face_missed.mkv"}) {
    EXPECT_THAT(Source(name).at("message"), HasSubstr("too close to be true"));
    EXPECT_EQ(Source(name).at("status"), "ok");
    EXPECT_EQ(PersonsIn(name).size(), 1u) << name;
    EXPECT_FALSE(PersonsIn(name).contains("")) << name;
    EXPECT_GE(std::stoi(Source(name).at("faces")), 4) << name;
  }
  EXPECT_EQ(PersonsIn("all_frames_same_pts_face_missed.mkv"),
            PersonsIn("timestamps_75x_too_fast_face_missed.mkv"));
}

TEST_F(OddFootage, EmptyFramesOfAviAreNoDamage) {
  NEEDS_ALL("data/cases");
  Take("avi_with_dropped_frames_called_damaged.avi");
  Identify();
  EXPECT_EQ(Source("avi_with_dropped_frames_called_damaged.avi").at("status"), "ok");
  EXPECT_THAT(Source("avi_with_dropped_frames_called_damaged.avi").at("message"),
              HasSubstr("30 of 89 frames are empty"));
}

TEST_F(OddFootage, ANoteIsToldOnceAndWhatIsScannedAgainIsCountedOnce) {
  NEEDS_ALL("data/cases");
  CROSSFACE_NEEDS_SHARED("data/videos/lp_s13.mp4");
  Take("one_pts_26h_ahead.mkv");                              // 89 frames
  Take("size_changes_mid_stream_second_half_squeezed.h264");  // 125
  Make("head.mp4", fmt::format("-i {} -t 3 -an -vf hflip,vflip", Shared("videos/lp_s13.mp4")));
  const auto run = RunProgram({"identify", (scratch_.path() / "in").string(), "--case", Case(), "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto scan = nlohmann::json::parse(run.out)["scan"];
  EXPECT_EQ(scan["noted_sources"].size(), 1u);
  EXPECT_EQ(scan["turned"], 1);
  const auto table = *ParseCsv(*ReadFile(fs::path(Case()) / "sources.csv"));
  int64_t decoded = 0;
  for (const auto& cells : table.rows)
    decoded += std::stoll(cells[static_cast<size_t>(table.Column("decoded"))]);
  EXPECT_EQ(scan["frames"], decoded);
}

TEST_F(OddFootage, StillsAreTurnedAsTheirSoundMetadataSays) {
  NEEDS_ALL("data/cases");
  const std::string icc = "bad_icc_segment_loses_exif_orientation_and_date.jpg",
                    xmp = "orientation_only_in_xmp_ignored.jpg";
  Take(icc);
  Take(xmp);
  Identify();
  for (const std::string& name : {icc, xmp}) {
    EXPECT_EQ(Source(name).at("geometry"), "rotated 90 (file)");
    EXPECT_EQ(Source(name).at("status"), "ok");
  }
  EXPECT_EQ(Source(icc).at("created"), "2024-03-05T12:30:07");
  EXPECT_EQ(PersonsIn(icc).size(), 1u);
  EXPECT_FALSE(PersonsIn(icc).contains(""));
  EXPECT_EQ(PersonsIn(icc), PersonsIn(xmp)) << "the same photo";
}

// One person throughout, before and after the picture's size changes; the same in every container, small
// first or last.
TEST_F(OddFootage, APersonStaysOneWhereThePictureChanges) {
  NEEDS_ALL("data/videos/pf_single_face.mp4");
  const std::string clip = Shared("videos/pf_single_face.mp4");
  const std::string part =
      "-i '" + clip + "' -frames:v 30 -an -r 25 -pix_fmt yuv420p -c:v libx264 -crf 18 -vf ";
  const auto raw = [&](const char* name) { return (scratch_.path() / name).string(); };
  for (const auto& [name, filter] : {std::pair("a.h264", "scale=640:360,setsar=1"),
                                     {"b.h264", "crop=iw*0.6:ih,scale=384:360,setsar=1"},
                                     {"c.h264", "scale=320:360,setsar=2"}})
    ASSERT_EQ(RunCommand(fmt::format("ffmpeg -v error -y {}{} '{}'", part, filter, raw(name))), 0);
  for (const auto& [name, parts] : {std::pair("one.h264", "a.h264 b.h264"),
                                    {"two.h264", "b.h264 a.h264"},
                                    {"three.h264", "c.h264 b.h264"}})
    ASSERT_EQ(RunCommand(fmt::format("cd '{}' && cat {} > '{}'", scratch_.path().string(), parts, In(name))),
              0);
  for (const char* container : {"mkv", "mp4", "ts"})
    Make(fmt::format("two.{}", container),
         fmt::format("-fflags +genpts -r 25 -i '{}' -c copy -bsf:v setts=ts=N*48000", In("two.h264")));
  Identify();
  std::set<std::string> persons;
  for (const Row& source : sources_) {
    const std::string& name = source.at("source");
    EXPECT_EQ(source.at("width") + "x" + source.at("height"), "640x360") << name;
    EXPECT_THAT(source.at("geometry"), HasSubstr("pictures change: ")) << name;
    EXPECT_EQ(source.at("status"), "ok") << name;
    const auto here = PersonsIn(name);
    persons.insert(here.begin(), here.end());
    bool before = false, after = false;
    for (const Row& face : faces_) {
      if (face.at("source") != name) continue;
      (std::stoi(face.at("frame")) < 30 ? before : after) = true;
      EXPECT_NEAR(std::stod(face.at("h")) / std::stod(face.at("w")), 1.4, 0.2)
          << name << " " << face.at("frame");
    }
    EXPECT_TRUE(before && after) << name;
  }
  EXPECT_EQ(sources_.size(), 6u);
  EXPECT_EQ(persons.size(), 1u);
  EXPECT_FALSE(persons.contains(""));

  // What reads the footage again reads the same pictures.
  const auto verified = RunProgram({"verify", Case()});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  const std::string copy = (scratch_.path() / "copy.mp4").string();
  const auto redacted = RunProgram({"redact", "two.h264", "--case", Case(), "--out", copy, "--all"});
  EXPECT_EQ(redacted.exit_code, 0) << redacted.err;
}

}  // namespace
}  // namespace crossface
