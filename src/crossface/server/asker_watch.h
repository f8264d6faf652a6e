// Stops the work for an answer once whoever asked has hung up, and all of it when the server ends.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <thread>

#include "crossface/util/mutex.h"

namespace crossface {

class AskerWatch {
 public:
  AskerWatch();
  ~AskerWatch();  // no Work may be left
  AskerWatch(const AskerWatch&) = delete;
  AskerWatch& operator=(const AskerWatch&) = delete;

  // Whose work begins from now on is stopped at once, as is what is under way.
  void StopAll();

  // One answer's work, for as long as it lives.
  class Work {
   public:
    // `gone`: whether whoever asked has hung up. It is called on a thread of the watch several times a
    // second, never after this object is gone.
    Work(AskerWatch& watch, std::function<bool()> gone);
    ~Work();
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    std::stop_token stop() const { return stop_.get_token(); }

   private:
    friend class AskerWatch;
    AskerWatch& watch_;
    const std::function<bool()> gone_;
    std::stop_source stop_;
    int64_t number_ = 0;
  };

 private:
  void Look(const std::stop_token& end);

  Mutex mutex_;
  Condition changed_;
  std::map<int64_t, Work*> works_ CROSSFACE_GUARDED_BY(mutex_);
  int64_t next_number_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  bool stopped_ CROSSFACE_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace crossface
