#include "crossface/media/frame_clock.h"

#include <algorithm>
#include <stdexcept>

extern "C" {
#include <libavutil/common.h>
#include <libavutil/mathematics.h>
}

namespace crossface {
namespace {

// Decoders reorder at most 16 frames, which at the usual rates is less than this.
constexpr int64_t kSetBackUs = 1'000'000;

// Time stamps further apart than this are damaged; keeping below it keeps the sums below within 64 bits.
constexpr int64_t kLongestUs = INT64_MAX / 4;

}  // namespace

FrameClock::FrameClock(int tick_num, int tick_den, int64_t frame_us)
    : tick_num_(tick_num),
      tick_den_(tick_den),
      frame_us_(std::max<int64_t>(frame_us, 1)),
      frame_ticks_(tick_num > 0 && tick_den > 0
                       ? std::max<int64_t>(av_rescale(frame_us_, tick_den, int64_t{tick_num} * 1'000'000), 1)
                       : 1) {
  if (tick_num <= 0 || tick_den <= 0) throw std::logic_error("FrameClock needs a positive tick");
}

FrameClock::Stamp FrameClock::Next(std::optional<int64_t> pts) {
  const int64_t stamp = pts.value_or(started_ ? av_sat_add64(last_pts_, frame_ticks_) : 0);
  if (!started_) {
    started_ = true;
    first_pts_ = last_pts_ = stamp;
    return {stamp, 0};
  }
  const int64_t since_first =
      av_rescale_q(av_sat_sub64(stamp, first_pts_), {tick_num_, tick_den_}, {1, 1'000'000});
  int64_t time = std::clamp(since_first, -kLongestUs, kLongestUs) + shift_us_;
  if (time < last_us_ - kSetBackUs) {
    ++set_back_;
    shift_us_ += last_us_ + frame_us_ - time;
    time = last_us_ + frame_us_;
  }
  last_pts_ = stamp;
  last_us_ = std::clamp(time, last_us_, kLongestUs);
  return {stamp, last_us_};
}

}  // namespace crossface
