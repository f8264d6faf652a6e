// All pairs of labelled faces with their cosines.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "crossface/calibration/labelled_faces.h"

namespace crossface {

// Structure of arrays: some ten million pairs.
struct Pairs {
  size_t models = 0;
  std::vector<float> cosines;               // pairs x models
  std::vector<float> quality_a, quality_b;  // FaceQuality::overall
  std::vector<uint8_t> same;                // 1: one person
  std::vector<uint8_t> clean;               // 1: neither picture was degraded

  size_t size() const { return same.size(); }
  std::span<const float> of(size_t pair) const { return {cosines.data() + pair * models, models}; }
};

// Every pair of the people that `chosen` accepts, without those made from one photo.
Pairs MakePairs(const std::vector<LabelledFace>& faces, const std::function<bool(int person)>& chosen);

}  // namespace crossface
