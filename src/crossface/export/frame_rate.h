// Frames and SMPTE 12M time codes for formats of film editing, which count frames where everything else here
// has times. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crossface {

struct FrameRate {
  int num = 25, den = 1;    // frames a second
  bool drop_frame = false;  // its time codes leave numbers out to keep up with the clock

  int nominal() const { return (num + den / 2) / den; }  // frames in a second of time code
  double value() const { return static_cast<double>(num) / den; }
};

// The rate that a container's average means: film's and television's to within a thousandth (23.976, 29.97
// and 59.94 are n·1000/1001), others rounded to whole frames. 25 for an unknown rate. Drop-frame exactly
// for 29.97 and 59.94; 23.976 has no such thing.
FrameRate FrameRateOf(double average);

// The frame that is shown at a time: the one whose start is nearest, halves up.
int64_t FrameAt(int64_t microseconds, const FrameRate& rate);

// "01:00:00:00", "01:00:00;00" when the rate is drop-frame. Hours start again after 23. REQUIRES: frame >= 0.
std::string SmpteTimecode(int64_t frame, const FrameRate& rate);

// The frame number of a time code, of either kind of count as the rate says. Nothing for what is none, or
// names a number that is left out.
std::optional<int64_t> FrameOfTimecode(std::string_view timecode, const FrameRate& rate);

}  // namespace crossface
