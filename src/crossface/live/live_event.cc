#include "crossface/live/live_event.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "crossface/util/time.h"

namespace crossface {

std::string_view StreamStateName(StreamEvent::State state) {
  switch (state) {
    case StreamEvent::State::kConnected:
      return "connected";
    case StreamEvent::State::kLost:
      return "lost";
    case StreamEvent::State::kWaiting:
      return "waiting";
    case StreamEvent::State::kEnded:
      return "ended";
    case StreamEvent::State::kRecorded:
      return "recorded";
    case StreamEvent::State::kNote:
      return "note";
  }
  throw std::logic_error("no such state of a stream");
}

int64_t WallNow() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string WallTime(int64_t us) {
  const std::chrono::system_clock::time_point time{std::chrono::microseconds(us - us % 1'000'000)};
  std::string text = FormatUtc(time);
  text.insert(text.size() - 1, fmt::format(".{:03}", us % 1'000'000 / 1000));
  return text;
}

}  // namespace crossface
