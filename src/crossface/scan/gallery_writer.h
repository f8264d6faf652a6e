// The one thread that touches a gallery while sources are read on others. Thread-safe.
#pragma once

#include <atomic>

#include "crossface/gallery/gallery.h"
#include "crossface/util/thread_pool.h"

namespace crossface {

class GalleryWriter {
 public:
  explicit GalleryWriter(Gallery& gallery) : gallery_(gallery) {}

  // Runs `work` with the gallery on its thread, waits for it, and gives what it gives: a Status or a Result.
  template <typename Work>
  auto Do(Work work) {
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
  std::atomic<bool> failed_ = false;
  ThreadPool thread_{1};  // joined first
};

}  // namespace crossface
