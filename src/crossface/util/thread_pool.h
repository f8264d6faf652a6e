// Worker threads that run tasks in the order they were submitted. Thread-safe.
//
// Tasks must not wait for other tasks of the same pool. The destructor runs what was submitted and joins the
// threads.
#pragma once

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

#include "crossface/util/mutex.h"

namespace crossface {

class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const;
  // More threads work at once, fewer as soon as what they are at is done. At least one.
  void Resize(int threads);

  // An exception that the task throws comes out of the future's get().
  template <typename Task>
  std::future<std::invoke_result_t<Task>> Submit(Task task) {
    auto packaged = std::make_shared<std::packaged_task<std::invoke_result_t<Task>()>>(std::move(task));
    auto future = packaged->get_future();
    Enqueue([packaged] { (*packaged)(); });
    return future;
  }

 private:
  void Enqueue(std::function<void()> task);
  void Work();

  mutable Mutex mutex_;
  Condition wake_;
  std::deque<std::function<void()>> tasks_ CROSSFACE_GUARDED_BY(mutex_);
  bool stopping_ CROSSFACE_GUARDED_BY(mutex_) = false;
  int wanted_ CROSSFACE_GUARDED_BY(mutex_) = 0, working_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread::id> ended_ CROSSFACE_GUARDED_BY(mutex_);  // of `threads_`
  std::vector<std::jthread> threads_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface
