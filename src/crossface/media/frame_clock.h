// Turns presentation time stamps into times that never go backwards. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>

namespace crossface {

// Time stamps are the authority: gaps stay gaps. What is missing or impossible is filled in:
// - a frame without a stamp comes one frame duration after the one before it;
// - a stamp up to a second before the last one (badly reordered frames) is held at the last time;
// - one further back is a clock that was set back, as where recordings were joined: from there on times go on
// from the last
//   frame. That is counted.
class FrameClock {
 public:
  // A tick lasts tick_num / tick_den seconds; both positive. `frame_us` is the usual distance of frames.
  FrameClock(int tick_num, int tick_den, int64_t frame_us);

  struct Stamp {
    int64_t pts = 0;      // as given, or filled in
    int64_t time_us = 0;  // since the first stamp
  };
  Stamp Next(std::optional<int64_t> pts);

  int64_t set_back() const { return set_back_; }

 private:
  const int tick_num_, tick_den_;
  const int64_t frame_us_, frame_ticks_;
  bool started_ = false;
  int64_t first_pts_ = 0, last_pts_ = 0, last_us_ = 0;
  int64_t shift_us_ = 0;  // added since the clock was set back
  int64_t set_back_ = 0;
};

}  // namespace crossface
