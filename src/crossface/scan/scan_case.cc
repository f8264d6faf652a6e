#include "crossface/scan/scan_case.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <new>
#include <set>
#include <thread>

#include "crossface/scan/kept_answers.h"
#include "crossface/scan/scan_elsewhere.h"
#include "crossface/scan/source_into_gallery.h"
#include "crossface/scan/source_place.h"
#include "crossface/util/mutex.h"

namespace crossface {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kAskAgain = std::chrono::milliseconds(100);
constexpr auto kBetweenReports = std::chrono::milliseconds(500);
constexpr int kRestPerWork = 10;

// One call of ScanCase: rounds of sources, each read on several threads at once.
class CaseScan {
 public:
  CaseScan(Gallery& gallery, const ScanModels& models, const ScanSettings& settings,
           const ScanCallbacksCase& callbacks)
      : gallery_(gallery),
        models_(models),
        settings_(settings),
        callbacks_(callbacks),
        writer_(gallery, &tally_.meter()),
        pool_(settings.threads),
        shared_{.models = models,
                .settings = settings,
                .stop = stop_.get_token(),
                .spool_folder = gallery.directory(),
                .sink = sink_,
                .tally = tally_,
                .found = found_,
                .budget = budget_,
                .interrupt = interrupt_,
                .pool = pool_,
                .control = callbacks.control,
                .pictures_of_tracks = callbacks.seen != nullptr} {}

  Result<ScanSummary> Run(const std::vector<SourceFile>& files) {
    files_ = files;
    next_meanwhile_ = Clock::now() + callbacks_.meanwhile.first;
    // What a file holds besides is known once it was read: it is the next round.
    std::vector<SourceFile> round = files;
    while (!round.empty()) {
      CROSSFACE_RETURN_IF_ERROR(ScanRound(round));
      CROSSFACE_ASSIGN_OR_RETURN(round, NextRound(round));
    }
    // Of films that are complete by now, or were scanned otherwise.
    CROSSFACE_RETURN_IF_ERROR(KeptAnswers::RemoveAll(gallery_.directory()));
    return tally_.Summary();
  }

 private:
  Status ScanRound(const std::vector<SourceFile>& files) {
    todo_.clear();
    next_ = 0;
    CROSSFACE_RETURN_IF_ERROR(Plan(files));
    const bool elsewhere = callbacks_.workers != nullptr;
    const int readers = static_cast<int>(
        std::min<size_t>(todo_.size(), elsewhere ? 1 : static_cast<size_t>(settings_.threads)));
    {
      std::vector<std::jthread> threads;
      threads.reserve(static_cast<size_t>(readers));
      running_ = readers;
      for (int i = 0; i < readers; ++i)
        threads.emplace_back([this, elsewhere] { elsewhere ? ReadElsewhere() : ReadSources(); });
      WatchUntilDone();
    }
    Report();
    return failure_;
  }

  Status Plan(const std::vector<SourceFile>& files) {
    CROSSFACE_ASSIGN_OR_RETURN(ScanPlan plan, PlanScans(gallery_, files, models_, settings_, pool_,
                                                        {.stop = shared_.stop, .looked = callbacks_.looked}));
    if (!plan.dropped.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_.Forget({.sources = plan.dropped}));
    if (!plan.placed.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_.WritePlaces(plan.placed));
    if (!plan.scans.empty() && !models_.unavailable.ok())
      return models_.unavailable.Annotate(plan.scans.front().source.name + " cannot be scanned");
    tally_.Plan(plan, files.size());
    todo_ = std::move(plan.scans);
    return Status();
  }

  // The further parts of the files that were read, and the known ones of those that are as they were. A scan
  // that was stopped may have left some unknown.
  Result<std::vector<SourceFile>> NextRound(const std::vector<SourceFile>& round) {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<SourceRecord> sources, gallery_.ReadSources());
    std::map<std::pair<std::string, std::string>, SourceRecord*> at;  // path and part
    std::map<std::string, std::vector<SourceRecord>> parts_of;        // by content
    for (SourceRecord& source : sources) {
      at[{source.path, source.info.part}] = &source;
      if (!source.info.part.empty()) parts_of[source.sha256].push_back(source);
    }
    std::vector<FoundParts> found_parts = found_.Take();
    std::set<std::string> read;
    for (const FoundParts& found : found_parts) read.insert(found.file.name);
    RealPaths real;
    std::vector<SourceFile> next;
    for (const SourceFile& file : round) {
      const auto found = at.find({real.Of(file.path), file.part});
      if (read.contains(file.name) || found == at.end() || found->second->sha256.empty()) continue;
      SourceRecord& source = *found->second;
      const auto known = KnownParts(file, source, parts_of[source.sha256]);
      if (static_cast<int>(known.size()) + 1 < source.info.parts || source.info.parts == 0) {
        CROSSFACE_RETURN_IF_ERROR(LookForParts(file, source));
      } else {
        next.insert(next.end(), known.begin(), known.end());
      }
    }
    const std::vector<FoundParts> looked_for = found_.Take();
    found_parts.insert(found_parts.end(), looked_for.begin(), looked_for.end());
    // Numbers are given in the order of the names.
    std::sort(found_parts.begin(), found_parts.end(),
              [](const FoundParts& a, const FoundParts& b) { return a.file.name < b.file.name; });
    const auto named = NameParts(found_parts, sources, files_);
    next.insert(next.end(), named.begin(), named.end());
    return next;
  }

  Status LookForParts(const SourceFile& file, SourceRecord& source) {
    std::vector<std::string> parts;
    const auto reader = OpenSource(file.path, {.part = file.part, .stop = shared_.stop}, &parts);
    if (reader.status().code() == StatusCode::kInterrupted) return reader.status();
    // Nobody knows yet, then; the next call looks again.
    if (!reader.ok() && !IsTheFilesFault(reader.status().code())) return Status();
    source.info.parts = 1 + static_cast<int>(parts.size());
    found_.Set(file, std::move(parts));
    return gallery_.WriteSource(source).status();
  }

  bool KeepGoing() const { return !stop_.stop_requested(); }

  // --- on the reading threads ---

  void ReadSources() {
    while (KeepGoing()) {
      const size_t index = next_++;
      if (index >= todo_.size()) break;
      if (const Status status = SourceIntoGallery(shared_, todo_[index]).Run(); !status.ok()) Fail(status);
    }
    End(next_ < todo_.size());
  }

  // On the one that takes what other machines read.
  void ReadElsewhere() {
    Status status;
    try {
      status = ScanElsewhere(shared_, *callbacks_.workers, todo_).Run();
    } catch (const std::bad_alloc&) {
      status = Status(StatusCode::kOutOfResources,
                      "there is not enough memory for what another machine has found");
    } catch (const std::exception& error) {
      status = Status(StatusCode::kInternal, error.what());
    }
    if (!status.ok()) Fail(status);
    End(false);
  }

  void End(bool sources_left) {
    MutexLock lock(mutex_);
    if (!KeepGoing() && failure_.ok() && sources_left) failure_ = Status(StatusCode::kInterrupted, "stopped");
    --running_;
    changed_.notify_all();
  }

  void Fail(const Status& status) {
    MutexLock lock(mutex_);
    if (failure_.ok()) failure_ = status;
    stop_.request_stop();
  }

  // --- on the calling thread ---

  void WatchUntilDone() {
    Clock::time_point reported = Clock::now();
    MutexLock lock(mutex_);
    while (running_ > 0) {
      changed_.wait_for(lock, kAskAgain);
      lock.unlock();
      if (!KeepGoing()) interrupt_.Stop();
      if (callbacks_.control != nullptr && callbacks_.control->threads() > 0)
        pool_.Resize(callbacks_.control->threads());
      if (Clock::now() - reported >= kBetweenReports) {
        Report();
        reported = Clock::now();
      }
      if (callbacks_.meanwhile.work && Clock::now() >= next_meanwhile_ && KeepGoing()) WorkMeanwhile();
      lock.lock();
    }
  }

  void WorkMeanwhile() {
    const Clock::time_point begin = Clock::now();
    const Status status = writer_.Run([this](Gallery& gallery) {
      Status worked = callbacks_.meanwhile.work(gallery);
      return worked.code() == StatusCode::kInterrupted ? Status() : worked;
    });
    if (!status.ok()) Fail(status);
    const Clock::time_point end = Clock::now();
    next_meanwhile_ =
        end + std::max<Clock::duration>(callbacks_.meanwhile.pause, kRestPerWork * (end - begin));
  }

  void Report() {
    ScanProgress progress = tally_.TakeProgress();
    progress.threads = pool_.size();
    if (callbacks_.progress) callbacks_.progress(progress);
    const std::vector<SeenTrack> seen = tally_.TakeSeen();
    if (callbacks_.seen && !seen.empty()) callbacks_.seen(seen);
  }

  Gallery& gallery_;
  const ScanModels& models_;
  const ScanSettings& settings_;
  const ScanCallbacksCase& callbacks_;

  Clock::time_point next_meanwhile_;
  std::vector<SourceFile> files_;  // of the call
  std::vector<PlannedScan> todo_;  // in this round
  std::atomic<size_t> next_{0};
  std::stop_source stop_;  // by whoever called, or by a failure
  const std::stop_callback<std::function<void()>> stopped_by_caller_{callbacks_.stop,
                                                                     [this] { stop_.request_stop(); }};
  RunStop interrupt_;
  ScanTally tally_;
  FoundPartsList found_;

  Mutex mutex_;
  Condition changed_;
  int running_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  Status failure_ CROSSFACE_GUARDED_BY(mutex_);

  ByteBudget budget_{PictureBudgetBytes(settings_.threads)};

  // Joined first, in this order reversed: the pool's tasks never touch the gallery.
  GalleryWriter writer_;
  GallerySink sink_{writer_};
  ThreadPool pool_;
  ScanShared shared_;
};

}  // namespace

Result<ScanSummary> ScanCase(Gallery& gallery, const std::vector<SourceFile>& files, const ScanModels& models,
                             const ScanSettings& settings, const ScanCallbacksCase& callbacks) {
  return CaseScan(gallery, models, settings, callbacks).Run(files);
}

}  // namespace crossface
