#include "crossface/export/frame_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace crossface {
namespace {

// Drop-frame leaves out the first two (at 60: four) numbers of every minute but each tenth.
struct DropCount {
  int64_t dropped, per_minute, per_ten_minutes;
  explicit DropCount(const FrameRate& rate)
      : dropped(rate.nominal() / 15),
        per_minute(60 * rate.nominal() - dropped),
        per_ten_minutes(600 * rate.nominal() - 9 * dropped) {}
};

}  // namespace

FrameRate FrameRateOf(double average) {
  if (!(average > 0) || !std::isfinite(average)) return {};
  for (const int nominal : {24, 30, 48, 60, 120}) {
    if (std::abs(average - nominal / 1.001) < nominal * 2e-4)
      return {nominal * 1000, 1001, nominal == 30 || nominal == 60};
  }
  return {static_cast<int>(std::clamp(std::lround(average), 1L, 1000L)), 1, false};
}

int64_t FrameAt(int64_t microseconds, const FrameRate& rate) {
  // A hundred days, so that damaged time stamps overflow nothing.
  constexpr int64_t kLongest = 8'640'000'000'000;
  const int64_t twice = 2 * std::clamp(microseconds, -kLongest, kLongest) * rate.num;
  const int64_t unit = int64_t{1'000'000} * rate.den;
  return (twice + unit) / (2 * unit);
}

std::string SmpteTimecode(int64_t frame, const FrameRate& rate) {
  if (rate.drop_frame) {
    const DropCount count(rate);
    const int64_t tens = frame / count.per_ten_minutes, rest = frame % count.per_ten_minutes;
    // The first minute of ten is whole.
    const int64_t minutes = rest < 60 * rate.nominal() ? 0 : (rest - count.dropped) / count.per_minute;
    frame += count.dropped * (9 * tens + minutes);
  }
  const int64_t nominal = rate.nominal(), seconds = frame / nominal;
  return fmt::format("{:02}:{:02}:{:02}{}{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60,
                     rate.drop_frame ? ';' : ':', frame % nominal);
}

std::optional<int64_t> FrameOfTimecode(std::string_view timecode, const FrameRate& rate) {
  int hours = 0, minutes = 0, seconds = 0, frames = 0, used = 0;
  char separator = 0;
  const std::string text(timecode);
  if (std::sscanf(text.c_str(), "%2d:%2d:%2d%c%2d%n", &hours, &minutes, &seconds, &separator, &frames,
                  &used) != 5 ||
      static_cast<size_t>(used) != text.size() || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 ||
      seconds < 0 || seconds > 59 || frames < 0 || frames >= rate.nominal())
    return std::nullopt;
  const int64_t all_minutes = hours * 60 + minutes;
  int64_t number = (all_minutes * 60 + seconds) * rate.nominal() + frames;
  if (rate.drop_frame) {
    const DropCount count(rate);
    if (minutes % 10 != 0 && seconds == 0 && frames < count.dropped) return std::nullopt;
    number -= count.dropped * (all_minutes - all_minutes / 10);
  }
  return number;
}

}  // namespace crossface
