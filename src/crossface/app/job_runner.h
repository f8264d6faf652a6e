// Does long work on cases, one piece after the other, on a thread of its own, and keeps what becomes of it in
// the cases (JobStore). For front ends that go on while work is done; whoever waits for it calls the
// CaseService. Thread-safe.
//
// Jobs of all cases share one queue, in the order in which they came: each uses all processors by itself.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "crossface/app/job.h"
#include "crossface/app/job_request.h"
#include "crossface/app/job_store.h"
#include "crossface/app/late_exports.h"
#include "crossface/app/watch.h"
#include "crossface/util/mutex.h"

namespace crossface {

// How far the running job is.
struct JobProgress {
  std::string work;         // as WorkProgress has it, or "scan"
  double share = 0;         // done, 0..1, of this work
  double remaining_s = -1;  // -1 while unknown
  int64_t done = 0, total = 0;
  std::optional<ScanProgress> scan;   // while it scans
  std::vector<std::string> warnings;  // all so far, at most kMostJobWarnings
  int64_t more_warnings = 0;          // beyond these; the case's log has them
};
inline constexpr size_t kMostJobWarnings = 100;

class JobRunner {
 public:
  // Called from the runner's thread and from those that call the runner, without its lock; must not wait for
  // the runner.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnJob(const std::filesystem::path& case_folder, const Job& job) = 0;
    virtual void OnProgress(const std::filesystem::path& case_folder, int64_t job,
                            const JobProgress& progress) = 0;
  };

  // `listener` and `exports` may be null, are not owned and must outlive the runner. A job begins when the
  // folder of its case is up to date; until it ends, `exports` keeps away.
  explicit JobRunner(JobMeans means, Listener* listener = nullptr, LateExports* exports = nullptr,
                     std::chrono::milliseconds rest = std::chrono::seconds(5));
  // Stops the running job, which is paused; what waits is kept for the next runner.
  ~JobRunner();

  // Goes on with what waits in a case since a program ended. Once, when a case is first used.
  Status Adopt(const std::filesystem::path& case_folder);
  // The case must be there. Errors: those of JobStore.
  Result<Job> Add(const std::filesystem::path& case_folder, const JobRequest& request);
  // The same where no job that still waits is to do the very same, else that one.
  Result<Job> AddOnce(const std::filesystem::path& case_folder, const JobRequest& request);
  // Does a job once more that was paused, cut off, cancelled or failed; a scan goes on where it was. Errors:
  // kInvalidArgument for any other, kNotFound.
  Result<Job> Resume(const std::filesystem::path& case_folder, int64_t id);
  // What runs ends within seconds; what it scanned is kept. Errors: kInvalidArgument for one that has ended,
  // or that another program runs; kNotFound.
  Result<Job> Pause(const std::filesystem::path& case_folder, int64_t id) {
    return Stop(case_folder, id, true);
  }
  Result<Job> Cancel(const std::filesystem::path& case_folder, int64_t id) {
    return Stop(case_folder, id, false);
  }

  // Calls `work`, which writes to the case. A scan of this runner that holds the case makes room for it: it
  // ends within seconds, what it scanned is kept, and it goes on by itself once nothing of the kind has come
  // for `rest`. Other jobs are not touched: `work` finds that the case is held. Returns when `work` does.
  void BetweenScans(const std::filesystem::path& case_folder, const std::function<void()>& work);

  // Oldest first.
  Result<std::vector<Job>> Jobs(const std::filesystem::path& case_folder) const;
  // Of the running job; nothing when it is another, or ended.
  std::optional<JobProgress> Progress(const std::filesystem::path& case_folder, int64_t id) const;

 private:
  class Follow;
  struct Place {
    std::filesystem::path case_folder;
    int64_t id = 0;
    bool operator==(const Place&) const = default;
  };
  struct Running {
    Place place;
    std::optional<bool> is_scan;  // once its request was read
    std::stop_source stop;
    JobState when_stopped = JobState::kPaused;
    JobProgress progress;
  };

  using Clock = std::chrono::steady_clock;
  // A case in which no job begins.
  struct Rest {
    int works = 0;
    Clock::time_point until;
  };

  void Work(const std::stop_token& ended);
  void RunOne(const Place& place);
  // Of a case that does not rest; where there is none, `until` when there may be.
  std::optional<Place> TakeNext(Clock::time_point* until) CROSSFACE_REQUIRES(mutex_);
  void LeaveToScans(const std::filesystem::path& folder) CROSSFACE_EXCLUDES(mutex_);
  void Changed() CROSSFACE_REQUIRES(mutex_);
  Result<Job> Stop(const std::filesystem::path& case_folder, int64_t id, bool pause);
  void Enqueue(Place place);
  void Tell(const std::filesystem::path& case_folder, const Job& job) const;

  const JobMeans means_;
  Listener* const listener_;
  LateExports* const exports_;
  const std::chrono::milliseconds rest_;
  mutable Mutex mutex_;
  Condition changed_;
  int64_t changes_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  std::map<std::filesystem::path, Rest> resting_ CROSSFACE_GUARDED_BY(mutex_);
  std::deque<Place> queue_ CROSSFACE_GUARDED_BY(mutex_);
  std::optional<Running> running_ CROSSFACE_GUARDED_BY(mutex_);
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace crossface
