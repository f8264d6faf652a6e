// Joins the faces of successive kept frames into tracks: online, inside one shot, one face of a frame per
// track.
//
// Association is optimal per frame (Hungarian) over a cost of distance from a constant-velocity prediction,
// size and appearance, each behind a gate; gaps up to `max_gap_us` are bridged, and in still stretches, where
// frames come a second apart, one frame without the face. Purity comes first: tracks that another assignment
// would serve almost as well all end and new ones begin, which the clustering can still join. After Bewley et
// al., Simple online and realtime tracking, ICIP 2016, with the appearance gate of Wojke et al., Simple
// online and realtime tracking with a deep association metric, ICIP 2017. Weak detections are tracked like
// strong ones: whether a track shows a face is judged once it has ended.
//
// Not thread-safe; one tracker per source, fed in order. Memory: the open tracks only. What is joined in a
// shot depends on that shot alone.
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

// A small description of the colours and of the light and dark parts of a face box in a CV_8UC3 BGR picture,
// unit length, no entry negative; compared by dot product (1 = same). Changes of brightness hardly change it.
// A box may reach past the picture. Pure, thread-safe.
std::vector<float> DescribeAppearance(const cv::Mat& bgr, const cv::Rect2f& box);

class Tracker {
 public:
  explicit Tracker(const TrackerOptions& options = {});
  ~Tracker();

  struct Step {
    std::vector<int64_t> track_of;  // per detection: the number of its track, never reused
    std::vector<int64_t> ended;     // tracks that will get no more faces, in rising order
  };

  // The detections of one frame (pixels of the full frame) with their appearance descriptions (same length).
  // A `shot` other than the last call's ends every open track. Times must not go back within a shot.
  Step Push(int64_t shot, int64_t time_us, std::span<const Detection> detections,
            std::span<const std::vector<float>> appearances);

  // Ends every open track, and tells which those were, in rising order.
  std::vector<int64_t> Finish();

  int64_t open_tracks() const;
  // The number the next new track will get; settable while no track is open, to go on after an interrupted
  // scan.
  void set_next_track(int64_t number);
  int64_t next_track() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
