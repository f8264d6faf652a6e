// Chooses the frames worth a detector: drops near-black ones, thins still stretches to one a second and moving ones to the
// sampling rate, and splits the video into shots. The first and the last usable frame of a shot are always kept, so that a
// person's appearance is measured to the frame at cuts.
//
// Not thread-safe; one selector per source, fed in order. Memory is constant: it holds the previous frame only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crossface/media/frame.h"
#include "crossface/util/status.h"

namespace crossface {

struct SelectOptions {
  int longest_side = 320;          // of the grey picture that is looked at
  int64_t moving_interval_us = 200'000;   // keep one frame per this much time where something moves; 0 keeps every frame
  int64_t still_interval_us = 1'000'000;  // ... and where nothing does
  // Further thresholds (dark, still, cut), each with the measurement behind it, stand in the implementation's options below.
  double dark_percentile_luma = 0;  // see frame_selector.cc; 0 means the default
};

struct KeptFrame {
  Frame frame;
  int64_t shot = 0;        // 0-based ordinal of the shot
  double brightness = 0;   // mean luma 0..255
  double motion = 0;       // mean optical-flow magnitude, in fractions of the longest side per second
};

// decoded = dark + still + paced + kept
struct SelectCounts {
  int64_t decoded = 0, dark = 0, still = 0, paced = 0, kept = 0, cuts = 0;
};

class FrameSelector {
 public:
  explicit FrameSelector(const SelectOptions& options = {});
  ~FrameSelector();

  // Looks at the next frame. Returns the frames that are now known to be kept, in order: none, this one, or also the one
  // before it when a cut shows that it was the last of its shot.
  Result<std::vector<KeptFrame>> Push(const Frame& frame);

  // After the last frame: that frame, when it was not kept yet.
  std::vector<KeptFrame> Finish();

  const SelectCounts& counts() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
