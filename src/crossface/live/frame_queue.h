// Frames that wait to be looked at, of all streams. Each has room for a few: when it is full, the oldest goes
// and is counted, so that what is looked at is never old. Who looks gets them from the streams in turn, each
// from one thread at a time and in order. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "crossface/media/read/live_clock.h"
#include "crossface/select/frame_selector.h"
#include "crossface/util/mutex.h"

namespace crossface {

using LiveInstant = std::chrono::steady_clock::time_point;

struct LiveFrame {
  // Nothing: no frame has come for a while, or the stream is over.
  std::shared_ptr<const KeptFrame> kept;
  int64_t wall_us = 0;
  ClockKind clock = ClockKind::kArrival;
  LiveInstant arrived;
};

class FrameQueue {
 public:
  explicit FrameQueue(size_t streams, size_t room = 2) : room_(room), streams_(streams) {}
  FrameQueue(const FrameQueue&) = delete;
  FrameQueue& operator=(const FrameQueue&) = delete;

  void Push(size_t stream, LiveFrame frame);

  struct Taken {
    size_t stream = 0;
    LiveFrame frame;
  };
  // Waits; nothing once Close() was called and all is taken. The stream's next frame is given to nobody until
  // Done().
  std::optional<Taken> Take();
  void Done(size_t stream);

  // Nothing more will come.
  void Close();

  int64_t dropped(size_t stream) const;
  // True when none of the stream's frames waits or is looked at.
  bool idle(size_t stream) const;

 private:
  struct Stream {
    std::deque<LiveFrame> waiting;
    bool busy = false;
    int64_t dropped = 0;
  };

  const size_t room_;
  mutable Mutex mutex_;
  Condition changed_;
  std::vector<Stream> streams_ CROSSFACE_GUARDED_BY(mutex_);
  size_t next_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  bool closed_ CROSSFACE_GUARDED_BY(mutex_) = false;
};

}  // namespace crossface
