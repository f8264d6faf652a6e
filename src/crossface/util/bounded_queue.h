// A queue of limited length between threads: Push waits while it is full, Pop while it is empty. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace crossface {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // False, and the item dropped, once the queue is closed.
  bool Push(T item) {
    std::unique_lock lock(mutex_);
    space_.wait(lock, [this] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    filled_.notify_one();
    return true;
  }

  // Nothing once the queue is closed and drained.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    space_.notify_one();
    return item;
  }

  // No more pushes; what is inside can still be popped.
  void Close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    space_.notify_all();
    filled_.notify_all();
  }

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable space_, filled_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace crossface
