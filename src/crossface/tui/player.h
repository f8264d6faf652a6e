// Opens footage in the user's player at a moment. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "crossface/util/mutex.h"

namespace crossface {

class Player {
 public:
  // Closes the players that are open.
  ~Player();

  // The first of mpv, vlc and xdg-open that is there; the last opens at the beginning. Does not wait.
  void Open(const std::string& path, int64_t time_us);
  // What went wrong since the last call; empty for nothing.
  std::string TakeProblem();

 private:
  void Play(const std::stop_token& stop, const std::string& path, int64_t time_us);

  Mutex mutex_;
  std::string problem_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<std::jthread> players_;  // last: they end before what they use
};

}  // namespace crossface
