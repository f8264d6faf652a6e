// What front ends on a terminal say alike. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace crossface {

// "3:20 of video and 2 pictures"; empty for nothing.
std::string ScannedAmount(int64_t video_ms, int64_t pictures);
// "12.3x real time", or "8.5 pictures/s" where there is no video; empty while it is not known.
std::string ScanPace(int64_t video_ms, int64_t pictures, double seconds);

}  // namespace crossface
