// Non-maximum suppression. Pure functions, thread-safe, deterministic.
#pragma once

#include <span>
#include <vector>

#include "crossface/detect/detection.h"

namespace crossface {

enum class OverlapMeasure {
  kUnion,
  kSmaller
};  // intersection over union, or over the smaller of the two boxes

// Best score first; ties by position, so that the order never varies.
void SortByScore(std::vector<Detection>* detections);

// The positions of the boxes that are kept, best score first (ties by position in the picture): a box is
// dropped when it overlaps a better one by more than `threshold`.
std::vector<size_t> NonMaxima(std::span<const cv::Rect2f> boxes, std::span<const float> scores,
                              float threshold, OverlapMeasure measure = OverlapMeasure::kUnion);

// Keeps a detection unless it overlaps a better one by more than `threshold`. The result is sorted as by
// SortByScore.
std::vector<Detection> SuppressNonMaxima(std::vector<Detection> detections, float threshold,
                                         OverlapMeasure measure = OverlapMeasure::kUnion);

}  // namespace crossface
