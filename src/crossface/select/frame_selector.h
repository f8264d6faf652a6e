// Chooses the frames worth a detector: drops those without visible content, thins still stretches to one a
// second and moving ones to the sampling rate, and splits the video into shots. The first and the last usable
// frame of a shot are always kept, so that a person's appearance is measured to the frame at cuts.
//
// Every frame costs a histogram and a comparison of thumbnails; dense optical flow (DIS: Kroeger et al., Fast
// optical flow using dense inverse search, ECCV 2016) runs only where those cannot decide: for frames that
// are due to be kept and for suspected cuts. A cut is where the picture cannot be explained by motion out of
// the one before.
//
// Time stamps can be wrong: equal, or many times too dense. So pace is also kept by the number of frames:
// after so many, one is looked at whatever its time. Where frames come closer together than any camera's
// (kDensestFrameUs), they are paced as if they came 30 a second.
//
// Frames without content (near black, blown out) belong to the shot before them; a new shot begins with a
// usable frame. What is chosen in a shot depends on the frames from its first one on and on nothing before,
// so an interrupted scan that starts again at a shot's first frame chooses the same frames.
//
// Not thread-safe; one selector per source, fed in order. Memory is constant: it holds the last usable frame
// and two small pictures.
#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "crossface/media/read/frame.h"
#include "crossface/select/select_counts.h"
#include "crossface/select/source_marks.h"
#include "crossface/util/status.h"

namespace crossface {

struct SelectOptions {
  int64_t moving_interval_us =
      200'000;  // keep one frame per this much time where something moves; 0 keeps every one
  int64_t still_interval_us = 1'000'000;  // ... and where nothing does
  // A shot that lasts longer goes on as another: what follows keeps its work per shot, so this bounds memory
  // and what a crash can cost in an hour from one fixed camera.
  int64_t longest_shot_us = 300'000'000;
  // The same three by frames; up to 120 frames a second time alone decides.
  int64_t moving_interval_frames = 24, still_interval_frames = 120, longest_shot_frames = 36'000;
};

struct KeptFrame {
  Frame frame;
  int64_t shot = 0;  // 0-based ordinal of the shot
  // For what goes by how long things take: the frame's time; where time stamps are too dense to be true,
  // counted on in their stead at 30 frames a second. Never goes back within a shot.
  int64_t pace_us = 0;
  cv::Mat grey;           // the frame small, CV_8UC1; 160 pixels on its longest side, or as large as it is
  double brightness = 0;  // mean luma 0..255
  double motion =
      0;  // mean optical-flow speed since the last kept frame of the shot, in longest sides per second
};

class FrameSelector {
 public:
  // To go on after an interrupted scan: `first_shot` is the ordinal of the shot whose first frame is pushed
  // first, and `counts` those before it (what shot() and counts_before_shot() told then).
  explicit FrameSelector(const SelectOptions& options = {}, int64_t first_shot = 0,
                         const SelectCounts& counts = {});
  ~FrameSelector();

  // Looks at the next frame. Returns the frames that are now known to be kept, in order: none, this one, or
  // also the one before it when a cut shows that it was the last of its shot. Errors: those of Picture::Luma.
  Result<std::vector<KeptFrame>> Push(const Frame& frame);

  // After the last frame: the last usable one, when it was not kept yet.
  std::vector<KeptFrame> Finish();

  const SelectCounts& counts() const;

  // The shot of the last pushed frame, the index of that shot's first frame, and the counts of all frames
  // before it.
  int64_t shot() const;
  int64_t shot_first_frame() const;
  const SelectCounts& counts_before_shot() const;

  // What was seen before the shot of the last pushed frame, the cut that begins it included, or after Finish
  // until the end; of every mark once. A scan that begins with a shot finds what comes after it.
  SourceMarks TakeMarks();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
