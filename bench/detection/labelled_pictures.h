// The labelled face pictures of ../shared/data/detection. Plain values.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "crossface/util/status.h"

namespace crossface::bench {

struct LabelledPicture {
  std::filesystem::path path;
  std::vector<cv::Rect2f> faces;  // pixels of the picture
  // Overlap from which a detection is a labelled face. dlib's boxes are squares from brow to chin: a right
  // detection overlaps them less than WIDER's.
  float match_iou = 0.5f;
};

// wider_train_subset/ground_truth.csv and dlib_faces/*.xml, sorted by path. Errors: those of ReadFile and
// ParseCsv.
Result<std::vector<LabelledPicture>> LoadLabelledPictures(const std::filesystem::path& folder);

}  // namespace crossface::bench
