#include "crossface/detect/fusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace crossface {
namespace {

DetectorSet SetOf(std::initializer_list<DetectorKind> kinds) {
  DetectorSet set;
  for (DetectorKind kind : kinds) set.Add(kind);
  return set;
}

const DetectorSet kEveryDetector((1u << kDetectorKinds) - 1);

Landmarks LandmarksIn(const cv::Rect2f& box) {
  const auto at = [&](float x, float y) {
    return cv::Point2f(box.x + x * box.width, box.y + y * box.height);
  };
  return {at(0.3f, 0.4f), at(0.7f, 0.4f), at(0.5f, 0.6f), at(0.35f, 0.8f), at(0.65f, 0.8f)};
}

Detection Report(DetectorKind kind, const cv::Rect2f& box, float calibrated) {
  return {.box = box,
          .score = calibrated,
          .landmarks = LandmarksIn(box),
          .seen_by = SetOf({kind}),
          .looked = SetOf({kind})};
}

bool Identical(const Detection& a, const Detection& b) {
  return a.box == b.box && a.score == b.score && a.landmarks == b.landmarks && a.seen_by == b.seen_by &&
         a.looked == b.looked;
}

bool Identical(const std::vector<Detection>& a, const std::vector<Detection>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Detection& x, const Detection& y) { return Identical(x, y); });
}

// The whole range from the first test on.
int AnyIn(int least, int most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(least, most + 1));
}

// Reports of the five detectors about a few faces that crowd each other, jittered, some missing, with stray
// ones between.
std::vector<std::vector<Detection>> AnyReports(int least_faces = 0) {
  std::vector<std::vector<Detection>> reports(kDetectorKinds);
  const int faces = AnyIn(least_faces, 6);
  for (int f = 0; f < faces; ++f) {
    const int side = AnyIn(10, 80);
    const cv::Rect2f face(static_cast<float>(AnyIn(0, 150)), static_cast<float>(AnyIn(0, 150)),
                          static_cast<float>(side), static_cast<float>(side) * 1.25f);
    for (int k = 0; k < kDetectorKinds; ++k) {
      if (AnyIn(0, 2) == 0) continue;
      const auto jitter = [&] { return static_cast<float>(side * AnyIn(-20, 20)) / 100; };
      const cv::Rect2f box(face.x + jitter(), face.y + jitter(), face.width + jitter(),
                           face.height + jitter());
      reports[static_cast<size_t>(k)].push_back(
          Report(static_cast<DetectorKind>(k), box, static_cast<float>(AnyIn(1, 99)) / 100));
    }
  }
  return reports;
}

TEST(FuseDetections, IsEmptyForNoReports) {
  EXPECT_TRUE(FuseDetections({}, kEveryDetector).empty());
  EXPECT_TRUE(FuseDetections(std::vector<std::vector<Detection>>(3), kEveryDetector).empty());
}

TEST(FuseDetections, DoesNotDependOnTheOrderOfReports) {
  EXPECT_TRUE(rc::check([] {
    auto reports = AnyReports();
    const auto fused = FuseDetections(reports, kEveryDetector);
    std::reverse(reports.begin(), reports.end());
    for (auto& report : reports) std::reverse(report.begin(), report.end());
    RC_ASSERT(Identical(FuseDetections(reports, kEveryDetector), fused));
    std::vector<Detection> together;
    for (const auto& report : reports) together.insert(together.end(), report.begin(), report.end());
    RC_ASSERT(
        Identical(FuseDetections(std::vector<std::vector<Detection>>(1, together), kEveryDetector), fused));
  }));
}

TEST(FuseDetections, ChangesNothingTheSecondTime) {
  EXPECT_TRUE(rc::check([] {
    const auto fused = FuseDetections(AnyReports(), kEveryDetector);
    RC_ASSERT(
        Identical(FuseDetections(std::vector<std::vector<Detection>>(1, fused), kEveryDetector), fused));
  }));
}

TEST(FuseDetections, AccountsForEveryReportOnceAndLeavesNoOverlap) {
  EXPECT_TRUE(rc::check([] {
    const auto reports = AnyReports();
    const FusionOptions options;
    const auto fused = FuseDetections(reports, kEveryDetector, options);
    DetectorSet seen, expected;
    for (const auto& report : reports) {
      for (const Detection& detection : report) expected.Merge(detection.seen_by);
    }
    for (size_t i = 0; i < fused.size(); ++i) {
      seen.Merge(fused[i].seen_by);
      RC_ASSERT(fused[i].looked == kEveryDetector);
      RC_ASSERT(fused[i].score > 0 && fused[i].score < 1);
      if (i > 0) RC_ASSERT(fused[i - 1].score >= fused[i].score);
      for (size_t j = 0; j < i; ++j)
        RC_ASSERT(IntersectionOverUnion(fused[i].box, fused[j].box) < options.iou);
    }
    RC_ASSERT(seen == expected);
  }));
}

TEST(FuseFace, StaysInsideTheHullOfItsMembers) {
  EXPECT_TRUE(rc::check([] {
    std::vector<Detection> members;
    for (const auto& report : AnyReports(1)) members.insert(members.end(), report.begin(), report.end());
    RC_PRE(!members.empty());
    const Detection fused = FuseFace(members, kEveryDetector);
    const auto within = [&](auto value) {
      const auto [least, most] =
          std::minmax_element(members.begin(), members.end(),
                              [&](const Detection& a, const Detection& b) { return value(a) < value(b); });
      return value(fused) >= value(*least) - 1e-3f && value(fused) <= value(*most) + 1e-3f;
    };
    RC_ASSERT(within([](const Detection& d) { return d.box.x; }));
    RC_ASSERT(within([](const Detection& d) { return d.box.y; }));
    RC_ASSERT(within([](const Detection& d) { return d.box.br().x; }));
    RC_ASSERT(within([](const Detection& d) { return d.box.br().y; }));
    for (size_t i = 0; i < 5; ++i) {
      RC_ASSERT(within([&](const Detection& d) { return d.landmarks[i].x; }));
      RC_ASSERT(within([&](const Detection& d) { return d.landmarks[i].y; }));
    }
  }));
}

TEST(FuseFace, LeansTowardsTheBetterReport) {
  const cv::Rect2f strong(100, 100, 50, 60), weak(110, 104, 50, 60);
  const auto fuse = [&](DetectorKind a, DetectorKind b) {
    return FuseFace(std::vector{Report(a, strong, 0.9f), Report(b, weak, 0.3f)}, kEveryDetector);
  };
  const Detection same = fuse(DetectorKind::kMtcnn, DetectorKind::kMtcnn);
  EXPECT_NEAR(same.box.x, 100 + 10 * 0.3 / 1.2, 1e-3);
  EXPECT_NEAR(same.box.y, 100 + 4 * 0.3 / 1.2, 1e-3);
  EXPECT_NEAR(same.box.width, 50, 1e-3);
  const Detection helped = fuse(DetectorKind::kScrfd2g5, DetectorKind::kMtcnn);
  EXPECT_LT(helped.box.x, same.box.x) << "the better detector weighs more";
  EXPECT_EQ(helped.seen_by, SetOf({DetectorKind::kScrfd2g5, DetectorKind::kMtcnn}));
}

TEST(FuseFace, LeavesOutLandmarksThatLieElsewhere) {
  const cv::Rect2f box(100, 100, 50, 60);
  Detection astray = Report(DetectorKind::kMtcnn, box, 0.8f);
  for (cv::Point2f& point : astray.landmarks) point.x += 20;
  const Detection fused = FuseFace(std::vector{Report(DetectorKind::kScrfd500m, box, 0.9f), astray,
                                               Report(DetectorKind::kRetinaFace, box, 0.7f)},
                                   kEveryDetector);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(fused.landmarks[i].x, LandmarksIn(box)[i].x, 1e-3);
    EXPECT_NEAR(fused.landmarks[i].y, LandmarksIn(box)[i].y, 1e-3);
  }
  EXPECT_TRUE(fused.seen_by.Has(DetectorKind::kMtcnn));
}

TEST(FuseFace, ScoreGrowsWithEveryDetectorThatAgrees) {
  const cv::Rect2f box(10, 10, 40, 50);
  std::vector<Detection> members;
  float last = 0;
  for (int k = 0; k < kDetectorKinds; ++k) {
    members.push_back(Report(static_cast<DetectorKind>(k), box, 0.8f));
    const float score = FuseFace(members, kEveryDetector).score;
    EXPECT_GT(score, last);
    last = score;
  }
  EXPECT_NEAR(last, 0.8f, 1e-3) << "five who give the same probability agree on it";
}

TEST(FuseFace, CountsADetectorOnceWithItsBestReport) {
  const cv::Rect2f box(10, 10, 40, 50);
  const auto best = Report(DetectorKind::kScrfd500m, box, 0.8f),
             other = Report(DetectorKind::kScrfd500m, box, 0.2f);
  EXPECT_EQ(FuseFace(std::vector{best, other}, best.looked).score,
            FuseFace(std::vector{best}, best.looked).score);
  EXPECT_EQ(FuseFace(std::vector{best, other}, kEveryDetector).score,
            FuseFace(std::vector{best}, kEveryDetector).score);
}

TEST(FuseFace, GivesTheSameScoreInStepsAsAtOnce) {
  const cv::Rect2f box(10, 10, 40, 50);
  const std::vector first = {Report(DetectorKind::kScrfd500m, box, 0.7f),
                             Report(DetectorKind::kYuNet, box, 0.6f)};
  const std::vector second = {Report(DetectorKind::kRetinaFace, box, 0.9f)};
  const Detection step =
      FuseFace(first, SetOf({DetectorKind::kScrfd500m, DetectorKind::kYuNet, DetectorKind::kMtcnn}));
  std::vector<Detection> all = first;
  all.insert(all.end(), second.begin(), second.end());
  EXPECT_NEAR(FuseFace(std::vector{step, second[0]}, kEveryDetector).score,
              FuseFace(all, kEveryDetector).score, 1e-4);
}

TEST(FuseFace, RefusesReportsThatWereNotCalibrated) {
  EXPECT_THROW(FuseFace({}, kEveryDetector), std::logic_error);
  EXPECT_THROW(FuseFace(std::vector{Detection{.box = {0, 0, 10, 10}, .score = 0.5f}}, kEveryDetector),
               std::logic_error);
}

TEST(CalibratedScore, RisesWithTheScoreAndStaysAProbability) {
  for (int k = 0; k < kDetectorKinds; ++k) {
    const auto kind = static_cast<DetectorKind>(k);
    float last = 0;
    for (int hundredths = 2; hundredths <= 98; hundredths += 2) {
      const float score = static_cast<float>(hundredths) / 100;
      const float calibrated = CalibratedScore(kind, score);
      EXPECT_GT(calibrated, last) << DetectorName(kind) << " at " << score;
      EXPECT_LT(calibrated, 1);
      last = calibrated;
    }
    EXPECT_LE(CalibratedScore(kind, 1.0f), 1);
    EXPECT_GE(CalibratedScore(kind, 0.0f), 0);
  }
}

TEST(UncalibratedScore, UndoesTheCalibration) {
  for (int k = 0; k < kDetectorKinds; ++k) {
    const auto kind = static_cast<DetectorKind>(k);
    for (int hundredths = 10; hundredths <= 90; hundredths += 5) {
      const float score = static_cast<float>(hundredths) / 100;
      EXPECT_NEAR(UncalibratedScore(kind, CalibratedScore(kind, score)), score, 1e-3) << DetectorName(kind);
    }
  }
}

TEST(Calibrate, NamesTheDetector) {
  std::vector<Detection> report = {{.box = {0, 0, 10, 10}, .score = 0.5f}};
  Calibrate(DetectorKind::kYuNet, report);
  EXPECT_EQ(report[0].score, CalibratedScore(DetectorKind::kYuNet, 0.5f));
  EXPECT_EQ(report[0].seen_by, SetOf({DetectorKind::kYuNet}));
  EXPECT_EQ(report[0].looked, SetOf({DetectorKind::kYuNet}));
}

TEST(IsConfirmed, WantsAgreementWhereEveryoneLooked) {
  const cv::Rect2f box(10, 10, 40, 50);
  const auto first = Report(DetectorKind::kScrfd500m, box, 0.6f);
  EXPECT_FALSE(IsConfirmed(FuseFace(std::vector{first}, kEveryDetector))) << "nobody else sees it";
  EXPECT_FALSE(
      IsConfirmed(FuseFace(std::vector{first, Report(DetectorKind::kYuNet, box, 0.6f)}, kEveryDetector)))
      << "the weak ones do, the best does not";
  EXPECT_TRUE(
      IsConfirmed(FuseFace(std::vector{first, Report(DetectorKind::kScrfd2g5, box, 0.9f)}, kEveryDetector)))
      << "a small face that only the two best see";
  EXPECT_TRUE(IsConfirmed(FuseFace(std::vector{first}, first.looked))) << "there may be one detector only";
}

}  // namespace
}  // namespace crossface
