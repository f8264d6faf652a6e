// Keeps one live stream open: connects, records, decodes, chooses the frames worth a look and hands these on;
// when the stream breaks off, it is opened again, after a pause that grows. What becomes of it is told once
// for each change, not each time that it is tried.
//
// Run() belongs to one thread; counts() may be asked from others. What it is given outlives it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/live/live_event.h"
#include "crossface/live/recorder.h"
#include "crossface/media/read/live_clock.h"
#include "crossface/media/read/live_decoder.h"
#include "crossface/media/read/live_input.h"
#include "crossface/select/frame_selector.h"
#include "crossface/util/mutex.h"
#include "crossface/util/status.h"

namespace crossface {

struct StreamReaderOptions {
  // Before the stream is opened again: doubled each time up to the longest, and up to half as much again by
  // chance, so that a server that comes back is not asked by everybody at once. What will hardly change by
  // itself (a wrong password, no such stream) is tried at the longest pause only.
  std::chrono::milliseconds first_pause{1'000}, longest_pause{60'000};
  // Behind the clock on the wall by so much, only key frames are decoded until it has caught up.
  int64_t most_behind_us = 2'000'000;
  // The clock on the wall, microseconds since 1970 UTC: somebody may set it while a stream is read.
  std::function<int64_t()> wall_now = WallNow;
};

class StreamReader {
 public:
  using Opener = std::function<Result<std::unique_ptr<LiveInput>>(std::stop_token)>;
  struct ChosenFrame {
    KeptFrame kept;
    int64_t wall_us = 0;
    ClockKind clock = ClockKind::kArrival;
    std::chrono::steady_clock::time_point arrived;
  };

  // `recorder`: null to keep nothing. `tell`: what becomes of the stream, without its name. `frame` gets the
  // frames worth a look.
  StreamReader(const LiveAddress& address, Opener open, Recorder* recorder,
               std::function<void(StreamEvent)> tell, std::function<void(ChosenFrame)> frame,
               const StreamReaderOptions& options = {});

  // Until it is stopped, or the stream ends that does so by itself. Errors: kCorrupt, kNoVideo and the like
  // of a stream that ends and could not be opened.
  Status Run(const std::stop_token& stop);

  struct Counts {
    int64_t packets = 0, frames = 0, skipped = 0, connections = 0, recorded_bytes = 0;
  };
  Counts counts() const;
  bool connected() const { return connected_; }

 private:
  Status ReadAll(LiveInput& input, const std::stop_token& stop);
  Status Decode(LiveDecoder& decoder, const AVPacket& packet, const LiveClock::Time& time);
  Status Select(const LiveDecoder::Picture& picture);
  void HandOn(const std::vector<KeptFrame>& frames);
  void BeginShot();
  void Tell(StreamEvent::State state, std::string message);
  void TellConnected(const LiveDecoder& decoder);
  bool Pause(const Status& why, const std::stop_token& stop);

  const LiveAddress address_;
  const Opener open_;
  Recorder* const recorder_;
  const std::function<void(StreamEvent)> tell_;
  const std::function<void(ChosenFrame)> frame_;
  const StreamReaderOptions options_;

  LiveClock::Time TellClock(std::optional<int64_t> stamp_us, std::optional<int64_t> sender_us);
  LiveClock::Time ByTheWall(LiveClock::Time time) const;

  // Told the wall clock as it would be if nobody had set it: else a clock that is put right would make
  // everything late, or last the hour that was skipped.
  LiveClock clock_;
  // By how much the wall clock was set since the first packet, now and when the sender last told its time.
  std::optional<int64_t> steady_begin_us_;
  int64_t wall_set_us_ = 0, wall_set_at_sender_us_ = 0;
  LiveClock::Time time_;  // of the picture stream's last packet
  std::unique_ptr<FrameSelector> selector_;
  struct Shown {
    int64_t time_us = 0, wall_us = 0;
    std::chrono::steady_clock::time_point arrived;
  };
  std::vector<Shown> shown_;  // the last frames, for those that turn out later to be chosen
  std::chrono::steady_clock::time_point arrived_;  // of the last packet
  int64_t next_frame_ = 0, next_shot_ = 0;
  bool told_connected_ = false, clock_doubt_told_ = false, behind_ = false;
  std::string told_waiting_;  // what it was last said to wait for
  std::chrono::milliseconds pause_;
  std::minstd_rand chance_;
  Mutex mutex_;
  Condition stopped_;

  std::atomic<int64_t> packets_ = 0, frames_ = 0, skipped_ = 0, connections_ = 0, recorded_bytes_ = 0;
  std::atomic<bool> connected_ = false;
};

}  // namespace crossface
