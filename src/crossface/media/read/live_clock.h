// The times of a live stream. Time stamps of streams begin anywhere, start anew when a camera does, wrap and
// jump; what is made of them here never goes back. Beside it the wall-clock time: the sender's where it
// states one (RTCP sender reports), else that of arrival, without the jitter of the network. Pure; not
// thread-safe. All numbers are microseconds, those of clocks since 1970 UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace crossface {

enum class ClockKind { kArrival, kSender };
std::string_view ClockKindName(ClockKind kind);  // "arrival", "sender"

class LiveClock {
 public:
  struct Time {
    int64_t stream_us = 0;  // since the clock's first packet
    int64_t wall_us = 0;
    ClockKind clock = ClockKind::kArrival;
    int64_t late_us = 0;  // after the least delay with which a packet has come
    bool jumped = false;  // time stamps do not go on where the last ones were
  };

  // The next packet of the picture stream, in the order of arrival. `stamp_us`: when it is to be decoded,
  // where stated. A sender's clock that is an hour off is not believed.
  Time Tell(std::optional<int64_t> stamp_us, int64_t arrived_us, std::optional<int64_t> sender_us);

  // A decoded picture, in the order of presentation. Later than all before it.
  Time TellFrame(std::optional<int64_t> stamp_us);

  // The next packet comes of another connection: whatever its stamp says, time goes on as the clock on the
  // wall did.
  void Reconnect() { connected_ = false; }

  // What a sender's clock that is not believed was off by; 0: there was none.
  int64_t sender_off_us() const { return sender_off_us_; }

 private:
  void Anchor(int64_t stamp_us, int64_t arrived_us);
  Time TellUnstamped(int64_t arrived_us);

  bool began_ = false, connected_ = false;
  int64_t last_stamp_us_ = 0, last_arrived_us_ = 0, last_stream_us_ = 0, last_frame_us_ = -1;
  int64_t first_arrived_us_ = 0;
  int64_t to_stream_us_ = 0, before_to_stream_us_ = 0;  // stamp -> stream time, now and before the last jump
  int64_t to_arrival_us_ = 0, to_wall_us_ = 0;          // stamp -> wall
  ClockKind kind_ = ClockKind::kArrival;
  int64_t sender_off_us_ = 0;
  Time last_;  // of a packet
};

}  // namespace crossface
