#include "crossface/tui/dashboard_observer.h"

#include <utility>

namespace crossface {
namespace {

constexpr size_t kMostHistory = 240, kMostNewest = 40, kMostWarnings = 100, kMostFinished = 50;

void Append(std::deque<int64_t>* totals, int64_t total) {
  totals->push_back(total);
  if (totals->size() > kMostHistory) totals->pop_front();
}

}  // namespace

void DashboardObserver::OnScan(const ScanProgress& progress) {
  MutexLock lock(mutex_);
  facts_.work.reset();
  facts_.scan = progress;
  Append(&facts_.history.frames, progress.counts.decoded);
  Append(&facts_.history.kept, progress.counts.kept);
  Append(&facts_.history.faces, progress.faces);
  Append(&facts_.history.tracks, progress.tracks);
  for (const std::string& line : progress.finished) {
    facts_.finished.push_front(line);
    if (facts_.finished.size() > kMostFinished) facts_.finished.pop_back();
  }
  if (progress.finished.empty()) return;
  Keep([progress](Observer& observer) { observer.OnScan(progress); });
}

void DashboardObserver::OnTracks(const std::vector<SeenTrack>& tracks) {
  MutexLock lock(mutex_);
  for (const SeenTrack& track : tracks) {
    facts_.newest.push_front(std::make_shared<const SeenTrack>(track));
    if (facts_.newest.size() > kMostNewest) facts_.newest.pop_back();
  }
}

void DashboardObserver::OnWork(const WorkProgress& progress) {
  MutexLock lock(mutex_);
  facts_.work = DashboardFacts::Work{.name = std::string(progress.name),
                                     .share = progress.share,
                                     .remaining_s = progress.remaining_s,
                                     .done = progress.done,
                                     .total = progress.total};
}

void DashboardObserver::OnWarning(const std::string& text) {
  MutexLock lock(mutex_);
  facts_.warnings.insert(facts_.warnings.begin(), text);
  if (facts_.warnings.size() > kMostWarnings) {
    facts_.warnings.pop_back();
    ++facts_.more_warnings;
  }
  Keep([text](Observer& observer) { observer.OnWarning(text); });
}

void DashboardObserver::OnPrepared(const PreparedAnswer& answer) {
  MutexLock lock(mutex_);
  Keep([answer](Observer& observer) { observer.OnPrepared(answer); });
}

void DashboardObserver::OnScanned(const ScanAnswer& answer) {
  MutexLock lock(mutex_);
  facts_.scanned = true;
  Keep([answer](Observer& observer) { observer.OnScanned(answer); });
}

void DashboardObserver::OnGrouped(const ClusterSummary& answer) {
  MutexLock lock(mutex_);
  facts_.people = answer.persons;
  Keep([answer](Observer& observer) { observer.OnGrouped(answer); });
}

DashboardFacts DashboardObserver::facts() const {
  MutexLock lock(mutex_);
  return facts_;
}

void DashboardObserver::Keep(std::function<void(Observer&)> telling) {
  tellings_.push_back(std::move(telling));
}

void DashboardObserver::Retell(Observer& observer) {
  std::vector<std::function<void(Observer&)>> tellings;
  {
    MutexLock lock(mutex_);
    tellings.swap(tellings_);
  }
  for (const auto& telling : tellings) telling(observer);
}

}  // namespace crossface
