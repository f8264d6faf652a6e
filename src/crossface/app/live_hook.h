// Runs a program of the user's for events, one at a time, on a thread of its own. While it is busy a few
// events wait; more are dropped and told. Thread-safe.
#pragma once

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "crossface/util/mutex.h"

namespace crossface {

class LiveHook {
 public:
  // `command`: program and arguments; empty: nothing is ever run.
  explicit LiveHook(std::vector<std::string> command);

  void Run(std::vector<std::string> further);
  // What went wrong since it was last asked, each once.
  std::vector<std::string> TakeProblems();

 private:
  void Work(const std::stop_token& stop);
  void Complain(std::string problem) CROSSFACE_REQUIRES(mutex_);

  const std::vector<std::string> command_;
  Mutex mutex_;
  Condition there_;
  std::deque<std::vector<std::string>> waiting_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<std::string> problems_ CROSSFACE_GUARDED_BY(mutex_);
  std::string last_problem_ CROSSFACE_GUARDED_BY(mutex_);
  std::jthread thread_;  // joined first
};

}  // namespace crossface
