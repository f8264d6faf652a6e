// Scans every source of a case that is new, changed or unfinished, several at a time, and writes what is
// found to the gallery from one thread. Stopped or killed at any time, the next call goes on at the last
// finished shot.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/media/file/source.h"
#include "crossface/scan/scan_control.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/scan/scan_summary.h"
#include "crossface/scan/scan_workers.h"

namespace crossface {

struct ScanCallbacksCase {
  std::function<void(const ScanProgress&)> progress;  // about twice a second, from the writing thread
  std::function<void(double)> looked;                 // see PlanCallbacks
  std::stop_token stop;
  // The newest tracks since the last call, beside `progress`. Empty: nobody looks, and no picture is read.
  std::function<void(const std::vector<SeenTrack>&)> seen = {};
  ScanControl* control = nullptr;  // not owned; null: nobody pauses
  ScanWorkers* workers = nullptr;  // not owned; other machines that scan. Null: this one does

  // What is done now and then with what is stored so far, while nobody else writes: for whoever shows it. An
  // error ends the scan, but for kInterrupted.
  struct Meanwhile {
    std::function<Status(Gallery&)> work;
    std::chrono::milliseconds first{20'000};  // after the begin of the scan
    std::chrono::milliseconds pause{40'000};  // at least; never less than ten times what the last one took
  };
  Meanwhile meanwhile = {};
};

// A bad source is recorded and the scan goes on. A source that has results keeps them until those of another
// scan are complete, and then has these: whenever it ends, it has the one or the other. Errors end the scan:
// kInterrupted, kOutOfResources (disk full), ScanModels::unavailable when there is something to scan, gallery
// errors.
Result<ScanSummary> ScanCase(Gallery& gallery, const std::vector<SourceFile>& files, const ScanModels& models,
                             const ScanSettings& settings, const ScanCallbacksCase& callbacks);

}  // namespace crossface
