// The faces of labelled photos, measured and embedded as a scan does it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "crossface/calibration/labelled_photos.h"
#include "crossface/detect/face_finder.h"
#include "crossface/detect/face_quality.h"
#include "crossface/embed/embedder.h"

namespace crossface {

struct LabelledFace {
  int person = 0;         // same number: same person
  int photo = 0;          // same number: made from the same photo
  bool degraded = false;  // made worse than the photo is
  FaceQuality quality;
  std::vector<std::vector<float>> vectors;  // per embedder, unit length
};

struct LabelledFaceTools {
  std::unique_ptr<FaceFinder> finder;
  std::vector<std::unique_ptr<Embedder>> embedders;
};

// The face over the picture's centre that was found best; where there is none, the only face found. Score 0
// when there is no such face or the detectors do not believe it. `others`, when given: how many faces more
// were found that are likelier a face than not.
Result<Detection> CentralFace(const cv::Mat& bgr, const FaceFinder& finder, int* others = nullptr);

struct LabelledFaceOptions {
  int copies = 0;  // that are made of each photo by `degrade`; the centre stays the centre
  std::function<cv::Mat(const cv::Mat& bgr, uint64_t seed)> degrade;
  int threads = 1;  // results do not depend on it
  std::stop_token stop;
  std::function<void(int64_t, int64_t)> progress;  // photos done and in all
};

struct LabelledFaces {
  std::vector<LabelledFace> faces;                    // in the photos' order, which their numbers count
  std::vector<size_t> faceless;                       // photos without a face that could be used
  std::vector<size_t> several;                        // photos with further faces, which are left out
  std::vector<std::pair<size_t, Status>> unreadable;  // photos, and why
};

// Reads every photo, finds the face in its centre, and does the same with the degraded copies. A face that
// the detectors do not believe or that a net cannot embed is none. Errors: kInterrupted, those of the nets.
Result<LabelledFaces> ReadLabelledFaces(const std::vector<LabelledPhoto>& photos,
                                        const LabelledFaceTools& tools, const LabelledFaceOptions& options);

}  // namespace crossface
