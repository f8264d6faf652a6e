// Seconds of processor time, and who spent them.
#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <string>
#include <utility>

#include "crossface/util/mutex.h"

namespace crossface {

inline int64_t ProcessorNanoseconds(clockid_t of) {
  timespec now{};
  ::clock_gettime(of, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}
inline int64_t ThreadProcessorNanoseconds() { return ProcessorNanoseconds(CLOCK_THREAD_CPUTIME_ID); }

// What the whole program has spent, all threads together.
inline double ProgramProcessorSeconds() {
  return static_cast<double>(ProcessorNanoseconds(CLOCK_PROCESS_CPUTIME_ID)) / 1e9;
}

// Sums by name, told by all threads. Thread-safe.
class ProcessorTimes {
 public:
  void Add(const std::string& name, double seconds) {
    MutexLock lock(mutex_);
    seconds_[name] += seconds;
  }
  std::map<std::string, double> seconds() const {
    MutexLock lock(mutex_);
    return seconds_;
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, double> seconds_ CROSSFACE_GUARDED_BY(mutex_);
};

// What the calling thread computes while this object lives is added under the name. Null: nobody measures.
class ProcessorTimer {
 public:
  ProcessorTimer(ProcessorTimes* times, std::string name)
      : times_(times), name_(std::move(name)), began_(times == nullptr ? 0 : ThreadProcessorNanoseconds()) {}
  ~ProcessorTimer() {
    if (times_ != nullptr)
      times_->Add(name_, static_cast<double>(ThreadProcessorNanoseconds() - began_) / 1e9);
  }
  ProcessorTimer(const ProcessorTimer&) = delete;
  ProcessorTimer& operator=(const ProcessorTimer&) = delete;

 private:
  ProcessorTimes* const times_;
  const std::string name_;
  const int64_t began_;
};

}  // namespace crossface
