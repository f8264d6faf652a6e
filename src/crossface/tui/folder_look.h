// What lies in a folder of footage, looked at on a thread of its own. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

#include "crossface/util/mutex.h"

namespace crossface {

class FolderLook {
 public:
  explicit FolderLook(const std::filesystem::path& folder);

  // "12 videos, 3:20:11, and 40 pictures ..." as far as it has come.
  std::string Told() const;

 private:
  void Look(const std::stop_token& stop, const std::filesystem::path& folder);

  mutable Mutex mutex_;
  int64_t videos_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  int64_t pictures_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  int64_t unreadable_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  int64_t video_ms_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  bool done_ CROSSFACE_GUARDED_BY(mutex_) = false;
  std::string problem_ CROSSFACE_GUARDED_BY(mutex_);
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace crossface
