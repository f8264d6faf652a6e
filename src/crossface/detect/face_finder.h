// Finds the faces of a frame with the installed detectors: one fast look at every kept frame, and the whole
// ensemble where it can change the answer. Immutable after creation; all methods may be called from several
// threads at once. Owns its detectors.
//
// Pictures are CV_8UC3, BGR, of any size; an empty one or another type throws std::logic_error. Boxes and
// landmarks are pixels of the picture given. Scores are calibrated (fusion.h): the estimated probability of
// being a face. Errors of all methods are those of Session::Run. Who wants to know what looks cost gives
// `looks`, which gets it as "whole", "close_up", "tiles", "near" and "confirm".
#pragma once

#include <map>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "crossface/detect/detector.h"
#include "crossface/util/processor_time.h"

namespace crossface {

struct FaceFinderOptions {
  LicencePolicy licence = LicencePolicy::kAny;
  std::vector<DetectorKind> detectors;  // empty: all that are installed and that the licence policy allows
  std::vector<std::string> models;      // come before others that would do as well, see CreateDetector
};

class FaceFinder {
 public:
  // Errors: kModelMissing when no detector can be had, naming what to install; kInvalidArgument when
  // `detectors` names one that the licence policy forbids; other errors of CreateDetector.
  static Result<std::unique_ptr<FaceFinder>> Create(const ModelStore& models,
                                                    const FaceFinderOptions& options,
                                                    const SessionOptions& session);

  // Of detectors of the caller's own; the first is the primary. REQUIRES: at least one.
  static std::unique_ptr<FaceFinder> With(std::vector<std::unique_ptr<Detector>> detectors);

  // The fast look: the primary detector at two scales, dim pictures brightened first. Meant to miss nothing;
  // its weak detections (score below 0.5) need Confirm(). `thorough` also searches frames with a side above
  // 960 at full resolution, in tiles, one after the other: memory does not grow with the picture.
  Result<std::vector<Detection>> Find(const cv::Mat& bgr, bool thorough,
                                      ProcessorTimes* looks = nullptr) const;

  // The parts in which pictures of this size are searched at full resolution; none where the look at the
  // whole does.
  static std::vector<cv::Rect> Tiles(const cv::Size& picture);

  // The fast look at a picture of which an earlier one was searched in all tiles: at those of `tiles`, which
  // have changed since, and in others around those of the earlier one's faces, `known`.
  Result<std::vector<Detection>> FindChanged(const cv::Mat& bgr, const std::vector<cv::Rect>& tiles,
                                             const std::vector<cv::Rect2f>& known,
                                             ProcessorTimes* times = nullptr) const;

  // The fast look around boxes where faces are expected, and nowhere else; a frame of many is looked at as a
  // whole.
  Result<std::vector<Detection>> FindNear(const cv::Mat& bgr, const std::vector<cv::Rect2f>& expected,
                                          ProcessorTimes* times = nullptr) const;

  // Every detector at every scale and in tiles, fused. What --exhaustive does with each kept frame.
  Result<std::vector<Detection>> FindWithAll(const cv::Mat& bgr, ProcessorTimes* looks = nullptr) const;

  // Asks the detectors that have not looked yet about one face: cuts its surroundings out of `bgr`, and fuses
  // their reports with `face`, which comes from Find. Returns it with box, landmarks, score, seen_by and
  // looked brought up to date. All of them: asking the best first and the others only where they could still
  // change whether the face is believed saves 8 to 16 per cent of a scan, and makes two of the broadcast's
  // players (bench/broadcast) one, because what each says of box and landmarks makes better vectors.
  Result<Detection> Confirm(const cv::Mat& bgr, const Detection& face, ProcessorTimes* looks = nullptr) const;

  DetectorKind primary() const { return owned_.front()->kind(); }
  const std::vector<DetectorKind>& detectors() const { return kinds_; }
  // Manifest names of the models that are in use, and of those that could be but are not installed.
  std::vector<std::string> models() const;
  // The models in use, with the SHA-256 of their bytes as they were loaded.
  std::map<std::string, std::string> ModelHashes() const;
  std::vector<std::string> missing_models() const { return missing_; }

 private:
  FaceFinder() = default;
  std::vector<std::unique_ptr<Detector>> owned_;  // the primary first
  std::vector<DetectorKind> kinds_;               // in the same order
  std::vector<std::string> missing_;
};

// A copy of a dim picture with its contrast stretched, or the picture itself when it is bright enough.
// CV_8UC3.
cv::Mat BrightenDim(const cv::Mat& bgr);

}  // namespace crossface
