#include "crossface/media/read/frame_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "crossface/media/file/orientation.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/memory_store.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using testing::RunCommand;
using testing::ScratchFolder;

fs::path Odd(const std::string& name) { return testing::SharedFolder() / "data/media_odd" / name; }
fs::path Video(const std::string& name) { return testing::SharedFolder() / "data/videos" / name; }

struct Expected {
  const char* file;
  const char* codec;
  StatusCode opens;
  int frames = 0, width = 0, height = 0, rotation = 0;
  bool damaged = false;
};

// Frames as `ffprobe -count_frames` counts them, sizes after rotation.
constexpr Expected kOddFiles[] = {
    {"av1.mp4", "av1", StatusCode::kOk, 375, 960, 540, 0},
    {"bad_video_sample.mp4", "mpeg4", StatusCode::kOk, 15, 50, 50, 0},
    {"canon_mjpeg.avi", "mjpeg", StatusCode::kOk, 78, 640, 480, 0},
    {"corrupt_exiv2_poc1.mov", "", StatusCode::kCorrupt},
    {"corrupt_exiv2_poc2.mp4", "", StatusCode::kCorrupt},
    {"corrupt_exiv2_poc3.mp4", "", StatusCode::kCorrupt},
    {"exiv2_640x360.mov", "h264", StatusCode::kOk, 400, 640, 360, 0},
    {"exiv2_flame.avi", "indeo4", StatusCode::kOk, 110, 256, 240, 0},
    {"exiv2_small.mp4", "hevc", StatusCode::kOk, 20, 216, 384, 0},
    {"failing_audio.mp4", "h264", StatusCode::kOk, 280, 640, 360, 0},
    {"gps_mp4.mp4", "h264", StatusCode::kOk, 3, 1920, 1080, 0},
    {"gps_quicktime.mov", "h264", StatusCode::kOk, 120, 320, 568, 90},
    {"hevc_livephoto.mov", "hevc", StatusCode::kOk, 35, 720, 1280, 90},
    {"issue515.mp4", "h264", StatusCode::kOk, 109, 1280, 720, 0},
    {"itunes.mov", "mpeg4", StatusCode::kOk, 855, 640, 480, 0},
    {"kodak.avi", "mjpeg", StatusCode::kOk, 41, 320, 240, 0},
    {"made_audio_only.mp4", "", StatusCode::kNoVideo},
    {"made_av1.mp4", "av1", StatusCode::kOk, 109, 640, 480, 0},
    {"made_bitflips.mp4", "h264", StatusCode::kOk, 108, 640, 480, 0, true},
    {"made_empty.mp4", "", StatusCode::kCorrupt},
    {"made_gps_creation.mp4", "h264", StatusCode::kOk, 109, 640, 480, 0},
    {"made_hevc10.mp4", "hevc", StatusCode::kOk, 109, 640, 480, 0},
    {"made_mjpeg.avi", "mjpeg", StatusCode::kOk, 109, 640, 480, 0},
    {"made_ok.mp4", "h264", StatusCode::kOk, 109, 640, 480, 0},
    {"made_one_frame.mp4", "h264", StatusCode::kOk, 1, 640, 480, 0},
    {"made_prores.mov", "prores", StatusCode::kOk, 109, 320, 240, 0},
    {"made_rotate90.mp4", "h264", StatusCode::kOk, 109, 480, 640, 90},
    {"made_text.mp4", "", StatusCode::kCorrupt},
    {"made_truncated_faststart.mp4", "h264", StatusCode::kOk, 57, 640, 480, 0, true},
    {"made_truncated_nomoov.mp4", "", StatusCode::kCorrupt},
    {"made_vfr.mp4", "h264", StatusCode::kOk, 61, 640, 480, 0},
    {"made_vp9.webm", "vp9", StatusCode::kOk, 109, 640, 480, 0},
    {"mjpeg_quicktime.mov", "", StatusCode::kCorrupt},  // its frames are in another file, which is not there
    {"mp42_hvc1_name.mp4", "h264", StatusCode::kOk, 31, 464, 848, 0},
    {"sample.3gp", "mpeg4", StatusCode::kOk, 74, 176, 144, 0},
    {"tenbit.mp4", "h264", StatusCode::kOk, 3, 640, 360, 0},
    {"uuid540.mp4", "h264", StatusCode::kOk, 31, 960, 540, 0},
    {"vp9_bad_container.mkv", "theora", StatusCode::kOk, 150, 480, 270, 0},
    {"vp_sample.webm", "vp9", StatusCode::kOk, 150, 480, 270, 0},
    {"xmp480qt.mov", "h264", StatusCode::kOk, 30, 640, 360, 0},
};

TEST(FrameReader, ReadsEveryOddFileAsExpected) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  for (const Expected& expected : kOddFiles) {
    SCOPED_TRACE(expected.file);
    const ReadSource read = ReadAll(Odd(expected.file));
    EXPECT_EQ(read.opened.code(), expected.opens) << read.opened.message();
    if (!read.opened.ok()) {
      EXPECT_NE(read.opened.message().find(expected.file), std::string::npos) << read.opened.message();
      continue;
    }
    EXPECT_EQ(static_cast<int>(read.pts.size()), expected.frames);
    EXPECT_EQ(cv::Size(read.info.width, read.info.height), cv::Size(expected.width, expected.height));
    EXPECT_EQ(read.info.rotation, expected.rotation);
    EXPECT_EQ(read.info.codec, expected.codec);
    EXPECT_TRUE(read.ended.ok()) << read.ended.message();
    EXPECT_EQ(!read.damage.ok(), expected.damaged) << read.damage.message();
    EXPECT_TRUE(std::is_sorted(read.time_us.begin(), read.time_us.end()));
    EXPECT_EQ(read.info.bytes, static_cast<int64_t>(fs::file_size(Odd(expected.file))));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(Odd("")), fs::directory_iterator()), std::ssize(kOddFiles));
}

TEST(FrameReader, OpensEveryRealVideo) {
  CROSSFACE_NEEDS_SHARED("data/videos");
  int videos = 0;
  for (const auto& entry : fs::directory_iterator(Video(""))) {
    const auto reader = OpenSource(entry.path());
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    const auto frame = (*reader)->Next();
    ASSERT_TRUE(frame.ok() && *frame) << entry.path();
    EXPECT_EQ((*frame)->time_us, 0) << entry.path();
    EXPECT_EQ((*frame)->index, 0) << entry.path();
    ++videos;
  }
  EXPECT_EQ(videos, 35);
}

std::vector<int64_t> PtsByFfprobe(const fs::path& path, const fs::path& scratch) {
  const fs::path list = scratch / "pts.txt";
  EXPECT_EQ(RunCommand(fmt::format(
                "ffprobe -v quiet -select_streams V:0 -show_entries frame=best_effort_timestamp -of "
                "default=nk=1:nw=1 '{}' > '{}'",
                path.string(), list.string())),
            0);
  std::vector<int64_t> pts;
  std::ifstream lines(list);
  for (int64_t value = 0; lines >> value;) pts.push_back(value);
  return pts;
}

TEST(FrameReader, TimesAreTheTimeStampsOfFfprobe) {
  CROSSFACE_NEEDS_SHARED("data/videos");
  ScratchFolder scratch;
  const fs::path files[] = {Video("friends_table.mp4"), Video("hamilton_short.mp4"), Video("asl_again.mkv"),
                            Video("grid_bbaf2n.mpg"),   Video("pf_no_face.mp4"),     Odd("made_vfr.mp4"),
                            Odd("gps_quicktime.mov"),   Odd("vp_sample.webm"),       Odd("kodak.avi")};
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.string());
    const std::vector<int64_t> expected = PtsByFfprobe(file, scratch.path());
    const ReadSource read = ReadAll(file);
    ASSERT_FALSE(expected.empty());
    EXPECT_EQ(read.pts, expected);
    for (size_t i = 0; i < std::min(read.pts.size(), expected.size()); ++i) {
      const double seconds =
          static_cast<double>(expected[i] - expected[0]) * read.info.time_base_num / read.info.time_base_den;
      EXPECT_NEAR(static_cast<double>(read.time_us[i]), seconds * 1e6, 0.51) << "frame " << i;
    }
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
  }
}

// These two start at 1.704 s and 0.852 s of their container.
TEST(FrameReader, CountsTimeFromTheFirstPicture) {
  CROSSFACE_NEEDS_SHARED("data/videos");
  for (const auto& [name, first_pts] :
       {std::pair("friends_table.mp4", 40896), std::pair("hamilton_short.mp4", 10214)}) {
    auto reader = OpenSource(Video(name));
    ASSERT_TRUE(reader.ok());
    const auto first = (*reader)->Next();
    ASSERT_TRUE(first.ok() && *first);
    EXPECT_EQ((*first)->pts, first_pts);
    EXPECT_EQ((*first)->time_ms(), 0);
  }
}

TEST(FrameReader, PixelsAreThoseOfFfmpeg) {
  CROSSFACE_NEEDS_SHARED("data/videos");
  ScratchFolder scratch;
  // Not av1.mp4: a test card whose lines of one pixel are taken for the teeth of interlaced pictures.
  // An unnamed matrix is BT.709 for us from 720 lines on, BT.601 for ffmpeg: there it has to be told.
  const std::pair<fs::path, std::string> files[] = {{Odd("made_ok.mp4"), ""},
                                                    {Odd("made_rotate90.mp4"), ""},
                                                    {Odd("gps_quicktime.mov"), ""},
                                                    {Odd("hevc_livephoto.mov"), ""},
                                                    {Odd("made_hevc10.mp4"), ""},
                                                    {Odd("made_prores.mov"), ""},
                                                    {Odd("canon_mjpeg.avi"), ""},
                                                    {Odd("exiv2_flame.avi"), ""},
                                                    {Odd("made_av1.mp4"), ""},
                                                    {Odd("bad_video_sample.mp4"), ""},
                                                    {Odd("xmp480qt.mov"), ""},
                                                    {Odd("exiv2_small.mp4"), ""},
                                                    {Odd("gps_mp4.mp4"), "-vf scale=in_color_matrix=bt709"},
                                                    {Video("friends_table.mp4"), ""},
                                                    {Video("grid_bbaf2n.mpg"), ""},
                                                    {Video("ls_demo1.mp4"), ""}};
  for (const auto& [file, filter] : files) {
    SCOPED_TRACE(file.string());
    auto reader = OpenSource(file);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    const cv::Size size((*reader)->info().width, (*reader)->info().height);
    const std::vector<cv::Mat> expected = FramesByFfmpeg(file, filter, size, 3, scratch.path());
    ASSERT_EQ(expected.size(), 3u);
    for (const cv::Mat& other : expected) {
      const auto frame = (*reader)->Next();
      ASSERT_TRUE(frame.ok() && *frame);
      const auto bgr = (*frame)->picture->Bgr();
      ASSERT_TRUE(bgr.ok()) << bgr.status().message();
      ASSERT_EQ(bgr->size(), size);
      EXPECT_GT(Psnr(*bgr, other), 45);
      const auto luma = (*frame)->picture->Luma(std::max(size.width, size.height));
      ASSERT_TRUE(luma.ok());
      cv::Mat grey;
      cv::cvtColor(*bgr, grey, cv::COLOR_BGR2GRAY);
      // Luma is of the picture as stored; means do not depend on the rotation, and OpenCV weighs colours as
      // BT.601.
      EXPECT_NEAR(cv::mean(*luma)[0], cv::mean(grey)[0], 4);
    }
  }
}

TEST(FrameReader, ThreadsChangeNothing) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  for (const char* name : {"made_ok.mp4", "made_hevc10.mp4", "made_av1.mp4"}) {
    const ReadSource one = ReadAll(Odd(name), {.decoder_threads = 1}, true),
                     four = ReadAll(Odd(name), {.decoder_threads = 4}, true);
    ASSERT_FALSE(one.hashes.empty());
    EXPECT_EQ(one.hashes, four.hashes) << name;
    EXPECT_EQ(one.pts, four.pts) << name;
    EXPECT_EQ(one.damage.message(), four.damage.message()) << name;
  }
}

TEST(FrameReader, ADamagedFileReadsTheSameEveryTime) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  const ReadSource first = ReadAll(Odd("made_bitflips.mp4"), {}, true),
                   again = ReadAll(Odd("made_bitflips.mp4"), {}, true);
  EXPECT_EQ(first.hashes.size(), 108u);
  EXPECT_EQ(first.hashes, again.hashes);
  EXPECT_EQ(first.damage.message(), again.damage.message());
}

TEST(FrameReader, FramesOutliveTheirReaderAndGoToOtherThreads) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  std::vector<Frame> frames;
  {
    auto reader = OpenSource(Odd("made_ok.mp4"));
    ASSERT_TRUE(reader.ok());
    for (auto frame = (*reader)->Next(); frame.ok() && *frame; frame = (*reader)->Next())
      frames.push_back(**frame);
  }
  const std::vector<std::string> expected = ReadAll(Odd("made_ok.mp4"), {}, true).hashes;
  ASSERT_EQ(frames.size(), expected.size());
  std::vector<std::string> hashes(frames.size());
  {
    std::vector<std::jthread> threads;
    for (size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (size_t i = t; i < frames.size(); i += 4) hashes[i] = HashOf(*frames[i].picture->Bgr());
      });
    }
  }
  EXPECT_EQ(hashes, expected);
}

TEST(FrameReader, StopsWhenAskedTo) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  testing::MemoryPlaces memory;
  ASSERT_TRUE(io::Put("memory://film.mp4", *ReadFile(Odd("made_ok.mp4"))).ok());
  for (const int allowed : {0, 1, 5, 40}) {
    std::stop_source stop;
    memory.set_faults({.before_read =
                           [&](const std::string&, int64_t read, int64_t) {
                             if (read > allowed) stop.request_stop();
                             return Status();
                           },
                       .most_bytes = 4096});
    const ReadSource read = ReadAll("memory://film.mp4", {.stop = stop.get_token()});
    EXPECT_EQ((read.opened.ok() ? read.ended : read.opened).code(), StatusCode::kInterrupted) << allowed;
  }
  EXPECT_EQ(ReadAll("memory://film.mp4", {.stop = testing::Stopped()}).opened.code(),
            StatusCode::kInterrupted);
}

}  // namespace
}  // namespace crossface
