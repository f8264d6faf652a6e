#include "crossface/app/recording_keeper.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "crossface/app/case_run.h"
#include "crossface/app/source_media.h"

namespace crossface {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kBetweenLooks = std::chrono::minutes(1);
// Another program that writes to the case is done sooner or later: it is told when it takes long.
constexpr int kFailuresToTell = 5;

}  // namespace

RecordingKeeper::RecordingKeeper(std::filesystem::path case_folder, const KeepLimits& limits)
    : case_folder_(std::move(case_folder)), limits_(limits) {}

void RecordingKeeper::Begin() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Look(stop);
      MutexLock lock(mutex_);
      ended_.wait_until(lock, stop, SteadyClock::now() + kBetweenLooks, [] { return false; });
    }
  });
}

void RecordingKeeper::End() { thread_ = std::jthread(); }

void RecordingKeeper::Look(const std::stop_token& stop) {
  const Status looked = LookOnce(stop);
  if (looked.ok() || looked.code() == StatusCode::kInterrupted) {
    failed_in_a_row_ = 0;
  } else if (++failed_in_a_row_ == kFailuresToTell) {
    MutexLock lock(mutex_);
    news_.warnings.push_back("old recordings could not be let go: " + looked.message());
  }
}

bool RecordingKeeper::IsAsItWas(const BeyondLimits& beyond, const CaseTide& tide) const {
  return tide_ == tide && beyond.old == old_ && (beyond.too_many_bytes == 0 || still_too_many_);
}

Status RecordingKeeper::LookOnce(const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(case_folder_));
  CROSSFACE_ASSIGN_OR_RETURN(const BeyondLimits before, FindBeyondLimits(folder, limits_, WallNow()));
  if (!before.any()) return Status();
  CaseTide tide;
  {
    CROSSFACE_ASSIGN_OR_RETURN(const auto gallery, Gallery::Open(case_folder_, Gallery::Mode::kRead));
    CROSSFACE_ASSIGN_OR_RETURN(tide, gallery->ReadTide());
  }
  if (IsAsItWas(before, tide)) return Status();
  CaseRun run(case_folder_, {});
  CROSSFACE_RETURN_IF_ERROR(run.Open("live --keep"));
  LetGoOptions options{.limits = limits_, .now_us = WallNow(), .stop = stop};
  options.going = [this](const SourceRecord& source) { return RemoveProxy(case_folder_, source); };
  const auto let_go = LetRecordingsGo(run.gallery(), *run.log(), options);
  Status status = let_go.status();
  if (let_go.ok())
    status = run.Log("let go", {{"segments", let_go->segments},
                                {"bytes", let_go->bytes},
                                {"kept_for_people", let_go->kept_for_people},
                                {"kept_unidentified", let_go->kept_unidentified},
                                {"kept_other", let_go->kept_other}});
  CROSSFACE_RETURN_IF_ERROR(run.End(status).status);
  Tell(*let_go);
  CROSSFACE_ASSIGN_OR_RETURN(BeyondLimits after, FindBeyondLimits(folder, limits_, options.now_us));
  tide_ = tide;
  old_ = std::move(after.old);
  still_too_many_ = after.too_many_bytes > 0;
  return Status();
}

// That as many are kept as before is no news.
void RecordingKeeper::Tell(const LetGoSummary& summary) {
  LetGoEvent event{.time_us = WallNow(),
                   .segments = summary.segments,
                   .bytes = summary.bytes,
                   .kept_for_people = summary.kept_for_people,
                   .kept_unidentified = summary.kept_unidentified,
                   .kept_other = summary.kept_other};
  const bool same = event.kept_for_people == told_.kept_for_people &&
                    event.kept_unidentified == told_.kept_unidentified &&
                    event.kept_other == told_.kept_other;
  if (event.segments == 0 && same) return;
  told_ = event;
  MutexLock lock(mutex_);
  news_.events.push_back(event);
}

RecordingKeeper::News RecordingKeeper::TakeNews() {
  MutexLock lock(mutex_);
  return std::exchange(news_, {});
}

}  // namespace crossface
