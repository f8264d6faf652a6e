// Redacted copies, end to end, through the program itself, on real footage.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/detect/face_finder.h"
#include "crossface/detect/fusion.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunProgram;
using Json = nlohmann::json;

std::filesystem::path Data(const std::string& name) { return testing::SharedFolder() / "data" / name; }

struct Picture {
  int64_t time_us = 0;
  cv::Mat bgr;
};

std::vector<Picture> Pictures(const std::filesystem::path& path) {
  std::vector<Picture> pictures;
  auto reader = OpenSource(path);
  EXPECT_TRUE(reader.ok()) << reader.status().message();
  if (!reader.ok()) return pictures;
  while (true) {
    auto frame = (*reader)->Next();
    if (!frame.ok() || !*frame) return pictures;
    pictures.push_back({(*frame)->time_us, *(*frame)->picture->Bgr()});
  }
}

double Difference(const cv::Mat& a, const cv::Mat& b, const cv::Rect& part) {
  const cv::Rect inside = part & cv::Rect({}, a.size());
  if (inside.empty()) return 0;
  cv::Mat difference;
  cv::absdiff(a(inside), b(inside), difference);
  const cv::Scalar mean = cv::mean(difference);
  return (mean[0] + mean[1] + mean[2]) / 3;
}

class RedactTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos");
    CROSSFACE_NEEDS_SHARED("data/media_odd");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    std::filesystem::create_directories(footage());
    std::filesystem::create_directories(out());
  }
  void Identify() {
    const auto run = RunProgram({"identify", footage().string(), "--case", case_folder().string(), "-q"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  void Add(const std::string& data, const std::string& name = "") {
    const auto to = footage() / (name.empty() ? std::filesystem::path(data).filename().string() : name);
    std::filesystem::copy_file(Data(data), to);
    std::filesystem::permissions(to, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
  }
  std::filesystem::path footage() const { return scratch_.path() / "footage"; }
  std::filesystem::path case_folder() const { return scratch_.path() / "case"; }
  std::filesystem::path out() const { return scratch_.path() / "out"; }

  testing::ProgramRun Redact(const std::string& source, const std::filesystem::path& to,
                             std::vector<std::string> words) {
    words.insert(words.begin(),
                 {"redact", source, "--case", case_folder().string(), "--out", to.string(), "--json", "-q"});
    return RunProgram(words);
  }
  std::string Said(const std::string& command) {
    const auto file = scratch_.path() / "said";
    EXPECT_EQ(testing::RunCommand(command + " > '" + file.string() + "'"), 0) << command;
    return *ReadFile(file);
  }
  // The sound's packets as a reader gives them: bytes and times since the pictures' first.
  std::string Sound(const std::filesystem::path& path) {
    return Said(
        "ffprobe -v error -select_streams a -show_data_hash sha256 -show_entries "
        "packet=pts_time,size,data_hash -of csv=p=0 '" +
        path.string() + "'");
  }
  std::string Tags(const std::filesystem::path& path) {
    return Said(
        "ffprobe -v error -show_entries format_tags:stream_tags:stream_side_data -show_chapters -of "
        "compact '" +
        path.string() + "'");
  }
  // Faces over all frames of a file that a scan would believe: seen by its detector at its settings, and
  // confirmed by the others.
  int FacesLeft(const std::filesystem::path& path, int* frames) {
    auto finder = FaceFinder::Create(testing::Models(), {}, {.threads_per_run = 1});
    EXPECT_TRUE(finder.ok());
    int left = 0;
    *frames = 0;
    for (const Picture& picture : Pictures(path)) {
      ++*frames;
      const auto faces = (*finder)->Find(picture.bgr, true);
      EXPECT_TRUE(faces.ok());
      for (const Detection& face : *faces) left += IsConfirmed(*(*finder)->Confirm(picture.bgr, face));
    }
    return left;
  }
  std::vector<std::filesystem::path> Leftovers() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(out())) files.push_back(entry.path());
    return files;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(RedactTest, AllHidesEveryFaceOfEveryFrameAndKeepsTimesAndSound) {
  Add("videos/pf_single_face.mp4");
  Add("videos/hamilton_short.mp4");
  Add("videos/asl_again.mkv");
  Identify();
  for (const auto& [source, method, ending] : {std::tuple{"pf_single_face.mp4", "blur", ".mp4"},
                                               {"hamilton_short.mp4", "fill", ".mp4"},
                                               {"asl_again.mkv", "blur", ".mkv"},
                                               {"asl_again.mkv", "fill", ".mp4"}}) {
    const auto copy = out() / (std::string(source) + "-" + method + ending);
    const auto run = Redact(source, copy, {"--all", "--method", method});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const Json told = Json::parse(run.out)["redact"];
    EXPECT_EQ(told["output_sha256"], *Sha256OfFile(copy));
    int frames = 0, frames_before = 0;
    EXPECT_GT(FacesLeft(footage() / source, &frames_before), 0) << "the test tests nothing";
    EXPECT_EQ(FacesLeft(copy, &frames), 0) << copy;
    EXPECT_EQ(frames, frames_before);
    EXPECT_EQ(told["frames"], frames);
    const auto before = Pictures(footage() / source), after = Pictures(copy);
    for (size_t i = 0; i < before.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(after[i].time_us), static_cast<double>(before[i].time_us), 1) << i;
      EXPECT_EQ(after[i].bgr.size(), before[i].bgr.size());
    }
    EXPECT_EQ(Sound(copy), Sound(footage() / source)) << source;
  }
  const std::string log = *ReadFile(case_folder() / "run.jsonl");
  EXPECT_THAT(log, HasSubstr("\"output_sha256\":\"" + *Sha256OfFile(out() / "asl_again.mkv-fill.mp4")));
  EXPECT_EQ(RunProgram({"verify", case_folder().string()}).exit_code, 0);
}

// Squeezed with a sample aspect ratio, and upside down with nothing but the user's word: the copy hides the
// right places, and is upright with square pixels.
TEST_F(RedactTest, ACopyOfTurnedOrSqueezedFootageIsUprightAndHidesTheFaces) {
  const std::string original = Data("videos/pf_single_face.mp4").string();
  const auto make = [&](const std::string& filter, const std::string& name) {
    return testing::RunCommand("ffmpeg -v error -y -t 2 -i '" + original + "' -vf '" + filter +
                               "' -crf 12 -an '" + (footage() / name).string() + "'");
  };
  ASSERT_EQ(make("scale=iw/2:ih,setsar=2", "squeezed.mp4"), 0);
  Identify();
  ASSERT_EQ(make("hflip,vflip", "over.mp4"), 0);
  const auto given = RunProgram({"identify", (footage() / "over.mp4").string(), "--case",
                                 case_folder().string(), "--rotate", "180", "-q"});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  Identify();  // what was given for one source stays, and touches no other
  const std::string sources = *ReadFile(case_folder() / "sources.csv");
  EXPECT_THAT(sources, HasSubstr("rotated 180 (given),\r\n"));
  EXPECT_THAT(sources, HasSubstr("pixel aspect 2:1 (file),\r\n"));

  const auto upright = Pictures(original);
  for (const char* source : {"squeezed.mp4", "over.mp4"}) {
    SCOPED_TRACE(source);
    const auto copy = out() / source;
    ASSERT_EQ(Redact(source, copy, {"--all"}).exit_code, 0);
    int frames = 0;
    EXPECT_EQ(FacesLeft(copy, &frames), 0);
    ASSERT_GT(frames, 30);
    const auto copied = Pictures(copy);
    const cv::Mat& whole = upright[20].bgr;
    ASSERT_EQ(copied[20].bgr.size(), whole.size());
    auto finder = FaceFinder::Create(testing::Models(), {}, {.threads_per_run = 1});
    const std::vector<Detection> faces = *(*finder)->Find(whole, true);
    ASSERT_FALSE(faces.empty());
    EXPECT_GT(Difference(whole, copied[20].bgr, cv::Rect(faces[0].box)), 12);
    // Elsewhere it is the upright original: the bottom left corner, far from the face.
    EXPECT_LT(Difference(whole, copied[20].bgr, cv::Rect(0, whole.rows - 60, 60, 60)), 8);
  }
}

// The copy has 8 bits and ordinary colours, and says so: no player takes its numbers for light once more. Of
// two moments one is shown, in whole pictures.
TEST_F(RedactTest, ACopyOfHighDynamicRangeOrInterlacedFootageShowsWhatTheCaseShows) {
  const std::string original =
      "ffmpeg -v error -y -t 2 -i '" + Data("videos/pf_single_face.mp4").string() + "' -an ";
  ASSERT_EQ(testing::RunCommand(original +
                                "-vf 'setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709,"
                                "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020:t=smpte2084:"
                                "m=bt2020nc:r=tv:npl=203,format=yuv420p10le' -c:v libx264 -crf 10 "
                                "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc '" +
                                (footage() / "light.mkv").string() + "'"),
            0);
  ASSERT_EQ(testing::RunCommand(original +
                                "-vf tinterlace=interleave_top,setfield=tff -c:v libx264 -crf 10 -flags "
                                "+ildct+ilme '" +
                                (footage() / "two_moments.mkv").string() + "'"),
            0);
  Identify();
  for (const char* source : {"light.mkv", "two_moments.mkv"}) {
    SCOPED_TRACE(source);
    const auto copy = out() / source;
    const auto run = Redact(source, copy, {"--all"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    int frames = 0;
    EXPECT_EQ(FacesLeft(copy, &frames), 0);
    const auto shown = Pictures(footage() / source), copied = Pictures(copy);
    ASSERT_EQ(copied.size(), shown.size());
    const cv::Rect corner(0, shown[10].bgr.rows - 60, 60, 60);
    EXPECT_LT(Difference(shown[10].bgr, copied[10].bgr, corner), 4);
  }
  EXPECT_THAT(Said("ffprobe -v error -select_streams v -show_entries "
                   "stream=color_space,color_transfer,color_primaries -of "
                   "csv=p=0 '" +
                   (out() / "light.mkv").string() + "'"),
              HasSubstr("bt709,bt709,bt709"));
}

// Two people, of two videos, side by side all the time.
TEST_F(RedactTest, OnlyAndExceptTellPeopleApart) {
  const auto both = footage() / "both.mp4";
  ASSERT_EQ(
      testing::RunCommand("ffmpeg -v error -y -t 2 -i '" + Data("videos/pf_single_face.mp4").string() +
                          "' -t 2 -i '" + Data("videos/asl_again.mkv").string() +
                          "' -filter_complex '[0:v]fps=30,scale=480:360[a];[1:v]fps=30,scale=480:360[b];"
                          "[a][b]hstack' -crf 12 -an '" +
                          both.string() + "'"),
      0);
  Identify();
  const auto list = RunProgram({"people", "list", "--case", case_folder().string(), "--json"});
  const std::string faces = *ReadFile(case_folder() / "faces.csv");
  ASSERT_EQ(Json::parse(list.out)["persons"].size(), 2u) << list.out;
  // Who stands on the left.
  std::string left;
  std::istringstream lines(faces);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && left.empty()) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    if (!cells[0].empty() && std::stod(cells[6]) < 400) left = cells[0];
  }
  ASSERT_FALSE(left.empty());

  ASSERT_EQ(Redact("both.mp4", out() / "only.mp4", {"--only", left}).exit_code, 0);
  ASSERT_EQ(Redact("both.mp4", out() / "except.mp4", {"--except", left}).exit_code, 0);
  const auto before = Pictures(both), only = Pictures(out() / "only.mp4"),
             except = Pictures(out() / "except.mp4");
  ASSERT_EQ(only.size(), before.size());
  ASSERT_EQ(except.size(), before.size());
  auto finder = FaceFinder::Create(testing::Models(), {}, {.threads_per_run = 1});
  ASSERT_TRUE(finder.ok());
  int seen_left = 0, seen_right = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const std::vector<Detection> shown = *(*finder)->Find(before[i].bgr, true);
    for (const Detection& face : shown) {
      if (face.score < 0.5f) continue;
      const cv::Rect box(face.box);
      const bool is_left = box.x + box.width / 2 < 480;
      ++(is_left ? seen_left : seen_right);
      // Hidden: another picture altogether. Left alone: what the encoder does to it.
      EXPECT_GT(Difference(before[i].bgr, (is_left ? only : except)[i].bgr, box), 12) << i;
      EXPECT_LT(Difference(before[i].bgr, (is_left ? except : only)[i].bgr, box), 3) << i;
    }
    for (const auto* copy : {&only, &except}) {
      const std::vector<Detection> left_over = *(*finder)->Find((*copy)[i].bgr, true);
      for (const Detection& face : left_over) {
        if (face.score < 0.5f) continue;
        EXPECT_EQ(face.box.x + face.box.width / 2 < 480, copy == &except) << i;
      }
    }
  }
  EXPECT_GT(seen_left, 40);
  EXPECT_GT(seen_right, 40);
  EXPECT_EQ(Redact("both.mp4", out() / "nobody.mp4", {"--only", "Nobody"}).exit_code, 2);
  EXPECT_EQ(Redact("both.mp4", out() / "unclear.mp4", {}).exit_code, 2);
  EXPECT_EQ(Redact("both.mp4", out() / "unclear.mp4", {"--all", "--only", left}).exit_code, 2);
  EXPECT_EQ(Leftovers().size(), 2u);
}

TEST_F(RedactTest, RotatedAndVariableRateVideosAndPicturesStayWhatTheyAre) {
  Add("media_odd/gps_quicktime.mov");
  Add("media_odd/made_vfr.mp4");
  Add("stills/lfw/Tom_Hanks/Tom_Hanks_0002.jpg");
  Identify();
  const auto turned = out() / "turned.mov", stripped = out() / "stripped.mov", stripped_mp4 = out() / "s.mp4",
             vfr = out() / "vfr.mp4", still = out() / "still.jpg";
  ASSERT_EQ(Redact("gps_quicktime.mov", turned, {"--all"}).exit_code, 0);
  const auto before = Pictures(footage() / "gps_quicktime.mov"), after = Pictures(turned);
  ASSERT_EQ(after.size(), before.size());
  EXPECT_EQ(after[0].bgr.size(), before[0].bgr.size());  // upright
  // The lower third has no face.
  const cv::Rect below(0, before[0].bgr.rows * 2 / 3, before[0].bgr.cols, before[0].bgr.rows / 3);
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_LT(Difference(before[i].bgr, after[i].bgr, below), 4) << i;
  EXPECT_EQ(Sound(turned), Sound(footage() / "gps_quicktime.mov"));
  EXPECT_THAT(Tags(turned), HasSubstr("iPhone 6"));
  EXPECT_THAT(Tags(turned), HasSubstr("+32.0929"));
  EXPECT_THAT(Tags(turned), HasSubstr("2019-07-24"));
  EXPECT_THAT(Tags(turned), Not(HasSubstr("rotation")));

  for (const auto& file : {stripped, stripped_mp4}) {
    ASSERT_EQ(Redact("gps_quicktime.mov", file, {"--all", "--strip-metadata"}).exit_code, 0);
    for (const char* trace : {"iPhone", "Apple", "32.09", "2019", "Core Media", "Lavf", "x264", "Lavc"}) {
      EXPECT_THAT(Tags(file), Not(HasSubstr(trace)));
      EXPECT_EQ(ReadFile(file)->find(trace), std::string::npos) << trace << " in " << file;
    }
    EXPECT_THAT(Said("exiftool -G1 -a '" + file.string() + "'"), Not(HasSubstr("2019:07")));
  }

  ASSERT_EQ(Redact("made_vfr.mp4", vfr, {"--all", "--method", "blur"}).exit_code, 0);
  const auto uneven = Pictures(footage() / "made_vfr.mp4"), copied = Pictures(vfr);
  ASSERT_EQ(copied.size(), uneven.size());
  std::set<int64_t> steps;
  for (size_t i = 0; i < copied.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(copied[i].time_us), static_cast<double>(uneven[i].time_us), 1);
    if (i > 0) steps.insert((uneven[i].time_us - uneven[i - 1].time_us) / 1000);
  }
  EXPECT_GT(steps.size(), 1u) << "the rate does not vary";

  ASSERT_EQ(Redact("Tom_Hanks_0002.jpg", still, {"--all"}).exit_code, 0);
  int frames = 0;
  EXPECT_EQ(FacesLeft(still, &frames), 0);
  EXPECT_EQ(frames, 1);
}

TEST_F(RedactTest, NothingIsOverwrittenAndNothingHalfDoneIsLeft) {
  Add("videos/pf_single_face.mp4");
  Identify();
  const std::string source = "pf_single_face.mp4";
  const auto taken = out() / "taken.mp4";
  ASSERT_TRUE(WriteFileAtomically(taken, "mine").ok());
  const std::string original = *ReadFile(footage() / source);
  EXPECT_THAT(Redact(source, taken, {"--all"}).err, HasSubstr("there already"));
  EXPECT_EQ(*ReadFile(taken), "mine");
  EXPECT_NE(Redact(source, footage() / source, {"--all"}).exit_code, 0);
  EXPECT_EQ(*ReadFile(footage() / source), original);
  EXPECT_EQ(Redact(source, out() / "copy.avi", {"--all"}).exit_code, 2);
  EXPECT_NE(Redact(source, out() / "no such folder" / "copy.mp4", {"--all"}).exit_code, 0);

  // Killed in the middle of writing: nothing has the name.
  const auto killed = out() / "killed.mp4";
  ASSERT_TRUE(testing::RunProgramAndKill(
      {"redact", source, "--case", case_folder().string(), "--out", killed.string(), "--all"}, [&] {
        for (const auto& file : Leftovers()) {
          std::error_code error;
          if (file.extension() == ".tmp" && std::filesystem::file_size(file, error) > 0) return true;
        }
        return false;
      }));
  EXPECT_FALSE(std::filesystem::exists(killed));
  for (const auto& file : Leftovers()) {
    if (file != taken) std::filesystem::remove(file);
  }
  ASSERT_TRUE(WriteFileAtomically(footage() / source, original + "x").ok());
  const auto changed = Redact(source, out() / "changed.mp4", {"--all"});
  EXPECT_EQ(changed.exit_code, 5);
  EXPECT_THAT(changed.err, HasSubstr("is not what was scanned"));
  EXPECT_EQ(Leftovers().size(), 1u);
}

}  // namespace
}  // namespace crossface
