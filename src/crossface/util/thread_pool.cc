#include "crossface/util/thread_pool.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace crossface {

ThreadPool::ThreadPool(int threads) {
  if (threads < 1) throw std::logic_error("a thread pool needs a thread");
  Resize(threads);
}

ThreadPool::~ThreadPool() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

int ThreadPool::size() const {
  MutexLock lock(mutex_);
  return wanted_;
}

void ThreadPool::Resize(int threads) {
  std::vector<std::jthread> ended;  // joined without the mutex
  {
    MutexLock lock(mutex_);
    wanted_ = std::max(threads, 1);
    for (const std::thread::id id : std::exchange(ended_, {})) {
      const auto found = std::find_if(threads_.begin(), threads_.end(),
                                      [id](const std::jthread& thread) { return thread.get_id() == id; });
      ended.push_back(std::move(*found));
      threads_.erase(found);
    }
    for (; working_ < wanted_; ++working_) threads_.emplace_back([this] { Work(); });
  }
  wake_.notify_all();
}

void ThreadPool::Enqueue(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void ThreadPool::Work() {
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && tasks_.empty() && working_ <= wanted_) wake_.wait(lock);
      if (!stopping_ && working_ > wanted_) {
        --working_;
        ended_.push_back(std::this_thread::get_id());
        // It may have been woken for a task that somebody else does now.
        wake_.notify_one();
        return;
      }
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace crossface
