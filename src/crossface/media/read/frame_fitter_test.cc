// Videos whose pictures change in mid-stream: size, shape of pixels, turn.
#include "crossface/media/read/frame_fitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "crossface/media/read/read_all_for_test.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;

// A dark picture with a bright disc in the middle of its left half: tells shape, place, and turn.
std::string Disc(int width, int height, double pixel_aspect = 1) {
  return fmt::format(
      "-f lavfi -i "
      "\"color=gray:s={0}x{1}:r=25:d=0.4,format=gray,geq=lum='if(lt(hypot((X-{0}*0.25)*{2},Y-{1}*0.5),"
      "{3}*0.2),235,40)',setsar={2}\" -pix_fmt yuv420p -c:v libx264",
      width, height, pixel_aspect, std::min(width * pixel_aspect, static_cast<double>(height)));
}

// Where the disc stands, and the width and height of the box around it.
cv::Rect FindDisc(const cv::Mat& bgr) {
  cv::Mat grey;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  return cv::boundingRect(grey > 160);
}

class FrameFitterTest : public MadeFiles {
 protected:
  struct Pictures {
    SourceInfo info;
    std::vector<cv::Mat> all;
  };
  // As a scan reads them: once more where a later picture is larger.
  static Pictures ReadPictures(const std::filesystem::path& file,
                               ReaderOptions options = {.stop_at_larger = true}) {
    Pictures pictures;
    for (int attempt = 0; attempt < 2; ++attempt) {
      pictures.all.clear();
      auto reader = OpenSource(file, options);
      EXPECT_TRUE(reader.ok()) << reader.status().message();
      if (!reader.ok()) return pictures;
      while (true) {
        const auto frame = (*reader)->Next();
        if (!frame.ok() || !*frame) break;
        pictures.all.push_back(*(*frame)->picture->Bgr());
        ExpectLumaFits(*(*frame)->picture);
      }
      pictures.info = (*reader)->info();
      if (!(*reader)->outgrown()) break;
      EXPECT_EQ(attempt, 0);
      options.geometry.frame = (*reader)->outgrown();
    }
    return pictures;
  }
  // Luma, made upright, can be laid over the picture when it is as wide and high.
  static void ExpectLumaFits(const Picture& picture) {
    const cv::Mat bgr = *picture.Bgr(), luma = picture.Upright(*picture.Luma(160));
    cv::Mat grey;
    cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
    cv::resize(grey, grey, luma.size(), 0, 0, cv::INTER_AREA);
    EXPECT_LT(cv::norm(grey, luma, cv::NORM_L1) / static_cast<double>(grey.total()), 6);
  }
  static void ExpectRound(const cv::Rect& disc) { EXPECT_NEAR(disc.width, disc.height, 3) << disc; }
};

TEST_F(FrameFitterTest, NothingIsStretchedAndCoordinatesAreThoseOfTheLargest) {
  Make("large.h264", Disc(320, 240));
  Make("small.h264", Disc(160, 120));
  Make("upright.h264", Disc(180, 320));
  struct Case {
    std::vector<std::string> parts;
    cv::Size first, second;  // of the pictures in the frame
  };
  for (const Case& c : {Case{{"large.h264", "small.h264"}, {320, 240}, {320, 240}},
                        Case{{"small.h264", "large.h264"}, {320, 240}, {320, 240}},
                        Case{{"large.h264", "upright.h264"}, {320, 240}, {135, 240}},
                        Case{{"upright.h264", "large.h264"}, {135, 240}, {320, 240}}}) {
    SCOPED_TRACE(c.parts[0] + " " + c.parts[1]);
    const auto raw = Join("joined.h264", c.parts);
    for (const char* container : {"h264", "mkv", "mp4", "ts"}) {
      SCOPED_TRACE(container);
      const auto file =
          std::string(container) == "h264"
              ? raw
              : Make(fmt::format("joined.{}", container),
                     fmt::format("-fflags +genpts -r 25 -i '{}' -c copy -bsf:v setts=ts=N*48000",
                                 raw.string()));
      const Pictures pictures = ReadPictures(file);
      ASSERT_EQ(pictures.all.size(), 20u);
      EXPECT_EQ(cv::Size(pictures.info.width, pictures.info.height), cv::Size(320, 240));
      EXPECT_THAT(GeometryText(pictures.info), HasSubstr("pictures change: "));
      EXPECT_THAT(GeometryText(pictures.info), HasSubstr("each scaled by its own shape into 320x240"));
      for (size_t i : {size_t{2}, size_t{17}}) {
        const cv::Size shown = i < 10 ? c.first : c.second;
        ASSERT_EQ(pictures.all[i].size(), cv::Size(320, 240));
        const cv::Rect disc = FindDisc(pictures.all[i]);
        ExpectRound(disc);
        EXPECT_NEAR(disc.height, std::min(shown.width, shown.height) * 0.4, 4);
        EXPECT_NEAR(disc.x + disc.width / 2.0, 160 - shown.width / 2.0 + shown.width * 0.25, 3);
        EXPECT_NEAR(disc.y + disc.height / 2.0, 120, 3);
      }
    }
  }
}

TEST_F(FrameFitterTest, AnotherReadingIsTheSame) {
  Make("large.h264", Disc(320, 240));
  Make("small.h264", Disc(90, 160));
  const Pictures scanned = ReadPictures(Join("joined.h264", {"small.h264", "large.h264"}));
  const Pictures again = ReadPictures(File("joined.h264"), {.geometry = GeometryAsIn(scanned.info)});
  ASSERT_EQ(scanned.all.size(), 20u);
  ASSERT_EQ(again.all.size(), 20u);
  for (size_t i = 0; i < 20; ++i) EXPECT_EQ(cv::norm(scanned.all[i], again.all[i], cv::NORM_L1), 0) << i;
  EXPECT_EQ(GeometryText(again.info), GeometryText(scanned.info));
}

TEST_F(FrameFitterTest, TheShapeOfPixelsMayChange) {
  Make("square.h264", Disc(320, 240));
  Make("wide.h264", Disc(320, 240, 2));
  for (const auto& parts :
       {std::vector<std::string>{"square.h264", "wide.h264"}, {"wide.h264", "square.h264"}}) {
    const Pictures pictures = ReadPictures(Join("joined.h264", parts));
    ASSERT_EQ(pictures.all.size(), 20u);
    EXPECT_EQ(cv::Size(pictures.info.width, pictures.info.height), cv::Size(640, 240));
    EXPECT_THAT(GeometryText(pictures.info), HasSubstr("320x240 with pixels of 2:1"));
    for (const cv::Mat& picture : pictures.all) ExpectRound(FindDisc(picture));
  }
  // What is given goes for all of them.
  const Pictures given = ReadPictures(File("joined.h264"),
                                      {.geometry = {.picture_aspect = Aspect{4, 3}}, .stop_at_larger = true});
  EXPECT_EQ(cv::Size(given.info.width, given.info.height), cv::Size(320, 240));
  EXPECT_EQ(given.all.size(), 20u);
}

class TurnedPictures : public FrameFitterTest {
 protected:
  // H.264 with the turn in the picture data alone; degrees anticlockwise, as H.264 has them.
  std::filesystem::path MakeTurned(const std::string& name, int anticlockwise) const {
    Make("plain.h264", Disc(320, 240));
    return Make(name, fmt::format("-i '{}' -c copy -bsf:v h264_metadata=display_orientation=insert:rotate={}",
                                  File("plain.h264").string(), anticlockwise));
  }
};

TEST_F(TurnedPictures, ATurnInThePictureDataIsObeyed) {
  const cv::Mat plain = FirstBgr(Make("plain.h264", Disc(320, 240)));
  for (const int anticlockwise : {90, 180, 270}) {
    const auto file = MakeTurned("turned.h264", anticlockwise);
    const Pictures pictures = ReadPictures(file);
    ASSERT_EQ(pictures.all.size(), 10u);
    EXPECT_EQ(pictures.info.rotation, 360 - anticlockwise);
    EXPECT_EQ(GeometryText(pictures.info), fmt::format("rotated {} (file)", 360 - anticlockwise));
    EXPECT_EQ(Psnr(pictures.all.front(), TurnUpright(plain, {360 - anticlockwise, false})), 100);
    for (const cv::Mat& picture : pictures.all) {
      EXPECT_EQ(picture.size(), pictures.all.front().size()) << "it holds until the next key frame";
      EXPECT_LE(cv::norm(FindDisc(picture).tl() - FindDisc(pictures.all.front()).tl()), 4);
    }
    // As ffmpeg shows it.
    const auto by_ffmpeg = FramesByFfmpeg(file, "", pictures.all.front().size(), 1, scratch_.path());
    ASSERT_EQ(by_ffmpeg.size(), 1u);
    EXPECT_LE(cv::norm(FindDisc(by_ffmpeg[0]).tl() - FindDisc(pictures.all.front()).tl()), 4);
  }
}

TEST_F(TurnedPictures, ThatOfAContainerIsNotAddedToIt) {
  const auto raw = MakeTurned("turned.h264", 270);
  Make("turned.mp4",
       fmt::format("-fflags +genpts -r 25 -i '{}' -c copy -bsf:v setts=ts=N*48000", raw.string()));
  for (const int tag : {90, 180, 270}) {
    const auto file = Make(
        "both.mp4", fmt::format("-i '{}' -c copy -metadata:s:v rotate={}", File("turned.mp4").string(), tag));
    EXPECT_EQ(ReadAll(file).info.rotation, 90) << tag;
  }
  EXPECT_EQ(ReadAll(File("turned.mp4")).info.rotation, 90);
}

TEST_F(TurnedPictures, ItMayChangeInMidStream) {
  MakeTurned("turned.h264", 270);
  const auto file = Join("joined.h264", {"plain.h264", "turned.h264", "plain.h264"});
  const Pictures pictures = ReadPictures(file);
  ASSERT_EQ(pictures.all.size(), 30u);
  EXPECT_EQ(pictures.info.rotation, 0);
  EXPECT_EQ(GeometryText(pictures.info),
            "pictures change: 320x240, from 00:00:00.400 320x240 rotated 90; each scaled by its own shape "
            "into 320x240");
  for (size_t i : {size_t{3}, size_t{23}}) EXPECT_NEAR(FindDisc(pictures.all[i]).x, 80 - 48, 4) << i;
  const cv::Rect turned = FindDisc(pictures.all[13]);
  ExpectRound(turned);
  EXPECT_NEAR(turned.x + turned.width / 2.0, 160, 3) << "a quarter turn brings the left half to the top";
  EXPECT_NEAR(turned.y + turned.height / 2.0, 60, 3);
  // Luma lies as that of the first picture, so that both can be compared and turned alike.
  auto reader = OpenSource(file);
  cv::Size luma;
  for (auto frame = (*reader)->Next(); frame.ok() && *frame; frame = (*reader)->Next()) {
    if ((*frame)->index == 13) luma = (*frame)->picture->Luma(1000)->size();
  }
  EXPECT_EQ(luma, cv::Size(240, 320));
  // What is given goes for all of them.
  const Pictures given = ReadPictures(file, {.geometry = {.clockwise = 180}, .stop_at_larger = true});
  EXPECT_EQ(cv::Size(given.info.width, given.info.height), cv::Size(320, 240));
  EXPECT_NEAR(FindDisc(given.all[13]).x, 240 - 48, 4);
}

TEST_F(FrameFitterTest, AFileThatChangesAllTheTimeIsNotListedWhole) {
  std::vector<std::string> parts;
  for (int i = 0; i < 10; ++i) {
    parts.push_back(fmt::format("{}.h264", i));
    Make(parts.back(),
         fmt::format("-f lavfi -i color=red:s={}x64:r=25:d=0.08 -pix_fmt yuv420p -c:v libx264", 64 + 16 * i));
  }
  const Pictures pictures = ReadPictures(Join("joined.h264", parts));
  EXPECT_EQ(pictures.all.size(), 20u);
  EXPECT_EQ(pictures.info.width, 64 + 16 * 9);
  EXPECT_THAT(pictures.info.geometry_notes, HasSubstr("and 4 more changes"));
}

TEST_F(FrameFitterTest, AContainersAspectIsThatOfTheScreenWhateverTheSize) {
  // Matroska states the size on the screen; H.264 states nothing here.
  Make("narrow.h264", Disc(160, 240));
  Make("full.h264", Disc(320, 240));
  const auto file = Make(
      "joined.mkv", fmt::format("-fflags +genpts -r 25 -i '{}' -c copy -bsf:v setts=ts=N*48000 -aspect 4:3",
                                Join("joined.h264", {"narrow.h264", "full.h264"}).string()));
  const Pictures pictures = ReadPictures(file);
  ASSERT_EQ(pictures.all.size(), 20u);
  EXPECT_EQ(cv::Size(pictures.info.width, pictures.info.height), cv::Size(320, 240));
  EXPECT_EQ(pictures.info.pixel_aspect, (Aspect{2, 1}));
  ExpectRound(FindDisc(pictures.all[15]));
}

}  // namespace
}  // namespace crossface
