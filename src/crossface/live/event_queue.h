// What the threads of a watch have to tell, for the one that tells it. A reader that does not take its events
// costs the oldest of them, and nobody waits. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <stop_token>

#include "crossface/live/live_event.h"
#include "crossface/util/mutex.h"

namespace crossface {

class EventQueue {
 public:
  void Push(LiveEvent event) {
    MutexLock lock(mutex_);
    if (events_.size() >= kMost) {
      events_.pop_front();
      ++dropped_;
    }
    events_.push_back(std::move(event));
    there_.notify_all();
  }

  // The next; nothing when there is none until then, or as soon as it is stopped.
  std::optional<LiveEvent> Take(std::chrono::steady_clock::time_point until, const std::stop_token& stop) {
    MutexLock lock(mutex_);
    there_.wait_until(lock, stop, until, [this]() CROSSFACE_REQUIRES(mutex_) { return !events_.empty(); });
    if (events_.empty()) return std::nullopt;
    LiveEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  int64_t dropped() const {
    MutexLock lock(mutex_);
    return dropped_;
  }

 private:
  static constexpr size_t kMost = 10'000;

  mutable Mutex mutex_;
  Condition there_;
  std::deque<LiveEvent> events_ CROSSFACE_GUARDED_BY(mutex_);
  int64_t dropped_ CROSSFACE_GUARDED_BY(mutex_) = 0;
};

}  // namespace crossface
