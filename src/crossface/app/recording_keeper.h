// Lets old recordings go while a watch lasts: looks at the begin and every minute, on a thread of its own.
// TakeNews may be called from another thread than the rest.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "crossface/custody/let_go.h"
#include "crossface/live/live_event.h"
#include "crossface/util/mutex.h"

namespace crossface {

class RecordingKeeper {
 public:
  RecordingKeeper(std::filesystem::path case_folder, const KeepLimits& limits);

  void Begin();
  // Waits for a look that is under way; what it let go is whole.
  void End();
  // Once, now. REQUIRES: not begun, or ended.
  void Look(const std::stop_token& stop);

  struct News {
    std::vector<LetGoEvent> events;
    std::vector<std::string> warnings;
  };
  // Since it was last asked.
  News TakeNews();

 private:
  Status LookOnce(const std::stop_token& stop);
  // What was found beyond the limits is there and could not go last time, and the case is the same.
  bool IsAsItWas(const BeyondLimits& beyond, const CaseTide& tide) const;
  void Tell(const LetGoSummary& summary);

  const std::filesystem::path case_folder_;
  const KeepLimits limits_;

  // Of the last look.
  std::optional<CaseTide> tide_;
  std::vector<RecordedSegment> old_;
  bool still_too_many_ = false;
  int failed_in_a_row_ = 0;
  LetGoEvent told_;

  Mutex mutex_;
  Condition ended_;
  News news_ CROSSFACE_GUARDED_BY(mutex_);
  std::jthread thread_;  // joined first
};

}  // namespace crossface
