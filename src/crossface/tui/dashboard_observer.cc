#include "crossface/tui/dashboard_observer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crossface/app/words.h"
#include "crossface/tui/style.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

constexpr size_t kMostHistory = 240, kMostNewest = 40, kMostWarnings = 100, kMostFinished = 50,
                 kMostGone = 50, kMostEvents = 500;

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
  for (const SeenTrack& track : tracks)
    ShowFace(
        {fmt::format("{}:{}:{}", track.source, track.number, track.time_us), track.source, track.jpeg, true});
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
  ShowWarning(text);
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

void DashboardObserver::OnLiveProgress(const LiveProgress& progress) {
  MutexLock lock(mutex_);
  if (!facts_.live) facts_.live.emplace();
  facts_.live->progress = progress;
  facts_.live->frames.resize(progress.streams.size());
  for (size_t i = 0; i < progress.streams.size(); ++i)
    Append(&facts_.live->frames[i], progress.streams[i].frames);
}

void DashboardObserver::OnLive(const LiveEvent& event) {
  if (at_once_ != nullptr) at_once_->OnLive(event);
  MutexLock lock(mutex_);
  if (!facts_.live) facts_.live.emplace();
  std::visit([this](const auto& one) CROSSFACE_REQUIRES(mutex_) { Show(one); }, event);
  if (at_once_ != nullptr || std::holds_alternative<StatsEvent>(event)) return;
  live_events_.push_back(event);
  if (auto* const seen = std::get_if<SeenEvent>(&live_events_.back())) seen->picture.reset();
  if (live_events_.size() <= kMostEvents) return;
  live_events_.pop_front();
  ++earlier_events_;
}

void DashboardObserver::Show(const SeenEvent& event) {
  LiveFacts& live = *facts_.live;
  live.since_us.emplace(event.track, event.time_us);
  SeenEvent& shown = live.present[event.track] = event;
  shown.picture.reset();
  if (event.picture == nullptr) return;
  // The same face under another name, or in the track that goes on, is not a newer one.
  const std::string key = fmt::format("live:{}", event.track);
  std::erase_if(facts_.newest, [&](const auto& face) { return face->key.starts_with(key + ":"); });
  ShowFace({fmt::format("{}:{}", key, event.time_us), event.person.name.empty() ? "?" : event.person.name,
            *event.picture, false});
}

void DashboardObserver::Show(const LostEvent& event) {
  LiveFacts& live = *facts_.live;
  live.present.erase(event.track);
  live.since_us.erase(event.track);
  if (event.goes_on) return;
  live.gone.push_front(event);
  if (live.gone.size() > kMostGone) live.gone.pop_back();
}

void DashboardObserver::Show(const StreamEvent& event) {
  const auto state = event.state;
  if (state == StreamEvent::State::kLost || state == StreamEvent::State::kWaiting ||
      state == StreamEvent::State::kNote)
    ShowWarning(fmt::format("{} {}: {}", ClockTime(event.time_us), event.stream, event.message));
}

void DashboardObserver::Show(const LetGoEvent& event) {
  facts_.finished.push_front(fmt::format("{} {}", ClockTime(event.time_us), LetGoNews(event)));
  if (facts_.finished.size() > kMostFinished) facts_.finished.pop_back();
}

void DashboardObserver::ShowFace(NewestFace face) {
  facts_.newest.push_front(std::make_shared<const NewestFace>(std::move(face)));
  if (facts_.newest.size() > kMostNewest) facts_.newest.pop_back();
}

void DashboardObserver::ShowWarning(std::string text) {
  facts_.warnings.insert(facts_.warnings.begin(), std::move(text));
  if (facts_.warnings.size() <= kMostWarnings) return;
  facts_.warnings.pop_back();
  ++facts_.more_warnings;
}

DashboardFacts DashboardObserver::facts() const {
  MutexLock lock(mutex_);
  return facts_;
}

void DashboardObserver::Keep(std::function<void(Observer&)> telling) {
  tellings_.push_back(std::move(telling));
}

void DashboardObserver::RetellLive(LiveObserver& observer) {
  std::deque<LiveEvent> events;
  int64_t earlier = 0;
  {
    MutexLock lock(mutex_);
    events.swap(live_events_);
    earlier = std::exchange(earlier_events_, 0);
  }
  if (earlier > 0)
    observer.OnWarning(fmt::format("{} came before these: > FILE keeps all", Counted(earlier, "event")));
  for (const LiveEvent& event : events) observer.OnLive(event);
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
