// The one thread that touches a gallery while sources are read on others. Thread-safe.
#pragma once

#include <atomic>

#include "crossface/gallery/gallery.h"
#include "crossface/scan/scan_meter.h"
#include "crossface/util/thread_pool.h"

namespace crossface {

class GalleryWriter {
 public:
  // `meter` outlives the object; null: nobody measures.
  explicit GalleryWriter(Gallery& gallery, ScanMeter* meter = nullptr) : gallery_(gallery), meter_(meter) {}

  // Runs `work` with the gallery on its thread, waits for it, and gives what it gives: a Status or a Result.
  template <typename Work>
  auto Do(Work work) {
    if (meter_ != nullptr) meter_->Wait(ScanMeter::kWrites, 1);
    return Run([&](Gallery& gallery) {
      if (meter_ != nullptr) meter_->Wait(ScanMeter::kWrites, -1);
      const StageTimer timer(meter_, ScanMeter::kStore);
      return work(gallery);
    });
  }
  // The same for what is no part of the scan.
  template <typename Work>
  auto Run(Work work) {
    auto outcome = thread_.Submit([&] { return work(gallery_); }).get();
    if (!StatusOf(outcome).ok()) failed_ = true;
    return outcome;
  }

  // Whether anything went wrong: nothing that follows can be kept.
  bool failed() const { return failed_; }

 private:
  static const Status& StatusOf(const Status& status) { return status; }
  template <typename T>
  static Status StatusOf(const Result<T>& result) {
    return result.status();
  }

  Gallery& gallery_;
  ScanMeter* const meter_;
  std::atomic<bool> failed_ = false;
  ThreadPool thread_{1};  // joined first
};

}  // namespace crossface
