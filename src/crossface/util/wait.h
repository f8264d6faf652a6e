// Waiting that a stop ends. Thread-safe.
#pragma once

#include <chrono>
#include <future>
#include <stop_token>

namespace crossface {

// Waits until the future is ready; false where a stop came first, which is asked for ten times a second.
template <typename T>
bool WaitUnlessStopped(const std::future<T>& future, const std::stop_token& stop) {
  constexpr auto kAskForStop = std::chrono::milliseconds(100);
  while (future.wait_for(kAskForStop) != std::future_status::ready) {
    if (stop.stop_requested()) return false;
  }
  return true;
}

}  // namespace crossface
