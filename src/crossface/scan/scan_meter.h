// Where the time of a scan goes, and where work waits: told by all threads of it. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "crossface/scan/scan_summary.h"
#include "crossface/util/processor_time.h"

namespace crossface {

class ScanMeter {
 public:
  // read: bytes and their hashes; decode: frames, and their colours; select: with fingerprints; track: with
  // pictures and measures of faces; embed: with what tells who it is ("signs" among the embedders); store:
  // all that writes.
  enum Stage { kRead, kDecode, kSelect, kDetect, kTrack, kEmbed, kStore, kStages };
  enum Queue { kFrames, kTracks, kWrites, kQueues };

  void Add(Stage stage, int64_t nanoseconds) { spent_.at(stage) += nanoseconds; }
  // What another machine spent.
  void Add(const StageSeconds& cpu) {
    const auto add = [this](Stage stage, double seconds) { Add(stage, static_cast<int64_t>(seconds * 1e9)); };
    add(kRead, cpu.read);
    add(kDecode, cpu.decode);
    add(kSelect, cpu.select);
    add(kDetect, cpu.detect);
    add(kTrack, cpu.track);
    add(kEmbed, cpu.embed);
    add(kStore, cpu.store);
    for (const auto& [look, seconds] : cpu.looks) looks_.Add(look, seconds);
    for (const auto& [model, seconds] : cpu.embedders) embedders_.Add(model, seconds);
  }
  StageSeconds seconds() const {
    const auto of = [this](Stage stage) { return static_cast<double>(spent_.at(stage)) / 1e9; };
    return {.read = of(kRead),
            .decode = of(kDecode),
            .select = of(kSelect),
            .detect = of(kDetect),
            .track = of(kTrack),
            .embed = of(kEmbed),
            .store = of(kStore),
            .looks = looks_.seconds(),
            .embedders = embedders_.seconds()};
  }

  ProcessorTimes& looks() { return looks_; }
  ProcessorTimes& embedders() { return embedders_; }

  void Wait(Queue queue, int64_t by) { waiting_.at(queue) += by; }
  QueueDepths waiting() const { return {waiting_[kFrames], waiting_[kTracks], waiting_[kWrites]}; }

 private:
  std::array<std::atomic<int64_t>, kStages> spent_ = {};
  ProcessorTimes looks_, embedders_;
  std::array<std::atomic<int64_t>, kQueues> waiting_ = {};
};

// What is measured in detail; null where nobody measures.
inline ProcessorTimes* LooksOf(ScanMeter* meter) { return meter == nullptr ? nullptr : &meter->looks(); }
inline ProcessorTimes* EmbeddersOf(ScanMeter* meter) {
  return meter == nullptr ? nullptr : &meter->embedders();
}

// What the calling thread computes while this object lives is the stage's. Objects do not overlap on a
// thread. Null: nobody measures.
class StageTimer {
 public:
  StageTimer(ScanMeter* meter, ScanMeter::Stage stage)
      : meter_(meter), stage_(stage), began_(meter == nullptr ? 0 : ThreadProcessorNanoseconds()) {}
  ~StageTimer() {
    if (meter_ != nullptr) meter_->Add(stage_, ThreadProcessorNanoseconds() - began_);
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  ScanMeter* const meter_;
  const ScanMeter::Stage stage_;
  const int64_t began_;
};

}  // namespace crossface
