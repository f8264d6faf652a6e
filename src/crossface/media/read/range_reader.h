// A range of a source's frames, read without those before it, and as a reader of the whole gives them: the
// same numbers, time stamps, times and pixels. What makes that sure are marks, noted by whoever has read the
// whole source: each marked frame is compared, down to its pixels, before it is given out.
//
// Only for sources whose times follow from their time stamps alone (TimeFollows): no stray, no clock that was
// set back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "crossface/media/read/frame_reader.h"

namespace crossface {

// What a frame is known again by.
struct FrameMark {
  int64_t frame = 0;  // its index in the source
  int64_t pts = 0, duration_us = 0;
  uint64_t digest = 0;  // Picture::Digest
  bool operator==(const FrameMark&) const = default;
};

// What turns a source's time stamps into times.
struct TimeBase {
  int64_t first_pts = 0;           // of the source's first frame
  int tick_num = 0, tick_den = 1;  // as in SourceInfo
  bool operator==(const TimeBase&) const = default;
};

struct FrameRange {
  int64_t begin = 0, end = 0;  // indices of frames in the source, without the end
  TimeBase times;
  // Reading begins at a key frame before the range; else with the source's first frame.
  bool seeks = false;
  std::vector<FrameMark> marks;  // in order; where it seeks, of `begin` first
  bool operator==(const FrameRange&) const = default;
};

// Errors: those of Picture::Digest.
Result<FrameMark> MarkOf(const Frame& frame);

// Whether the frame's time is its time stamp's distance from the first one, as those of a range will be.
bool TimeFollows(const Frame& frame, const TimeBase& base);

// The reader's Next() gives kMismatch, beside the errors that it gives anyway, where what comes is not what
// was marked, or the source ends too early; its damage() tells only what keeps reading from going on.
// `options` as they were for the whole source. Errors: those of OpenSource.
Result<std::unique_ptr<FrameReader>> OpenRange(const std::filesystem::path& path, ReaderOptions options,
                                               const FrameRange& range);

}  // namespace crossface
