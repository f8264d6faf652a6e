// A mutex whose use the compiler checks: members say which mutex guards them, functions which one they need
// held, and clang refuses what does not keep to it (tools/check_locks.sh, which ctest runs). With other
// compilers the words mean nothing. Macros and names follow clang's thread safety analysis
// (https://clang.llvm.org/docs/ThreadSafetyAnalysis.html).
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define CROSSFACE_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define CROSSFACE_THREAD_ATTRIBUTE(x)
#endif

// Of a member: it is read and written with the mutex held.
#define CROSSFACE_GUARDED_BY(mutex) CROSSFACE_THREAD_ATTRIBUTE(guarded_by(mutex))
// Of a function: whoever calls it holds the mutex.
#define CROSSFACE_REQUIRES(mutex) CROSSFACE_THREAD_ATTRIBUTE(requires_capability(mutex))
// Of a function: it takes the mutex itself, so whoever calls it does not hold it.
#define CROSSFACE_EXCLUDES(mutex) CROSSFACE_THREAD_ATTRIBUTE(locks_excluded(mutex))

namespace crossface {

class CROSSFACE_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() CROSSFACE_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() CROSSFACE_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds a mutex until the end of the scope, or for a while not.
class CROSSFACE_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) CROSSFACE_THREAD_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() CROSSFACE_THREAD_ATTRIBUTE(release_capability()) {
    if (held_) mutex_.unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void lock() CROSSFACE_THREAD_ATTRIBUTE(acquire_capability()) {
    mutex_.lock();
    held_ = true;
  }
  void unlock() CROSSFACE_THREAD_ATTRIBUTE(release_capability()) {
    held_ = false;
    mutex_.unlock();
  }

 private:
  Mutex& mutex_;
  bool held_ = true;
};

// Waits on a MutexLock. What is waited for is asked in a loop, in sight of the analysis.
using Condition = std::condition_variable_any;

}  // namespace crossface
