// What somebody who watches a scan asks of it while it is at work. Thread-safe.
#pragma once

#include <atomic>
#include <set>
#include <string>

#include "crossface/util/mutex.h"
#include "crossface/util/public_api.h"

namespace crossface {

class CROSSFACE_API ScanControl {
 public:
  // From the next frame of each source on, the scan stands still until it is no longer paused, or is stopped.
  // It keeps its memory and the case's lock meanwhile.
  void Pause(bool paused) { paused_ = paused; }
  bool paused() const { return paused_; }

  // A source that is being scanned is left as it is at its next frame, by its name. What is known of it is
  // kept, and the next scan goes on with it.
  void Skip(const std::string& source);
  bool IsSkipped(const std::string& source) const;

  // So many threads search and embed from now on; results do not depend on it. 0: as the scan was asked.
  void SetThreads(int threads) { threads_ = threads; }
  int threads() const { return threads_; }

 private:
  std::atomic<bool> paused_ = false;
  std::atomic<int> threads_ = 0;
  mutable Mutex mutex_;
  std::set<std::string> skipped_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface
