// Turns presentation time stamps into times that never go backwards. Not thread-safe.
//
// Time stamps are the authority: gaps stay gaps. What is missing or impossible is filled in:
// - a frame without a stamp comes one frame duration after the one before it;
// - a stamp a little before the last one (badly reordered frames; 0.4 s) is held at the last time;
// - strays, a few frames whose stamps are far from those of the frames around them, are placed between their
// neighbours
//   and move nobody else; so are one or two frames at either end of a steady recording;
// - a clock that was set back for good, as where recordings were joined: from there on times go on from the
// last frame. To tell strays from a jump that lasts, frames wait for those after them, but only where a stamp
// jumps.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "crossface/media/read/dense_frames.h"

namespace crossface {

class FrameClock {
 public:
  // A tick lasts tick_num / tick_den seconds; both positive. `frame_us` is the usual distance of frames.
  // `wrap_ticks`: where the container's counter of stamps begins anew; 0 for one that does not.
  FrameClock(int tick_num, int tick_den, int64_t frame_us, int64_t wrap_ticks = 0);

  // How many frames may wait, at least 2. A longer run of strays is taken for a jump that lasts.
  void set_most_waiting(size_t frames);

  // The next frame's stamp.
  void Push(std::optional<int64_t> pts);
  // There are no more.
  void Finish();

  struct Stamp {
    int64_t pts = 0;      // as given, or filled in; of a stray where it was placed
    int64_t time_us = 0;  // since the first stamp
  };
  // Of the oldest frame that was pushed and not taken; nothing while it waits for those after it.
  std::optional<Stamp> Pop();

  // Whether any frame so far does not come when its stamp says.
  bool moved_any() const { return strays_.count > 0 || back_.count > 0; }

  // What was unusual about the stamps taken so far, with its size and place, a clause each.
  std::vector<std::string> Notes() const;

 private:
  struct Jump {
    int64_t by_us = 0, at_us = 0;
  };
  struct Jumps {
    int64_t count = 0, total_us = 0;
    std::vector<Jump> first;
    void Add(int64_t by_us, int64_t at_us);
  };

  int64_t ToUs(int64_t ticks) const;
  int64_t ToTicks(int64_t us) const;
  int64_t Unwrapped(int64_t pts);
  int64_t LineTime(size_t waiting) const;
  bool IsSteady(int64_t step_us) const;
  bool IsSteadyFrom(size_t begin, size_t end) const;
  size_t FindReturn(size_t begin, int64_t last_us) const;

  void Settle();
  bool Begin();
  bool SettleJump();
  void Emit(int64_t time_us, bool stray);
  void CountDense(int64_t time_us);
  void EmitStrays(size_t count, int64_t next_us);
  static std::string Told(const Jumps& jumps, const char* direction);

  const int tick_num_, tick_den_;
  const int64_t frame_us_, frame_ticks_, wrap_ticks_;
  const int64_t longest_step_us_, held_us_;
  size_t most_waiting_;

  struct Waiting {
    int64_t line = 0;  // as if the counter had never begun anew
    int64_t given = 0;
  };
  std::deque<Waiting> waiting_;
  std::deque<Stamp> ready_;
  bool finished_ = false, started_ = false, any_ = false;
  int64_t wrapped_ = 0;               // added to stamps since the counter began anew
  int64_t newest_ = 0, settled_ = 0;  // the last stamp pushed; the last one that was no stray
  int64_t origin_ = 0;                // stamp of time 0
  int64_t shift_us_ = 0;              // added since the clock was set back
  int64_t last_us_ = 0;
  int64_t steady_frames_ = 0;  // up to the last one

  Jumps strays_, back_, ahead_;
  DenseFrames dense_;
  bool is_dense_ = false;
  int64_t dense_frames_ = 0, dense_at_us_ = 0;
};

// Chooses between the two stamps that a decoder gives a frame, as libav's best effort does (its presentation
// time, or where more of these than of the others fail to rise, its decoding time), but a stamp that jumps
// far counts for nothing: one bad stamp must not change how all later ones are read. Not thread-safe.
class StampChooser {
 public:
  explicit StampChooser(int64_t ticks_per_second) : far_(ticks_per_second) {}
  std::optional<int64_t> Choose(std::optional<int64_t> pts, std::optional<int64_t> dts);

 private:
  struct Line {
    std::optional<int64_t> last;
    int64_t faults = 0;
  };
  void Count(Line& line, int64_t stamp) const;

  const int64_t far_;
  Line pts_, dts_;
};

}  // namespace crossface
