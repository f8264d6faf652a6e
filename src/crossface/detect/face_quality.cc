#include "crossface/detect/face_quality.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "crossface/detect/align.h"

namespace crossface {
namespace {

constexpr float kDegrees = 180 / std::numbers::pi_v<float>;

// The part of the aligned face that is skin, not hair, background or the black that alignment leaves at a
// picture's edge.
const cv::Rect kFaceArea(16, 20, 80, 84);

// The nose tip stands about half as far before the plane of eyes and mouth as eyes and mouth are apart, and
// lies at 0.53 of the way from the eyes to the mouth (median of 1,116 LFW photos).
constexpr float kNoseDepth = 0.53f;
constexpr float kNoseHeight = 0.53f;

// Weights of QualityFeatures() for the logit of the expected cosine share, fitted by `fit_calibration
// --quality` on the two ArcFaces: 1,114 LFW photos and a degraded copy of each, found and confirmed by the
// FaceFinder. Fitted on every other person, they foretell the cosines of the others with R2 .635 and a rank
// correlation of .65; in tenths of quality from 0 to 1 the others' mean share was .16 .21 .27 .37 .49 .55 .62
// .79 .88 .91.
constexpr std::array<float, kQualityFeatures> kWeights = {-7.326f, 0.693f, 0.657f, 0.638f, 0.562f};

// What turning away costs: the mean ArcFace cosine of a face with the near-frontal faces of its track, 0.6 s
// away or more, was .81 below 10 degrees of yaw, .78 to 20, .71 from 20 to 40, .53 to 55 and .37 beyond
// (1,416 faces of 43 tracks of the shared videos). LFW, where the weights come from, has hardly a face turned
// further than 40 degrees.
constexpr float kTurnStarts = 15, kTurnEnds = 65, kProfileLoss = 0.54f;

struct Pose {
  float yaw, pitch, roll;
};

Pose PoseFromLandmarks(const Landmarks& points) {
  const cv::Point2f eyes = (points[0] + points[1]) * 0.5f, mouth = (points[3] + points[4]) * 0.5f;
  const cv::Point2f between_eyes = points[1] - points[0], down = mouth - eyes, nose = points[2] - eyes;
  const float height = std::hypot(down.x, down.y), width = std::hypot(between_eyes.x, between_eyes.y);
  // Seen from the side the far eye hides behind the near one, or is guessed beyond it. Below 0.4 of the
  // height only faces turned by more than about 60 degrees were found (friends_table.mp4,
  // hamilton_short.mp4); facing the camera it is 0.94.
  const float turn = between_eyes.cross(down) / std::max(height * height, 1e-3f);
  if (turn < 0.4f) return {nose.cross(down) < 0 ? -90.0f : 90.0f, 0, std::atan2(down.x, down.y) * -kDegrees};
  const float along = nose.dot(down) / (height * height);  // 0 at the eyes, 1 at the mouth
  const float aside = nose.cross(down) / height;           // right of the line from eyes to mouth
  const float sine = std::clamp(aside / (kNoseDepth * std::max(width, height)), -1.0f, 1.0f);
  return {std::asin(sine) * kDegrees, std::atan((along - kNoseHeight) / kNoseDepth) * kDegrees,
          std::atan2(between_eyes.y, between_eyes.x) * kDegrees};
}

float Ramp(float value, float zero_at, float one_at) {
  return std::clamp((value - zero_at) / (one_at - zero_at), 0.0f, 1.0f);
}

float Exposure(const cv::Mat& grey_face) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(grey_face, mean, deviation);
  const float burnt =
      static_cast<float>(cv::countNonZero(grey_face >= 250)) / static_cast<float>(grey_face.total());
  // Below a mean of about 10 of 255 and a deviation of about 3 the eight bits no longer hold a face.
  return (1 - burnt) * Ramp(static_cast<float>(mean[0]), 4, 30) *
         Ramp(static_cast<float>(deviation[0]), 2, 12);
}

}  // namespace

std::array<float, kQualityFeatures> QualityFeatures(const FaceQuality& quality) {
  // Fused scores crowd near one; their logit is what grows evenly with how clearly a face is seen.
  const float detector = std::clamp(quality.detector, 0.02f, 0.998f);
  return {1.0f, std::log(std::clamp(quality.size, 3.0f, 30.0f)),
          std::log(1 + std::min(quality.sharpness, 200.0f)), quality.exposure,
          std::log(detector / (1 - detector))};
}

float TurnedAwayFactor(float yaw) { return 1 - kProfileLoss * Ramp(std::abs(yaw), kTurnStarts, kTurnEnds); }

FaceQuality MeasureQuality(const cv::Mat& bgr, const Detection& face) {
  FaceQuality quality;
  const cv::Point2f between_eyes = face.landmarks[1] - face.landmarks[0];
  quality.size = std::max(std::hypot(between_eyes.x, between_eyes.y), face.box.width / 2.5f);

  cv::Mat grey, edges;
  cv::cvtColor(AlignedFace(bgr, face.landmarks), grey, cv::COLOR_BGR2GRAY);
  grey = grey(kFaceArea);
  cv::Laplacian(grey, edges, CV_32F);
  cv::Scalar mean, deviation;
  cv::meanStdDev(edges, mean, deviation);
  quality.sharpness = static_cast<float>(deviation[0] * deviation[0]);
  quality.exposure = Exposure(grey);

  const Pose pose = PoseFromLandmarks(face.landmarks);
  quality.yaw = pose.yaw;
  quality.pitch = pose.pitch;
  quality.roll = pose.roll;
  quality.detector = face.score;

  const auto features = QualityFeatures(quality);
  float logit = 0;
  for (size_t i = 0; i < features.size(); ++i) logit += kWeights[i] * features[i];
  quality.overall = TurnedAwayFactor(quality.yaw) / (1 + std::exp(-logit));
  return quality;
}

}  // namespace crossface
