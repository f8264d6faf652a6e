// The search of one range of a source that was surveyed. Thread-safe: no state.
#pragma once

#include <stop_token>

#include "crossface/scan/scan_task.h"

namespace crossface {

// `task` has a range. The findings: its shots with their tracks, or why what was surveyed is not what is read
// (ScanFindings::otherwise); the status is kInterrupted when it was stopped.
ScanFindings SearchRange(const ScanTask& task, const ScanMeans& means, const std::stop_token& stop);

}  // namespace crossface
