// Joins the faces of successive kept frames into tracks: online, inside one shot, one face of a frame per track.
//
// Association is optimal per frame (Hungarian) over a cost of box overlap with a constant-velocity prediction, and
// appearance; gaps up to `max_gap_us` are bridged. Purity comes first: where a match is doubtful a new track begins, which the
// clustering can still join. After Bewley et al., Simple online and realtime tracking, ICIP 2016, with the appearance gate of
// Wojke et al., DeepSORT, ICIP 2017. Not thread-safe; one tracker per source, fed in order. Memory: the open tracks only.
#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

#include "crossface/detect/detection.h"

namespace crossface {

struct TrackerOptions {
  int64_t max_gap_us = 1'000'000;
};

// A small colour and texture description of a face box, unit length; compared by dot product (1 = same).
std::vector<float> DescribeAppearance(const cv::Mat& bgr, const cv::Rect2f& box);

class Tracker {
 public:
  explicit Tracker(const TrackerOptions& options = {});
  ~Tracker();

  struct Step {
    std::vector<int64_t> track_of;  // per detection: the number of its track, never reused
    std::vector<int64_t> ended;     // tracks that will get no more faces, in rising order
  };

  // The detections of one frame (pixels of the full frame) with their appearance descriptions (same length). A `shot` other
  // than the last call's ends every open track. Frames must come in rising time.
  Step Push(int64_t shot, int64_t time_us, std::span<const Detection> detections,
            std::span<const std::vector<float>> appearances);

  // Ends every open track.
  std::vector<int64_t> Finish();

  int64_t open_tracks() const;
  // The number the next new track will get; settable before the first Push, to go on after an interrupted scan.
  void set_next_track(int64_t number);
  int64_t next_track() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
