// Faces that tell nobody apart are joined to nobody, end to end, on the inputs that once mixed people.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "crossface/scan/distinct_faces.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using testing::RunProgram;

struct HardCase {
  std::string folder;
  size_t fewest_persons;  // who must come out all the same
};

class TellingFaces : public ::testing::TestWithParam<HardCase> {};

// Sources are named Person_NNNN; where they are not, each is another person.
std::string PersonOf(const std::string& source) {
  return std::regex_replace(source.substr(0, source.rfind('.')), std::regex("_[0-9]{4}$"), "");
}

TEST_P(TellingFaces, NoFolderHoldsTwoPeopleAndWhatIsUnassignedSaysWhy) {
  const std::string footage = "data/cases/" + GetParam().folder;
  CROSSFACE_NEEDS_SHARED(footage);
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  CROSSFACE_NEEDS_MODEL("arcface_foamliu");
  for (const char* profile : {"balanced", "strict"}) {
    const testing::ScratchFolder scratch;
    const std::string folder = (scratch.path() / "case").string();
    const auto run = RunProgram(
        {"identify", (testing::SharedFolder() / footage).string(), "--case", folder, "--profile", profile});
    ASSERT_TRUE(run.exit_code == 0 || run.exit_code == 4) << run.err;
    const auto table = *ParseCsv(*ReadFile(std::filesystem::path(folder) / "appearances.csv"));
    ASSERT_FALSE(table.rows.empty());
    ASSERT_EQ(table.header.back(), "reason");
    std::map<std::string, std::set<std::string>> people_of;
    for (const auto& row : table.rows) {
      const std::string& person = row[static_cast<size_t>(table.Column("person"))];
      EXPECT_EQ(row.back().empty(), !person.empty()) << "a reason where nobody is, and only there";
      if (!person.empty())
        people_of[person].insert(PersonOf(row[static_cast<size_t>(table.Column("source"))]));
    }
    for (const auto& [person, people] : people_of) EXPECT_EQ(people.size(), 1u) << profile << " " << person;
    EXPECT_GE(people_of.size(), GetParam().fewest_persons) << profile;
  }
}

// A face that was found at two scales, and moved onto itself when the other detectors were asked.
TEST(TellingFacesTest, NoFaceOfAFrameIsFoundTwice) {
  CROSSFACE_NEEDS_SHARED("data/videos/lp_s13.mp4");
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  const testing::ScratchFolder scratch;
  const std::string folder = (scratch.path() / "case").string();
  const auto run = RunProgram(
      {"identify", (testing::SharedFolder() / "data/videos/lp_s13.mp4").string(), "--case", folder});
  ASSERT_TRUE(run.exit_code == 0 || run.exit_code == 4) << run.err;
  const auto table = *ParseCsv(*ReadFile(std::filesystem::path(folder) / "faces.csv"));
  std::map<std::string, std::vector<cv::Rect2f>> of_frame;
  for (const auto& row : table.rows) {
    const auto number = [&](const char* name) {
      return std::stof(row[static_cast<size_t>(table.Column(name))]);
    };
    of_frame[row[static_cast<size_t>(table.Column("frame"))]].push_back(
        {number("x"), number("y"), number("w"), number("h")});
  }
  ASSERT_GT(of_frame.size(), 5u);
  for (const auto& [frame, boxes] : of_frame) {
    for (size_t a = 0; a < boxes.size(); ++a) {
      for (size_t b = 0; b < a; ++b) EXPECT_FALSE(AreOneFace(boxes[a], boxes[b])) << "frame " << frame;
    }
  }
}

// Films that lie on their head or side and whose files do not say so.
TEST(TellingFacesTest, FilmsThatLieOtherwiseThanTheirFilesSayAreSearchedUpright) {
  CROSSFACE_NEEDS_SHARED("data/videos/pf_single_face.mp4");
  CROSSFACE_NEEDS_SHARED("data/videos/avobjects_debate.mp4");
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  CROSSFACE_NEEDS_MODEL("arcface_foamliu");
  const testing::ScratchFolder scratch;
  const auto footage = scratch.path() / "footage", folder = scratch.path() / "case";
  std::filesystem::create_directories(footage);
  const auto make = [&](const char* name, const char* video, const char* filter) {
    ASSERT_EQ(
        testing::RunCommand(fmt::format(
            "ffmpeg -nostdin -v error -i {} -t 4 -an -vf {} -c:v libx264 -preset veryfast {}",
            (testing::SharedFolder() / "data/videos" / video).string(), filter, (footage / name).string())),
        0);
  };
  make("as_it_is.mp4", "pf_single_face.mp4", "null");
  make("head.mp4", "pf_single_face.mp4", "hflip,vflip");
  make("side.mp4", "avobjects_debate.mp4", "transpose=1");
  const auto run = RunProgram({"identify", footage.string(), "--case", folder.string()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, ::testing::HasSubstr("head.mp4 lies otherwise than its file says"));
  const auto sources = *ParseCsv(*ReadFile(folder / "sources.csv"));
  std::map<std::string, std::string> geometry;
  for (const auto& row : sources.rows)
    geometry[row[static_cast<size_t>(sources.Column("source"))]] =
        row[static_cast<size_t>(sources.Column("geometry"))];
  EXPECT_EQ(geometry["as_it_is.mp4"], "");
  EXPECT_EQ(geometry["head.mp4"], "rotated 180 (found)");
  EXPECT_EQ(geometry["side.mp4"], "rotated 270 (found)");
  std::map<std::string, std::set<std::string>> sources_of;
  const auto table = *ParseCsv(*ReadFile(folder / "appearances.csv"));
  for (const auto& row : table.rows) {
    const std::string& person = row[static_cast<size_t>(table.Column("person"))];
    if (!person.empty()) sources_of[person].insert(row[static_cast<size_t>(table.Column("source"))]);
  }
  size_t in_both = 0;
  for (const auto& [person, in] : sources_of)
    in_both += in.contains("as_it_is.mp4") && in.contains("head.mp4");
  EXPECT_EQ(in_both, 1u) << "who is in the film as it is, is the same person in the turned one";
  EXPECT_EQ(RunProgram({"verify", folder.string()}).exit_code, 0) << "boxes are of the turned pictures";

  const auto given = RunProgram({"identify", (footage / "head.mp4").string(), "--case",
                                 (scratch.path() / "given").string(), "--rotate", "0"});
  EXPECT_THAT(given.err, ::testing::Not(::testing::HasSubstr("lies otherwise")))
      << "what the user says holds";
}

INSTANTIATE_TEST_SUITE_P(Cases, TellingFaces,
                         ::testing::Values(HardCase{"masked_faces_merged", 0},
                                           HardCase{"pixelated_faces_merged", 0},
                                           HardCase{"blurred_faces_merged", 0},
                                           HardCase{"upside_down_merges_two_people", 0},
                                           HardCase{"sar_1_2_merges_two_people", 2},
                                           HardCase{"real_2cif_sar_1_2_three_people_one_folder", 3}),
                         [](const auto& info) { return info.param.folder; });

}  // namespace
}  // namespace crossface
