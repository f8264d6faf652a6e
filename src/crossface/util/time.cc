#include "crossface/util/time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>

namespace crossface {
namespace {

std::string WithSeparator(int64_t milliseconds, char separator) {
  const char* sign = milliseconds < 0 ? "-" : "";
  const uint64_t ms =
      milliseconds < 0 ? -static_cast<uint64_t>(milliseconds) : static_cast<uint64_t>(milliseconds);
  return fmt::format("{}{:02}{}{:02}{}{:02}.{:03}", sign, ms / 3600000, separator, ms / 60000 % 60, separator,
                     ms / 1000 % 60, ms % 1000);
}

}  // namespace

int64_t Milliseconds(int64_t microseconds) {
  const int64_t shifted = microseconds + 500;
  return shifted >= 0 ? shifted / 1000 : -((-shifted + 999) / 1000);
}

std::string Timecode(int64_t milliseconds) { return WithSeparator(milliseconds, ':'); }

std::string FileTimecode(int64_t milliseconds) { return WithSeparator(milliseconds, '-'); }

std::string FormatUtc(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string UtcNow() { return FormatUtc(std::chrono::system_clock::now()); }

std::string ShortDuration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace crossface
