// Times as people and files write them. Pure functions except UtcNow; thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "crossface/util/public_api.h"

namespace crossface {

// Whole milliseconds, halves rounded up.
CROSSFACE_API int64_t Milliseconds(int64_t microseconds);

// "01:02:03.456" from milliseconds; hours grow past two digits; negative times get a minus in front.
CROSSFACE_API std::string Timecode(int64_t milliseconds);

// The same with characters that every file system takes: "01-02-03.456".
CROSSFACE_API std::string FileTimecode(int64_t milliseconds);

// "2026-11-23T10:20:30Z".
CROSSFACE_API std::string FormatUtc(std::chrono::system_clock::time_point time);
CROSSFACE_API std::string UtcNow();

// "1:02:03" or "12:03" or "45 s" for progress lines.
CROSSFACE_API std::string ShortDuration(double seconds);

}  // namespace crossface
