// Finds the faces of a frame with the installed detectors: one fast look at every kept frame, and the whole ensemble where it
// can change the answer. Immutable after creation; all methods may be called from several threads at once.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "crossface/detect/detector.h"

namespace crossface {

enum class LicencePolicy { kAny, kPermissive };

struct FaceFinderOptions {
  LicencePolicy licence = LicencePolicy::kAny;
  std::vector<DetectorKind> detectors;  // empty: all that are installed and that the licence policy allows
};

class FaceFinder {
 public:
  // Errors: kModelMissing when no detector can be had, naming what to install; other errors of CreateDetector.
  static Result<std::unique_ptr<FaceFinder>> Create(const ModelStore& models, const FaceFinderOptions& options,
                                                    const SessionOptions& session);

  // The fast look: the primary detector at two scales or more, dark pictures brightened first. Meant to miss nothing; its
  // weak detections (score below 0.5) need Confirm(). `thorough` also searches large frames at full resolution, in tiles.
  Result<std::vector<Detection>> Find(const cv::Mat& bgr, bool thorough) const;

  // Every detector at every scale, fused. What --exhaustive does with each kept frame.
  Result<std::vector<Detection>> FindWithAll(const cv::Mat& bgr) const;

  // Asks the other detectors about one face: cuts its surroundings out of `bgr`, and fuses their reports with `face`.
  // Returns it with box, landmarks, score, seen_by and looked brought up to date.
  Result<Detection> Confirm(const cv::Mat& bgr, const Detection& face) const;

  DetectorKind primary() const;
  const std::vector<DetectorKind>& detectors() const;
  // Manifest names of the models that are in use, and of those that could be but are not installed.
  std::vector<std::string> models() const;
  std::vector<std::string> missing_models() const;

 private:
  FaceFinder() = default;
  std::vector<std::unique_ptr<Detector>> owned_;
  std::vector<DetectorKind> kinds_;
  std::vector<std::string> missing_;
};

// A copy of a dim picture with its contrast stretched, or the picture itself when it is bright enough. CV_8UC3.
cv::Mat BrightenDim(const cv::Mat& bgr);

}  // namespace crossface
