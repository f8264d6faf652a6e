// Tells frames that come too soon after one another to be a camera's (kDensestFrameUs), on the mean of
// kDenseRun of them: containers round to milliseconds, and a doubled frame now and then is usual. Not
// thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "crossface/media/read/frame.h"

namespace crossface {

class DenseFrames {
 public:
  // Whether the frame at this time and those before it are too dense. Times must not go back.
  bool Push(int64_t time_us) {
    int64_t& oldest = times_[pushed_ % times_.size()];
    const bool dense = pushed_ >= times_.size() && time_us - oldest < kDenseRun * kDensestFrameUs;
    begin_us_ = oldest;
    oldest = time_us;
    ++pushed_;
    return dense;
  }
  // When the oldest of the frames that are looked at together came.
  int64_t begin_us() const { return begin_us_; }
  void Clear() { pushed_ = 0; }

 private:
  std::array<int64_t, kDenseRun> times_ = {};
  size_t pushed_ = 0;
  int64_t begin_us_ = 0;
};

}  // namespace crossface
