#include "crossface/redaction/redaction_plan.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "crossface/redaction/hide_faces.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

constexpr int64_t kFrameUs = 40'000;
const cv::Size kFrame(480, 270);

// A picture of noise with a face-sized patch of other noise that is always the same.
cv::Mat Scene(int x, uint64_t seed) {
  cv::Mat scene(kFrame, CV_8UC1), patch(40, 32, CV_8UC1);
  cv::RNG(seed).fill(scene, cv::RNG::UNIFORM, 90, 110);
  cv::RNG(7).fill(patch, cv::RNG::UNIFORM, 0, 255);
  if (x >= 0) patch.copyTo(scene(cv::Rect(x, 100, 32, 40)));
  return scene;
}

cv::Rect2f BoxAt(int x) { return cv::Rect2f(static_cast<float>(x), 100, 32, 40); }

SeenFrame FrameAt(int64_t index, int x, bool seen, int64_t shot = 0) {
  SeenFrame frame{.index = index, .time_us = index * kFrameUs, .shot = shot};
  frame.small = Scene(x, static_cast<uint64_t>(index) + 1);
  if (!seen) return frame;
  Detection face;
  face.box = BoxAt(x);
  face.score = 0.9f;
  frame.faces.push_back(face);
  cv::Mat colour;
  cv::cvtColor(frame.small, colour, cv::COLOR_GRAY2BGR);
  frame.appearances.push_back(DescribeAppearance(colour, face.box));
  return frame;
}

float BestOverlap(const RedactionPlan& plan, int64_t frame, const cv::Rect2f& box) {
  float best = 0;
  for (const cv::Rect2f& hidden : plan.At(frame).hidden)
    best = std::max(best, IntersectionOverUnion(hidden, box));
  return best;
}

std::vector<int64_t> Times(int64_t count) {
  std::vector<int64_t> times;
  for (int64_t i = 0; i < count; ++i) times.push_back(i * kFrameUs);
  return times;
}

TEST(RedactionPlanTest, AFaceIsHiddenBeforeBetweenAndAfterItIsSeenAndNotPastACut) {
  // It moves two pixels a frame and is seen in frames 10 to 14 and 20 to 24 of 40; then there is a cut.
  FacePaths paths;
  for (int i = 0; i < 60; ++i) {
    const bool seen = (i >= 10 && i < 15) || (i >= 20 && i < 25);
    paths.Push(FrameAt(i, i < 40 ? 100 + 2 * i : -1, seen, i < 40 ? 0 : 1), {});
  }
  const RedactionPlan plan = PlanRedaction(paths.Finish(), {}, Times(60), RedactWhom::kAll, {});
  for (int64_t i = 0; i < 40; ++i)
    EXPECT_GT(BestOverlap(plan, i, BoxAt(static_cast<int>(100 + 2 * i))), 0.7f) << i;
  for (int64_t i = 40; i < 60; ++i) EXPECT_TRUE(plan.At(i).hidden.empty()) << i;
}

class TwoPeople : public ::testing::Test {
 protected:
  TwoPeople() {
    for (const int64_t person : {1, 2}) {
      TrackRecord track;
      track.id = track.number = person;
      for (const int64_t frame : {0, 10}) {
        FaceRecord face;
        face.frame = frame;
        face.time_us = frame * kFrameUs;
        face.detection.box = Box(person);
        track.faces.push_back(face);
      }
      records_.push_back(track);
    }
    tracks_ = {{&records_[0], 1}, {&records_[1], 2}};
  }
  static cv::Rect2f Box(int64_t person) { return BoxAt(person == 1 ? 50 : 300); }
  static FacePath Path(const cv::Rect2f& box, int64_t begin, int64_t end,
                       std::vector<FacePath::Meeting> meetings) {
    FacePath path{.places = {}, .meetings = std::move(meetings)};
    for (int64_t i = begin; i < end; ++i) path.places.push_back({i, i * kFrameUs, box});
    return path;
  }
  RedactionPlan Plan(RedactWhom whom, const std::set<int64_t>& persons) const {
    return PlanRedaction(paths_, tracks_, Times(100), whom, persons);
  }
  std::vector<TrackRecord> records_;
  std::vector<OwnedTrack> tracks_;
  std::vector<FacePath> paths_ = {Path(Box(1), 0, 100, {{0, 0}, {10 * kFrameUs, 0}}),
                                  Path(Box(2), 0, 20, {{0, 1}, {10 * kFrameUs, 1}}),
                                  Path(BoxAt(400), 0, 20, {})};
};

TEST_F(TwoPeople, OnlyHidesTheChosenAndWhatLiesOverThem) {
  RedactionPlan plan = Plan(RedactWhom::kOnly, {2});
  for (int64_t i = 0; i < 20; ++i) {
    EXPECT_FLOAT_EQ(BestOverlap(plan, i, Box(2)), 1) << i;
    EXPECT_EQ(BestOverlap(plan, i, Box(1)), 0) << i;
    EXPECT_EQ(BestOverlap(plan, i, BoxAt(400)), 0) << i;
  }
  EXPECT_TRUE(plan.At(20).hidden.empty());
  // Without a track, in the chosen one's place at one moment: it may be the same face.
  FacePath over = Path(BoxAt(305), 15, 17, {});
  for (int64_t i = 17; i < 60; ++i) over.places.push_back({i, i * kFrameUs, BoxAt(200)});
  paths_.push_back(over);
  EXPECT_FLOAT_EQ(BestOverlap(Plan(RedactWhom::kOnly, {2}), 59, BoxAt(200)), 1);
}

TEST_F(TwoPeople, ExceptShowsAFaceOnlyWhereTheCaseSaysWhoseItIs) {
  const RedactionPlan plan = Plan(RedactWhom::kExcept, {1});
  for (int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(BestOverlap(plan, i, Box(1)), 0) << i;
    EXPECT_FLOAT_EQ(BestOverlap(plan, i, Box(2)), 1) << i;
    EXPECT_FLOAT_EQ(BestOverlap(plan, i, BoxAt(400)), 1) << i << ": nobody knows who that is";
  }
  // Long after the case saw the person last.
  EXPECT_FLOAT_EQ(BestOverlap(plan, 99, Box(1)), 1);
  // A path that has met another person as well is not to be trusted anywhere.
  paths_[0].meetings.push_back({50 * kFrameUs, 1});
  EXPECT_FLOAT_EQ(BestOverlap(Plan(RedactWhom::kExcept, {1}), 5, Box(1)), 1);
}

TEST(HideFacesTest, NothingOfTheFaceIsLeft) {
  cv::Mat fine(200, 200, CV_8UC3), other(200, 200, CV_8UC3);
  cv::RNG(1).fill(fine, cv::RNG::UNIFORM, 0, 255);
  cv::RNG(2).fill(other, cv::RNG::UNIFORM, 0, 255);
  const cv::Rect2f area(50, 60, 80, 100);
  const cv::Mat before = fine.clone();
  cv::Mat filled = fine.clone();
  HideArea(filled, area, HideMethod::kFill);
  cv::Mat filled_other = other.clone();
  HideArea(filled_other, area, HideMethod::kFill);
  EXPECT_EQ(cv::norm(filled(cv::Rect(area)), filled_other(cv::Rect(area)), cv::NORM_INF), 0);
  HideArea(fine, area, HideMethod::kBlur);
  // Noise is finer than the squares: averages of 256 pixels are left.
  cv::Scalar mean, deviation;
  cv::meanStdDev(fine(cv::Rect(area)), mean, deviation);
  EXPECT_LT(deviation[0], 12);
  for (cv::Mat* changed : {&filled, &fine}) {
    cv::Mat difference;
    cv::absdiff(*changed, before, difference);
    difference(cv::Rect(area)).setTo(0);
    EXPECT_EQ(cv::norm(difference, cv::NORM_INF), 0) << "something beside the area changed";
  }
  // Areas past the edges, and nowhere.
  HideArea(fine, {-50, -50, 60, 60}, HideMethod::kBlur);
  HideArea(fine, {500, 500, 60, 60}, HideMethod::kBlur);
  HideArea(fine, {0, 0, 0.5f, 0.5f}, HideMethod::kBlur);
}

}  // namespace
}  // namespace crossface
