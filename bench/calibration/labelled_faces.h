// The faces of labelled photos (a folder per person), each as it is and degraded, measured and embedded.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "crossface/detect/face_finder.h"
#include "crossface/detect/face_quality.h"
#include "crossface/embed/embedder.h"

namespace crossface::bench {

struct LabelledFace {
  int person = 0;  // same number: same person; numbered in the order of their names
  int photo = 0;   // same number: made from the same photo
  bool degraded = false;
  FaceQuality quality;
  std::vector<std::vector<float>> vectors;  // per embedder, unit length
};

struct Tools {
  std::unique_ptr<FaceFinder> finder;
  std::vector<std::unique_ptr<Embedder>> embedders;
};

// The face over the picture's centre that was found best, as the scan would describe it. Score 0 when there
// is none.
Result<Detection> CentralFace(const cv::Mat& bgr, const FaceFinder& finder);

// Reads every photo of every person's folder in `roots`, finds the face in its centre, and does the same with
// `copies` degraded copies. Faces that are not found, that the detectors do not believe, or that a net cannot
// embed are left out.
Result<std::vector<LabelledFace>> ReadLabelledFaces(const std::vector<std::filesystem::path>& roots,
                                                    int copies, const Tools& tools);

}  // namespace crossface::bench
