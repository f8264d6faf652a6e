// Truth files: who is to be seen where and when, as people labelled it. Two kinds, told apart by their
// header:
//   boxes      video,person,start_ms,end_ms,x,y,w,h and optionally kind: one row per sampled time and visible
//   face intervals  video,person,start_s,end_s,visibility: clear, small, profile, partial, dark, back or
//   ignore
// Further columns are allowed. Times count from the first video frame; boxes are pixels of the upright frame.
// Pure values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/evaluation/evaluation.h"
#include "crossface/util/status.h"

namespace crossface {

struct TruthBox {
  std::string video, person;
  int64_t start_us = 0, end_us = 0;  // end after start
  cv::Rect2f box;
  std::string kind;  // of the shot, such as "dim"; empty when the file does not say

  // False in shots labelled dark or black, where a face is there but not to be found.
  bool detectable() const { return kind != "dark" && kind != "black"; }
};

enum class Visibility { kClear, kSmall, kProfile, kPartial, kDark, kBack, kIgnore };

struct TruthInterval {
  std::string video, person;
  int64_t start_us = 0, end_us = 0;            // end after start
  Visibility visibility = Visibility::kClear;  // kIgnore also for every person whose label begins with '*'
};

struct Truth {
  using Kind = TruthKind;
  Kind kind = Kind::kBoxes;
  std::vector<TruthBox> boxes;
  std::vector<TruthInterval> intervals;
};

// Errors: kCorrupt, naming the line, for a header of neither kind, a field that is no number, an end before
// its start, an unknown visibility, or a file without rows.
Result<Truth> ParseTruth(std::string_view csv);

// Errors: also those of ReadFile.
Result<Truth> ReadTruth(const std::filesystem::path& path);

}  // namespace crossface
