// The interface of the face detectors: SCRFD, RetinaFace, MTCNN and YuNet, each on the inference Session.
//
// Detectors are immutable after creation; Detect() may be called from several threads at once.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "crossface/detect/detection.h"
#include "crossface/inference/engine/session.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

struct DetectParams {
  // The picture is scaled so that its longest side is this (it is enlarged, too, when smaller), and padded at
  // the right and bottom to the net's stride. MTCNN reads it as the size its pyramid starts from.
  int longest_side = 640;
  float score_threshold = 0.5f;
  // Pixels of the scaled picture. MTCNN, whose time goes by this, looks for none that are smaller; the others
  // have no use for it.
  float smallest_face = 20;
};

class Detector {
 public:
  virtual ~Detector() = default;
  virtual DetectorKind kind() const = 0;
  // The manifest's names of the models it works with: where "retinaface" is not installed, "retinaface_tiny"
  // stands in.
  virtual std::vector<std::string> models() const = 0;
  // SHA-256 of their bytes as they were loaded, in the same order.
  virtual std::vector<std::string> sha256s() const = 0;
  // `bgr`: CV_8UC3. Returns detections in pixels of `bgr`, non-maximum suppressed, best score first; ties are
  // broken by position so that the order never varies. An empty picture has no faces. Throws std::logic_error
  // for another type of picture. Errors: those of Session::Run; kMismatch when the net's answer has another
  // size than its picture asks for.
  virtual Result<std::vector<Detection>> Detect(const cv::Mat& bgr, const DetectParams& params) const = 0;
};

// Works with the model of the kind's name, or with one that stands in for it where that one is not installed;
// one of `wanted` comes before both. Errors: kModelMissing and the other errors of Session::Load.
Result<std::unique_ptr<Detector>> CreateDetector(DetectorKind kind, const ModelStore& models,
                                                 const SessionOptions& options = {},
                                                 std::span<const std::string> wanted = {});

// The names of the manifest's models that a detector wants (MTCNN needs three files).
std::vector<std::string> DetectorModels(DetectorKind kind);

// The detectors that can work with these models alone.
std::vector<DetectorKind> DetectorsWith(std::span<const std::string> models);

}  // namespace crossface
