// Follows long work for the dashboard: told on the thread that works, asked on the one that draws.
// Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crossface/app/watch.h"
#include "crossface/util/mutex.h"

namespace crossface {

// What there is to draw.
struct DashboardFacts {
  struct Work {
    std::string name;
    double share = 0, remaining_s = -1;
    int64_t done = 0, total = 0;
  };
  struct History {
    std::deque<int64_t> frames, kept, faces, tracks;  // totals, one a report
  };
  std::optional<ScanProgress> scan;
  bool scanned = false;      // it is over
  std::optional<Work> work;  // what else is at work; nothing where that does not tell
  std::optional<int64_t> people;
  History history;
  std::deque<std::shared_ptr<const SeenTrack>> newest;  // the newest first
  std::vector<std::string> warnings;                    // the last first
  int64_t more_warnings = 0;
  std::deque<std::string> finished;  // lines of sources that ended, the last first
};

class DashboardObserver final : public Observer {
 public:
  void OnScan(const ScanProgress& progress) override;
  void OnTracks(const std::vector<SeenTrack>& tracks) override;
  void OnWork(const WorkProgress& progress) override;
  void OnWarning(const std::string& text) override;
  void OnPrepared(const PreparedAnswer& answer) override;
  void OnScanned(const ScanAnswer& answer) override;
  void OnGrouped(const ClusterSummary& answer) override;

  DashboardFacts facts() const;
  // Tells another observer what it would have been told, but for progress. Once, after the work.
  void Retell(Observer& observer);

 private:
  void Keep(std::function<void(Observer&)> telling) CROSSFACE_REQUIRES(mutex_);

  mutable Mutex mutex_;
  DashboardFacts facts_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<std::function<void(Observer&)>> tellings_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface
