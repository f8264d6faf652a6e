#include "crossface/live/frame_queue.h"

#include <utility>

namespace crossface {

void FrameQueue::Push(size_t stream, LiveFrame frame) {
  MutexLock lock(mutex_);
  Stream& to = streams_.at(stream);
  if (to.waiting.size() >= room_) {
    to.dropped += to.waiting.front().kept ? 1 : 0;
    to.waiting.pop_front();
  }
  to.waiting.push_back(std::move(frame));
  changed_.notify_all();
}

std::optional<FrameQueue::Taken> FrameQueue::Take() {
  MutexLock lock(mutex_);
  while (true) {
    bool waiting = false;
    for (size_t i = 0; i < streams_.size(); ++i) {
      const size_t stream = (next_ + i) % streams_.size();
      Stream& from = streams_[stream];
      waiting |= !from.waiting.empty();
      if (from.busy || from.waiting.empty()) continue;
      from.busy = true;
      next_ = stream + 1;
      Taken taken{stream, std::move(from.waiting.front())};
      from.waiting.pop_front();
      return taken;
    }
    if (closed_ && !waiting) return std::nullopt;
    changed_.wait(lock);
  }
}

void FrameQueue::Done(size_t stream) {
  MutexLock lock(mutex_);
  streams_.at(stream).busy = false;
  changed_.notify_all();
}

void FrameQueue::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

int64_t FrameQueue::dropped(size_t stream) const {
  MutexLock lock(mutex_);
  return streams_.at(stream).dropped;
}

bool FrameQueue::idle(size_t stream) const {
  MutexLock lock(mutex_);
  return streams_.at(stream).waiting.empty() && !streams_.at(stream).busy;
}

}  // namespace crossface
