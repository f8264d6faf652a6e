#include "crossface/select/frame_selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>

#include "crossface/media/read/frame_reader.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DrawnPicture : public Picture {
 public:
  explicit DrawnPicture(cv::Mat grey) : grey_(std::move(grey)) {}
  Result<cv::Mat> Luma(int longest_side) const override {
    const double scale = std::min(1.0, static_cast<double>(longest_side) / std::max(grey_.cols, grey_.rows));
    const cv::Size size(std::max(1, cvRound(grey_.cols * scale)), std::max(1, cvRound(grey_.rows * scale)));
    cv::Mat small;
    cv::resize(grey_, small, size, 0, 0, cv::INTER_AREA);
    return small;
  }
  Result<cv::Mat> Bgr() const override {
    return Status(StatusCode::kInternal, "selection looks at luma only");
  }
  Result<uint64_t> Digest() const override { return uint64_t{0}; }

 private:
  cv::Mat grey_;
};

class DamagedPicture : public Picture {
 public:
  Result<cv::Mat> Luma(int) const override { return Status(StatusCode::kCorrupt, "no picture"); }
  Result<cv::Mat> Bgr() const override { return Status(StatusCode::kCorrupt, "no picture"); }
  Result<uint64_t> Digest() const override { return Status(StatusCode::kCorrupt, "no picture"); }
};

constexpr int kWidth = 320, kHeight = 180;

// Random blobs, larger than a frame so that a camera can pan over them; every scene has the same mean and
// contrast.
cv::Mat DrawScene(uint64_t seed) {
  cv::RNG random(seed * 7919 + 1);
  cv::Mat scene(kHeight * 2, kWidth * 2, CV_32F, cv::Scalar(0));
  for (const auto& [cells, strength] : {std::pair{9, 1.0}, {24, .7}, {70, .4}}) {
    cv::Mat coarse(cells, cells, CV_32F), fine;
    random.fill(coarse, cv::RNG::NORMAL, 0, strength);
    cv::resize(coarse, fine, scene.size(), 0, 0, cv::INTER_CUBIC);
    scene += fine;
  }
  cv::Scalar mean, deviation;
  cv::meanStdDev(scene, mean, deviation);
  return (scene - mean[0]) * (45 / deviation[0]) + 115;
}

struct Shot {
  uint64_t scene = 0;
  int frames = 25;
  double pan = 0;         // pixels a frame at 320x180
  double shake = 0;       // random jumps of the camera, up to so many pixels
  double gain = 1;        // of the light, at the begin
  double gain_end = -1;   // and at the end; negative: the same
  double noise = 0;       // sigma of sensor noise
  double flash_gain = 1;  // of the light in every tenth frame
};

std::vector<Frame> DrawVideo(const std::vector<Shot>& shots, double fps = 25) {
  std::vector<Frame> video;
  cv::RNG random(4711);
  for (const Shot& shot : shots) {
    const cv::Mat scene = DrawScene(shot.scene);
    for (int i = 0; i < shot.frames; ++i) {
      const double x =
          kWidth / 2.0 + shot.pan * (i - shot.frames / 2.0) + random.uniform(-1.0, 1.0) * shot.shake;
      const double y = kHeight / 2.0 + random.uniform(-1.0, 1.0) * shot.shake;
      cv::Mat picture;
      const cv::Matx23d shift(1, 0, -x, 0, 1, -y);
      cv::warpAffine(scene, picture, shift, cv::Size(kWidth, kHeight), cv::INTER_LINEAR, cv::BORDER_REFLECT);
      double gain = shot.gain;
      if (shot.gain_end >= 0) gain += (shot.gain_end - shot.gain) * i / std::max(1, shot.frames - 1);
      if (i % 10 == 5) gain *= shot.flash_gain;
      picture *= gain;
      if (shot.noise > 0) {
        cv::Mat noise(picture.size(), CV_32F);
        random.fill(noise, cv::RNG::NORMAL, 0, shot.noise);
        picture += noise;
      }
      picture.convertTo(picture, CV_8U);
      Frame frame;
      frame.index = static_cast<int64_t>(video.size());
      frame.time_us = std::llround(static_cast<double>(frame.index) * 1e6 / fps);
      frame.picture = std::make_shared<DrawnPicture>(picture);
      video.push_back(frame);
    }
  }
  return video;
}

struct Selection {
  std::vector<KeptFrame> kept;
  std::vector<int64_t> shot_begins;            // index of the first frame of every shot after the first
  std::vector<SelectCounts> counts_at_begins;  // counts_before_shot() of these
  SelectCounts counts;
  std::vector<SourceMarks> marks;  // a shot each

  std::vector<int64_t> KeptOf(int64_t begin, int64_t end) const {
    std::vector<int64_t> indexes;
    for (const KeptFrame& frame : kept) {
      if (frame.frame.index >= begin && frame.frame.index < end) indexes.push_back(frame.frame.index);
    }
    return indexes;
  }
};

Selection Select(const std::vector<Frame>& video, FrameSelector selector, size_t first = 0) {
  Selection selection;
  int64_t shot = selector.shot();
  const auto take = [&](std::vector<KeptFrame> kept) {
    for (KeptFrame& frame : kept) selection.kept.push_back(std::move(frame));
  };
  for (size_t i = first; i < video.size(); ++i) {
    auto kept = selector.Push(video[i]);
    EXPECT_TRUE(kept.ok()) << kept.status().message();
    take(std::move(*kept));
    if (selector.shot() == shot) continue;
    shot = selector.shot();
    selection.shot_begins.push_back(selector.shot_first_frame());
    selection.counts_at_begins.push_back(selector.counts_before_shot());
    selection.marks.push_back(selector.TakeMarks());
  }
  take(selector.Finish());
  EXPECT_THAT(selector.Finish(), IsEmpty());
  selection.marks.push_back(selector.TakeMarks());
  EXPECT_EQ(selector.TakeMarks(), SourceMarks());
  selection.counts = selector.counts();
  return selection;
}

Selection Select(const std::vector<Frame>& video, const SelectOptions& options = {}) {
  return Select(video, FrameSelector(options));
}

TEST(FrameSelector, KeepsAMovingShotAtTheSamplingRateAndItsLastFrame) {
  const Selection selection = Select(DrawVideo({{.scene = 1, .frames = 23, .pan = 3}}));
  EXPECT_THAT(selection.KeptOf(0, 23), ElementsAre(0, 5, 10, 15, 20, 22));
  EXPECT_EQ(selection.counts, (SelectCounts{.decoded = 23, .paced = 17, .kept = 6}));
}

TEST(FrameSelector, KeepsOneFrameASecondOfAStillShot) {
  const Selection selection = Select(DrawVideo({{.scene = 1, .frames = 60, .noise = 1}}));
  EXPECT_THAT(selection.KeptOf(0, 60), ElementsAre(0, 25, 50, 59));
  EXPECT_EQ(selection.counts, (SelectCounts{.decoded = 60, .still = 56, .kept = 4}));
}

// At 25 frames a second, 40 ms each.
TEST(FrameSelector, MarksWhereItIsCutDarkAndStill) {
  const Selection selection = Select(DrawVideo({{.scene = 1, .frames = 20, .pan = 3},
                                                {.scene = 2, .frames = 50, .noise = 1},
                                                {.frames = 10, .gain = 0},
                                                {.scene = 3, .frames = 20, .pan = 3},
                                                {.frames = 5, .gain = 0}}));
  ASSERT_EQ(selection.marks.size(), 3u);
  EXPECT_EQ(selection.marks[0], (SourceMarks{.cuts_us = {800'000}}));
  EXPECT_EQ(selection.marks[1],
            (SourceMarks{
                .cuts_us = {3'200'000}, .dark = {{2'800'000, 3'200'000}}, .still = {{800'000, 2'760'000}}}));
  EXPECT_EQ(selection.marks[2], (SourceMarks{.dark = {{4'000'000, 4'160'000}}}));
}

TEST(FrameSelector, ShortPausesAndTheBeginningOfALongShotsNextPartAreNoMarks) {
  EXPECT_EQ(Select(DrawVideo({{.scene = 1, .frames = 20}})).marks.at(0), SourceMarks());
  const SelectOptions options{.longest_shot_us = 1'000'000};
  for (const SourceMarks& marks : Select(DrawVideo({{.scene = 1, .frames = 60, .pan = 1}}), options).marks)
    EXPECT_EQ(marks, SourceMarks());
  const Selection dark = Select(DrawVideo({{.frames = 25, .gain = 0}}));
  EXPECT_EQ(dark.marks.at(0), (SourceMarks{.dark = {{0, 960'000}}}));
}

TEST(FrameSelector, ALongShotGoesOnAsAnotherButIsNoCut) {
  const SelectOptions options{.longest_shot_us = 1'000'000};
  const Selection selection = Select(DrawVideo({{.scene = 1, .frames = 60, .noise = 1}}), options);
  EXPECT_THAT(selection.shot_begins, ElementsAre(25, 50));
  EXPECT_THAT(selection.KeptOf(0, 60), ElementsAre(0, 24, 25, 49, 50, 59));
  EXPECT_EQ(selection.counts.cuts, 0);
}

TEST(FrameSelector, IntervalZeroKeepsEveryMovingFrameAndThinsStillOnes) {
  const SelectOptions options{.moving_interval_us = 0};
  EXPECT_EQ(Select(DrawVideo({{.scene = 1, .frames = 20, .pan = 2}}), options).counts.kept, 20);
  EXPECT_EQ(Select(DrawVideo({{.scene = 1, .frames = 51}}), options).counts.kept, 3);
}

TEST(FrameSelector, SpeedIsMeasuredInLongestSidesPerSecond) {
  const Selection selection = Select(DrawVideo({{.scene = 3, .frames = 26, .pan = 1.6}}));
  // 1.6 of 320 pixels a frame, 25 frames a second.
  for (size_t i = 1; i < selection.kept.size(); ++i) EXPECT_NEAR(selection.kept[i].motion, .125, .03);
  EXPECT_EQ(selection.kept[0].motion, 0);
}

TEST(FrameSelector, FlickeringLightOnAStillSceneIsNotMotion) {
  const Selection selection = Select(DrawVideo({{.scene = 1, .frames = 51, .gain = 1, .gain_end = 1.04}}));
  EXPECT_EQ(selection.counts.paced, 0);
  EXPECT_LE(selection.counts.kept, 4);
}

TEST(FrameSelector, KeepsDimScenesAndDropsNearBlackAndBlownOutOnes) {
  EXPECT_EQ(Select(DrawVideo({{.scene = 1, .gain = .28, .noise = 2}})).counts.dark, 0);
  EXPECT_EQ(Select(DrawVideo({{.scene = 1, .gain = .04, .noise = 2}})).counts.dark, 25);
  EXPECT_EQ(Select(DrawVideo({{.scene = 1, .gain = 0}})).counts.dark, 25);
  EXPECT_EQ(Select(DrawVideo({{.scene = 1, .gain = 30}})).counts.dark, 25);
}

TEST(FrameSelector, FindsCutsBetweenScenesOfTheSameBrightness) {
  std::vector<Shot> shots;
  for (uint64_t scene = 0; scene < 20; ++scene)
    shots.push_back({.scene = scene, .frames = 8, .pan = scene % 4 * 2.0, .noise = 1});
  const Selection selection = Select(DrawVideo(shots));
  std::vector<int64_t> begins;
  for (int64_t begin = 8; begin < 160; begin += 8) begins.push_back(begin);
  EXPECT_EQ(selection.shot_begins, begins);
  EXPECT_EQ(selection.counts.cuts, 19);
  for (int64_t begin : begins)
    EXPECT_THAT(selection.KeptOf(begin - 1, begin + 1), ElementsAre(begin - 1, begin));
}

TEST(FrameSelector, PansShakesFlashesAndGrainAreNoCuts) {
  for (const Shot& shot : {Shot{.pan = 6}, Shot{.pan = -9, .noise = 6}, Shot{.shake = 8},
                           Shot{.pan = 2, .flash_gain = 1.8}, Shot{.pan = 2, .flash_gain = 30},
                           Shot{.gain = .3, .noise = 6}, Shot{.shake = 4, .flash_gain = .02}}) {
    Shot long_shot = shot;
    long_shot.frames = 35;
    const Selection selection = Select(DrawVideo({long_shot}));
    EXPECT_EQ(selection.counts.cuts, 0) << "pan " << shot.pan << " shake " << shot.shake << " flash "
                                        << shot.flash_gain << " noise " << shot.noise;
  }
}

TEST(FrameSelector, AFadeThroughBlackEndsAShotAndABlinkDoesNot) {
  const Shot out{.scene = 5, .frames = 30, .gain_end = 0}, black{.frames = 10, .gain = 0},
      in{.scene = 5, .gain = 0, .gain_end = 1};
  const Selection faded = Select(DrawVideo({out, black, in}));
  EXPECT_EQ(faded.counts.cuts, 1);
  ASSERT_EQ(faded.shot_begins.size(), 1u);
  EXPECT_GT(faded.shot_begins[0], 39);
  EXPECT_LT(faded.shot_begins[0], 46);  // as soon as anything is seen again
  // The fade is used almost to its end: the last kept frame before the black is darker than a tenth of the
  // light.
  const auto last =
      std::find_if(faded.kept.rbegin(), faded.kept.rend(), [](const auto& kept) { return kept.shot == 0; });
  EXPECT_LT(last->brightness, 12);

  const Shot still{.scene = 5, .frames = 20}, blink{.frames = 3, .gain = 0};
  EXPECT_EQ(Select(DrawVideo({still, blink, still})).counts.cuts, 0);
}

TEST(FrameSelector, AChangeOfPictureSizeIsACut) {
  auto video = DrawVideo({{.scene = 1, .frames = 10}});
  for (size_t i = 5; i < 10; ++i) {
    cv::Mat picture = *video[i].picture->Luma(kWidth);
    video[i].picture = std::make_shared<DrawnPicture>(picture.colRange(0, 100).clone());
  }
  EXPECT_THAT(Select(video).shot_begins, ElementsAre(5));
}

// Whatever time stamps say, nobody who is there for a second's worth of frames is passed over.
TEST(FrameSelector, FramesWithEqualOrTooDenseTimeStampsAreLookedAt) {
  const std::vector<Shot> shots = {{.scene = 3, .frames = 300, .pan = 2}};
  for (const double fps : {1e9, 20'000.0, 2'250.0, 300.0}) {
    const Selection selection = Select(DrawVideo(shots, fps));
    ASSERT_GE(selection.kept.size(), 40u) << fps;
    for (size_t i = 1; i < selection.kept.size(); ++i) {
      EXPECT_LE(selection.kept[i].frame.index - selection.kept[i - 1].frame.index, 24) << fps;
      EXPECT_GE(selection.kept[i].pace_us, selection.kept[i - 1].pace_us);
    }
    // As far apart as frames of such a number are at 30 a second.
    EXPECT_NEAR(static_cast<double>(selection.kept.back().pace_us), 299 * 33'333.0, 300'000) << fps;
  }
  // A still scene costs little all the same, and slow motion as much as it did.
  EXPECT_LE(Select(DrawVideo({{.scene = 3, .frames = 300}}, 1e9)).kept.size(), 14u);
  EXPECT_LE(Select(DrawVideo(shots, 240)).kept.size(), 15u);
}

TEST(FrameSelector, PaceIsTimeWhereTimeStampsAreSound) {
  for (const double fps : {10.0, 25.0, 120.0}) {
    for (const KeptFrame& kept :
         Select(DrawVideo({{.scene = 1, .frames = 60, .pan = 2}, {.scene = 2, .frames = 60}}, fps)).kept)
      EXPECT_EQ(kept.pace_us, kept.frame.time_us);
  }
  EXPECT_EQ(Select(DrawVideo({{.scene = 3, .frames = 241, .pan = 1}}, 120)).kept.size(), 11u);
}

TEST(FrameSelector, TooDenseFramesMakeNoEndlessShot) {
  SelectOptions options;
  options.longest_shot_frames = 100;
  EXPECT_EQ(Select(DrawVideo({{.scene = 3, .frames = 250, .pan = 1}}, 1e9), options).shot_begins,
            (std::vector<int64_t>{100, 200}));
}

TEST(FrameSelector, TakesPicturesOfAnySize) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(320, 1), cv::Size(1, 90), cv::Size(15, 15),
                              cv::Size(16, 16), cv::Size(50, 50), cv::Size(17, 160)}) {
    std::vector<Frame> video = DrawVideo({{.frames = 12}});
    for (Frame& frame : video) {
      cv::Mat picture(size, CV_8U);
      cv::RNG random(static_cast<uint64_t>(frame.index));
      random.fill(picture, cv::RNG::UNIFORM, 0, 256);
      frame.picture = std::make_shared<DrawnPicture>(picture);
    }
    const SelectCounts counts = Select(video).counts;
    EXPECT_EQ(counts.decoded, 12) << size;
    EXPECT_EQ(counts.dark + counts.still + counts.paced + counts.kept, 12) << size;
  }
}

TEST(FrameSelector, PassesOnThePicturesErrors) {
  FrameSelector selector;
  Frame frame;
  frame.picture = std::make_shared<DamagedPicture>();
  EXPECT_EQ(selector.Push(frame).status().code(), StatusCode::kCorrupt);
}

TEST(FrameSelector, RejectsIntervalsThatMakeNoSense) {
  EXPECT_THROW(FrameSelector({.moving_interval_us = -1}), std::logic_error);
  EXPECT_THROW(FrameSelector({.still_interval_us = 0}), std::logic_error);
}

std::vector<Frame> ArbitraryVideo() {
  const auto shot = rc::gen::build<Shot>(rc::gen::set(&Shot::scene, rc::gen::inRange<uint64_t>(0, 50)),
                                         rc::gen::set(&Shot::frames, rc::gen::inRange(1, 30)),
                                         rc::gen::set(&Shot::pan, rc::gen::element(0.0, 0.0, 1.0, 5.0)),
                                         rc::gen::set(&Shot::gain, rc::gen::element(1.0, 1.0, .4, .02)),
                                         rc::gen::set(&Shot::noise, rc::gen::element(0.0, 2.0)));
  return DrawVideo(*rc::gen::container<std::vector<Shot>>(4, shot),
                   *rc::gen::element(10.0, 25.0, 29.97, 240.0, 2250.0, 1e9));
}

RC_GTEST_PROP(FrameSelector, EveryFrameHasOneReasonAndEveryShotKeepsBothEnds, ()) {
  const auto video = ArbitraryVideo();
  const Selection selection = Select(video);
  const SelectCounts& counts = selection.counts;
  RC_ASSERT(counts.decoded == static_cast<int64_t>(video.size()));
  RC_ASSERT(counts.dark + counts.still + counts.paced + counts.kept == counts.decoded);
  RC_ASSERT(counts.kept == static_cast<int64_t>(selection.kept.size()));
  RC_ASSERT(std::is_sorted(selection.kept.begin(), selection.kept.end(), [](const auto& a, const auto& b) {
    return std::pair(a.shot, a.frame.index) < std::pair(b.shot, b.frame.index);
  }));
  std::map<int64_t, int64_t> first_kept;
  for (const KeptFrame& kept : selection.kept) first_kept.try_emplace(kept.shot, kept.frame.index);
  for (size_t i = 0; i < selection.shot_begins.size(); ++i) {
    RC_ASSERT(first_kept.at(static_cast<int64_t>(i) + 1) == selection.shot_begins[i]);
  }
}

// What the scanner relies on when it goes on after an interruption.
RC_GTEST_PROP(FrameSelector, StartingAgainAtAnyShotChoosesTheSameFrames, ()) {
  const auto video = ArbitraryVideo();
  const Selection whole = Select(video);
  for (size_t i = 0; i < whole.shot_begins.size(); ++i) {
    const int64_t shot = static_cast<int64_t>(i) + 1;
    const Selection rest = Select(video, FrameSelector({}, shot, whole.counts_at_begins[i]),
                                  static_cast<size_t>(whole.shot_begins[i]));
    RC_ASSERT(rest.counts == whole.counts);
    RC_ASSERT(rest.marks ==
              std::vector(whole.marks.begin() + static_cast<ptrdiff_t>(i) + 1, whole.marks.end()));
    std::vector<KeptFrame> expected;
    std::copy_if(whole.kept.begin(), whole.kept.end(), std::back_inserter(expected),
                 [&](const KeptFrame& kept) { return kept.shot >= shot; });
    RC_ASSERT(rest.kept.size() == expected.size());
    for (size_t k = 0; k < expected.size(); ++k) {
      RC_ASSERT(rest.kept[k].frame.index == expected[k].frame.index);
      RC_ASSERT(rest.kept[k].shot == expected[k].shot);
      RC_ASSERT(rest.kept[k].motion == expected[k].motion);
    }
  }
}

Selection SelectFromFile(const std::filesystem::path& path) {
  auto reader = OpenSource(path);
  EXPECT_TRUE(reader.ok()) << reader.status().message();
  Selection selection;
  FrameSelector selector;
  int64_t shot = 0;
  while (true) {
    auto frame = (*reader)->Next();
    EXPECT_TRUE(frame.ok()) << frame.status().message();
    if (!frame.ok() || !*frame) break;
    auto kept = selector.Push(**frame);
    EXPECT_TRUE(kept.ok()) << kept.status().message();
    if (selector.shot() != shot) {
      shot = selector.shot();
      selection.shot_begins.push_back((*frame)->time_ms());
    }
  }
  selector.Finish();
  selection.counts = selector.counts();
  return selection;
}

MATCHER_P(CutTimes, expected_ms, "") {
  if (arg.size() != expected_ms.size()) return false;
  for (size_t i = 0; i < arg.size(); ++i) {
    if (std::abs(arg[i] - expected_ms[i]) > 60) return false;  // the ground truth's own accuracy and a frame
  }
  return true;
}

TEST(FrameSelector, FindsTheCutsOfRealFootageAndNoOthers) {
  CROSSFACE_NEEDS_SHARED("data/videos/friends_table.mp4");
  const std::filesystem::path videos = crossface::testing::SharedFolder() / "data/videos";
  EXPECT_THAT(SelectFromFile(videos / "friends_table.mp4").shot_begins,
              CutTimes(std::vector<int64_t>{4340, 11260, 16730, 18850, 23060}));
  // Between these cuts the camera whips around and shakes.
  EXPECT_THAT(SelectFromFile(videos / "hamilton_short.mp4").shot_begins,
              CutTimes(std::vector<int64_t>{670, 2740, 7040}));
  EXPECT_THAT(SelectFromFile(videos / "lp_s13.mp4").shot_begins, IsEmpty());
}

}  // namespace
}  // namespace crossface
