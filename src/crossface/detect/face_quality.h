// How far a face picture can be trusted for telling people apart. Pure functions, thread-safe.
#pragma once

#include <array>
#include <opencv2/core.hpp>

#include "crossface/detect/detection.h"

namespace crossface {

struct FaceQuality {
  // Distance between the eyes or box width / 2.5, whichever is larger, in pixels.
  float size = 0;
  // Variance of the Laplacian on the 112x112 aligned grey face.
  float sharpness = 0;
  // 1: well exposed; 0: black, burnt out or without contrast.
  float exposure = 0;
  // Rough degrees from the landmarks. 0 looks at the camera; with positive yaw and pitch the nose points
  // right and down in the picture; with positive roll the head is turned clockwise.
  float yaw = 0, pitch = 0, roll = 0;
  // The fused score: low where detectors that looked did not see it.
  float detector = 0;
  // 0..1: the ArcFace cosine to be expected with good pictures of the same person, as a share of the cosine
  // that two good pictures have. See face_quality.cc for the weights and their measurement.
  float overall = 0;
};

// `bgr` is the frame (or a cut-out of it) that `face` is in: CV_8UC3.
FaceQuality MeasureQuality(const cv::Mat& bgr, const Detection& face);

// The part of `overall` that is left to fit: what the weights of face_quality.cc multiply, in their order.
inline constexpr int kQualityFeatures = 5;
std::array<float, kQualityFeatures> QualityFeatures(const FaceQuality& quality);

// The factor in `overall` for a face that is turned aside: 1 to the camera, less towards profile. `yaw` in
// degrees.
float TurnedAwayFactor(float yaw);

}  // namespace crossface
