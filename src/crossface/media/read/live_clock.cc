#include "crossface/media/read/live_clock.h"

#include <algorithm>
#include <cstdlib>

namespace crossface {
namespace {

// Packets of one stream are stored in the order in which they are decoded: stamps hardly go back.
constexpr int64_t kMostBackUs = 500'000;
// A gap in the stamps that the clock on the wall has not seen.
constexpr int64_t kMostAheadUs = 10'000'000, kMostUnseenUs = 5'000'000;
constexpr int64_t kLeastStepUs = 1'000;
constexpr int64_t kMostOffUs = 3'600'000'000;
// A sender's crystal may be slower than ours: the least delay seen so far grows by so little, one part in so
// many.
constexpr int64_t kDrift = 2'000;

}  // namespace

std::string_view ClockKindName(ClockKind kind) { return kind == ClockKind::kSender ? "sender" : "arrival"; }

void LiveClock::Anchor(int64_t stamp_us, int64_t arrived_us) {
  before_to_stream_us_ = to_stream_us_;
  const int64_t goes_on =
      began_ ? std::max(last_stream_us_ + kLeastStepUs, arrived_us - first_arrived_us_) : 0;
  to_stream_us_ = goes_on - stamp_us;
  to_arrival_us_ = to_wall_us_ = arrived_us - stamp_us;
  kind_ = ClockKind::kArrival;
}

LiveClock::Time LiveClock::Tell(std::optional<int64_t> stamp_us, int64_t arrived_us,
                                std::optional<int64_t> sender_us) {
  if (!began_) first_arrived_us_ = arrived_us;
  if (!stamp_us && !connected_) return last_ = TellUnstamped(arrived_us);
  const int64_t seen = arrived_us - last_arrived_us_;
  const int64_t stamp = stamp_us.value_or(last_stamp_us_ + std::max<int64_t>(0, seen));
  Time time;
  const int64_t step = stamp - last_stamp_us_;
  time.jumped = connected_ && (step < -kMostBackUs || (step > kMostAheadUs && step - seen > kMostUnseenUs));
  if (!connected_ || time.jumped) {
    Anchor(stamp, arrived_us);
  } else {
    to_arrival_us_ = std::min(to_arrival_us_ + std::max<int64_t>(0, step) / kDrift, arrived_us - stamp);
    if (kind_ == ClockKind::kArrival) to_wall_us_ = to_arrival_us_;
  }
  if (sender_us) {
    const int64_t off = *sender_us - arrived_us;
    if (std::abs(off) < kMostOffUs) {
      kind_ = ClockKind::kSender;
      to_wall_us_ = *sender_us - stamp;
    } else {
      sender_off_us_ = off;
    }
  }
  began_ = connected_ = true;
  last_stamp_us_ = stamp;
  last_arrived_us_ = arrived_us;
  last_stream_us_ = std::max(last_stream_us_, stamp + to_stream_us_);
  time.stream_us = last_stream_us_;
  time.wall_us = stamp + to_wall_us_;
  time.clock = kind_;
  time.late_us = arrived_us - (stamp + to_arrival_us_);
  return last_ = time;
}

// The first packets of a connection may have no stamps: those that follow are no jump.
LiveClock::Time LiveClock::TellUnstamped(int64_t arrived_us) {
  if (began_) last_stream_us_ = std::max(last_stream_us_ + kLeastStepUs, arrived_us - first_arrived_us_);
  began_ = true;
  return {.stream_us = last_stream_us_, .wall_us = arrived_us};
}

LiveClock::Time LiveClock::TellFrame(std::optional<int64_t> stamp_us) {
  if (!stamp_us) {
    last_frame_us_ = std::max(last_frame_us_ + kLeastStepUs, last_.stream_us);
    return {.stream_us = last_frame_us_, .wall_us = last_.wall_us, .clock = last_.clock};
  }
  int64_t stamp = *stamp_us;
  // What the decoder still held when the stamps jumped.
  const auto distance = [&](int64_t to_stream) { return std::abs(stamp + to_stream - last_stream_us_); };
  if (distance(before_to_stream_us_) < distance(to_stream_us_) && distance(to_stream_us_) > kMostBackUs)
    stamp += before_to_stream_us_ - to_stream_us_;
  last_frame_us_ = std::max(last_frame_us_ + kLeastStepUs, stamp + to_stream_us_);
  return {.stream_us = last_frame_us_, .wall_us = stamp + to_wall_us_, .clock = kind_};
}

}  // namespace crossface
