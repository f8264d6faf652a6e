// How an export is followed and stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "crossface/util/status.h"

namespace crossface {

struct ExportWatch {
  std::function<void(int64_t done, int64_t total)> progress;  // in files; from the thread that exports
  std::stop_token stop;                                       // gives kInterrupted, at the next file

  Status Tell(int64_t done, int64_t total) const {
    if (progress) progress(done, total);
    return stop.stop_requested() ? Status(StatusCode::kInterrupted, "stopped") : Status();
  }
};

}  // namespace crossface
