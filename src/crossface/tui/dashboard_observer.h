// Follows long work for the dashboard: told on the thread that works, asked on the one that draws.
// Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crossface/app/live.h"
#include "crossface/app/watch.h"
#include "crossface/util/mutex.h"

namespace crossface {

// Of a live watch.
struct LiveFacts {
  LiveProgress progress;
  std::vector<std::deque<int64_t>> frames;  // of each stream: totals, one a report
  std::map<int64_t, SeenEvent> present;     // by track: who is on a screen now, without pictures
  std::map<int64_t, int64_t> since_us;      // of the same
  std::deque<LostEvent> gone;               // the last first
};

// A face that was seen lately.
struct NewestFace {
  std::string key;    // tells it apart from others
  std::string label;  // below it
  std::string jpeg;
  bool is_path = false;  // the label's end says more than its begin
};

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
  std::optional<LiveFacts> live;
  std::deque<std::shared_ptr<const NewestFace>> newest;  // the newest first
  std::vector<std::string> warnings;                     // the last first
  int64_t more_warnings = 0;
  std::deque<std::string> finished;  // lines of sources that ended, the last first
};

class DashboardObserver final : public LiveObserver {
 public:
  // `at_once`: told of live events as they come, which are not told again then. Null: nobody.
  explicit DashboardObserver(LiveObserver* at_once = nullptr) : at_once_(at_once) {}

  void OnScan(const ScanProgress& progress) override;
  void OnTracks(const std::vector<SeenTrack>& tracks) override;
  void OnWork(const WorkProgress& progress) override;
  void OnWarning(const std::string& text) override;
  void OnPrepared(const PreparedAnswer& answer) override;
  void OnScanned(const ScanAnswer& answer) override;
  void OnGrouped(const ClusterSummary& answer) override;
  void OnLive(const LiveEvent& event) override;
  void OnLiveProgress(const LiveProgress& progress) override;

  DashboardFacts facts() const;
  // Tells another observer what it would have been told, but for progress. Once, after the work.
  void Retell(Observer& observer);
  // The last live events, but for statistics; and how many came before. Once, after the work.
  void RetellLive(LiveObserver& observer);

 private:
  void Keep(std::function<void(Observer&)> telling) CROSSFACE_REQUIRES(mutex_);
  void Show(const SeenEvent& event) CROSSFACE_REQUIRES(mutex_);
  void Show(const LostEvent& event) CROSSFACE_REQUIRES(mutex_);
  void Show(const StreamEvent& event) CROSSFACE_REQUIRES(mutex_);
  void Show(const StatsEvent& event) CROSSFACE_REQUIRES(mutex_) { (void)event; }
  void Show(const LetGoEvent& event) CROSSFACE_REQUIRES(mutex_);
  void ShowFace(NewestFace face) CROSSFACE_REQUIRES(mutex_);
  void ShowWarning(std::string text) CROSSFACE_REQUIRES(mutex_);

  LiveObserver* const at_once_;
  mutable Mutex mutex_;
  DashboardFacts facts_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<std::function<void(Observer&)>> tellings_ CROSSFACE_GUARDED_BY(mutex_);
  std::deque<LiveEvent> live_events_ CROSSFACE_GUARDED_BY(mutex_);  // the last
  int64_t earlier_events_ CROSSFACE_GUARDED_BY(mutex_) = 0;
};

}  // namespace crossface
