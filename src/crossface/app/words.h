// What front ends on a terminal say alike. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "crossface/live/live_event.h"
#include "crossface/scan/scan_summary.h"

namespace crossface {

// "3:20 of video and 2 pictures"; empty for nothing.
std::string ScannedAmount(int64_t video_ms, int64_t pictures);
// "12.3x real time", or "8.5 pictures/s" where there is no video; empty while it is not known.
std::string ScanPace(int64_t video_ms, int64_t pictures, double seconds);

// "4 workers on 2 nodes, 12 tasks done, 8 under way, 30 waiting, 1 repeated"; empty where no others scan.
std::string WorkersText(const ScanProgress& progress);

// "let 3 recordings go, 120.5 MB; kept: 2 that show people with names, 1 not identified yet".
std::string LetGoNews(const LetGoEvent& event);

}  // namespace crossface
