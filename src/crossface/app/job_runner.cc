#include "crossface/app/job_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/util/background.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

constexpr std::chrono::hours kForLong(1);

std::filesystem::path Normal(const std::filesystem::path& case_folder) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(case_folder, error).lexically_normal();
  return error ? case_folder : absolute;
}

// How it ended, into the job.
void NoteEnd(const Ending& ending, JobState when_stopped, nlohmann::json answer, Job* job) {
  const bool stopped = ending.status.code() == StatusCode::kInterrupted;
  if (stopped && when_stopped == JobState::kQueued) {
    job->state = when_stopped;
    job->started = "";
    return;
  }
  job->state = ending.status.ok() ? JobState::kDone : stopped ? when_stopped : JobState::kFailed;
  job->ended = UtcNow();
  job->exit = ending.code;
  job->answer = std::move(answer);
  if (ending.status.ok() || stopped) return;
  job->error = StatusCodeName(ending.status.code());
  job->message = ending.status.message();
  job->remedy = RemedyName(ending.status.remedy());
}

Status CannotStop(const Job& job) {
  return Status(StatusCode::kInvalidArgument,
                fmt::format("job {} cannot be stopped: it is {}", job.id, JobStateName(job.state)));
}

// Its answer says what was forgotten.
bool HasForgotten(const Job& job, const JobRequest& request) {
  const auto* forget = std::get_if<ForgetRequest>(&request);
  return forget != nullptr && !forget->dry_run && job.state == JobState::kDone;
}

}  // namespace

// Keeps how far the running job is, and tells the listener.
class JobRunner::Follow : public Observer {
 public:
  Follow(JobRunner* runner, const Place& place) : runner_(*runner), place_(place) {}

  void OnScan(const ScanProgress& progress) override {
    Note([&](JobProgress& known) {
      known.work = "scan";
      known.share = progress.bytes > 0
                        ? static_cast<double>(progress.bytes_done) / static_cast<double>(progress.bytes)
                        : 0;
      known.remaining_s = progress.remaining_s;
      known.done = progress.done;
      known.total = progress.sources;
      known.scan = progress;
    });
  }
  void OnWork(const WorkProgress& progress) override {
    Note([&](JobProgress& known) {
      known.work = progress.name;
      known.share = std::max(0.0, progress.share);
      known.remaining_s = progress.remaining_s;
      known.done = progress.done;
      known.total = progress.total;
      known.scan.reset();
    });
  }
  void OnWarning(const std::string& text) override {
    Note([&](JobProgress& known) {
      known.warnings.size() < kMostJobWarnings ? known.warnings.push_back(text) : void(++known.more_warnings);
    });
  }

 private:
  template <typename Change>
  void Note(const Change& change) {
    JobProgress told;
    {
      const MutexLock lock(runner_.mutex_);
      change(runner_.running_->progress);
      told = runner_.running_->progress;
    }
    if (runner_.listener_ != nullptr) runner_.listener_->OnProgress(place_.case_folder, place_.id, told);
  }

  JobRunner& runner_;
  const Place& place_;
};

JobRunner::JobRunner(JobMeans means, Listener* listener, LateExports* exports, std::chrono::milliseconds rest)
    : means_(std::move(means)),
      listener_(listener),
      exports_(exports),
      rest_(rest),
      thread_([this](const std::stop_token& ended) { Work(ended); }) {}

JobRunner::~JobRunner() {
  thread_.request_stop();
  const MutexLock lock(mutex_);
  if (running_) running_->stop.request_stop();
}

Status JobRunner::Adopt(const std::filesystem::path& case_folder) {
  const auto folder = Normal(case_folder);
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Job> waiting, JobStore(folder).Adopt());
  for (const Job& job : waiting) Enqueue({folder, job.id});
  return Status();
}

Result<Job> JobRunner::Add(const std::filesystem::path& case_folder, const JobRequest& request) {
  const auto folder = Normal(case_folder);
  CROSSFACE_ASSIGN_OR_RETURN(Job job, JobStore(folder).Add(ToJson(request)));
  Tell(folder, job);
  Enqueue({folder, job.id});
  return job;
}

Result<Job> JobRunner::AddOnce(const std::filesystem::path& case_folder, const JobRequest& request) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Job> jobs, Jobs(case_folder));
  const auto waiting = std::find_if(jobs.begin(), jobs.end(), [asked = ToJson(request)](const Job& job) {
    return job.state == JobState::kQueued && job.request == asked;
  });
  return waiting != jobs.end() ? *waiting : Add(case_folder, request);
}

Result<Job> JobRunner::Resume(const std::filesystem::path& case_folder, int64_t id) {
  const auto folder = Normal(case_folder);
  CROSSFACE_ASSIGN_OR_RETURN(Job job, JobStore(folder).Resume(id));
  Tell(folder, job);
  Enqueue({folder, id});
  return job;
}

Result<Job> JobRunner::Stop(const std::filesystem::path& case_folder, int64_t id, bool pause) {
  const Place place{Normal(case_folder), id};
  const JobState state = pause ? JobState::kPaused : JobState::kCancelled;
  const JobStore store(place.case_folder);
  MutexLock lock(mutex_);
  if (running_ && running_->place == place) {
    running_->when_stopped = state;
    running_->stop.request_stop();
    lock.unlock();
    return store.Change(id, [&](const Job& job) { return HasEnded(job.state) ? CannotStop(job) : Status(); });
  }
  std::erase(queue_, place);
  lock.unlock();
  auto job = store.Change(id, [&](Job& changed) -> Status {
    if (changed.state == JobState::kRunning)
      return Status(StatusCode::kInvalidArgument, fmt::format("job {} is run by another program", id));
    if (HasEnded(changed.state) || changed.state == state) return CannotStop(changed);
    changed.state = state;
    if (HasEnded(state)) changed.ended = UtcNow();
    return Status();
  });
  if (job.ok()) Tell(place.case_folder, *job);
  return job;
}

Result<std::vector<Job>> JobRunner::Jobs(const std::filesystem::path& case_folder) const {
  return JobStore(Normal(case_folder)).Read();
}

std::optional<JobProgress> JobRunner::Progress(const std::filesystem::path& case_folder, int64_t id) const {
  const Place place{Normal(case_folder), id};
  const MutexLock lock(mutex_);
  if (!running_ || running_->place != place) return std::nullopt;
  return running_->progress;
}

void JobRunner::Enqueue(Place place) {
  const MutexLock lock(mutex_);
  queue_.push_back(std::move(place));
  Changed();
}

void JobRunner::Changed() {
  ++changes_;
  changed_.notify_all();
}

void JobRunner::BetweenScans(const std::filesystem::path& case_folder, const std::function<void()>& work) {
  const auto folder = Normal(case_folder);
  {
    const MutexLock lock(mutex_);
    ++resting_[folder].works;
    while (running_ && running_->place.case_folder == folder && running_->is_scan.value_or(true)) {
      if (running_->is_scan && !running_->stop.stop_requested()) {
        running_->when_stopped = JobState::kQueued;
        running_->stop.request_stop();
      }
      changed_.wait(mutex_);
    }
  }
  // The case never rests for good, whatever becomes of the work.
  struct Leaving {
    ~Leaving() { runner.LeaveToScans(folder); }
    JobRunner& runner;
    const std::filesystem::path& folder;
  };
  const Leaving leaving{*this, folder};
  work();
}

void JobRunner::LeaveToScans(const std::filesystem::path& folder) {
  const MutexLock lock(mutex_);
  Rest& rest = resting_[folder];
  --rest.works;
  rest.until = Clock::now() + rest_;
  Changed();
}

std::optional<JobRunner::Place> JobRunner::TakeNext(Clock::time_point* until) {
  const auto now = Clock::now();
  *until = now + kForLong;
  std::erase_if(resting_,
                [&](const auto& each) { return each.second.works == 0 && each.second.until <= now; });
  for (auto place = queue_.begin(); place != queue_.end(); ++place) {
    const auto rest = resting_.find(place->case_folder);
    if (rest != resting_.end()) {
      if (rest->second.works == 0) *until = std::min(*until, rest->second.until);
      continue;
    }
    Place next = std::move(*place);
    queue_.erase(place);
    return next;
  }
  return std::nullopt;
}

void JobRunner::Tell(const std::filesystem::path& case_folder, const Job& job) const {
  if (listener_ != nullptr) listener_->OnJob(case_folder, job);
}

void JobRunner::Work(const std::stop_token& ended) {
  GiveWayToOthers();
  MutexLock lock(mutex_);
  while (!ended.stop_requested()) {
    Clock::time_point until;
    const auto place = TakeNext(&until);
    if (!place) {
      const int64_t seen = changes_;
      changed_.wait_until(lock, ended, until, [&]() CROSSFACE_REQUIRES(mutex_) { return changes_ != seen; });
      continue;
    }
    running_.emplace(Running{.place = *place});
    lock.unlock();
    RunOne(*place);
    lock.lock();
    running_.reset();
    Changed();
  }
}

void JobRunner::RunOne(const Place& place) {
  const JobStore store(place.case_folder);
  const auto begun = store.Begin(place.id);
  if (!begun.ok()) return;
  Tell(place.case_folder, *begun);
  const auto request = ParseJobRequest(begun->request);
  {
    const MutexLock lock(mutex_);
    running_->is_scan = request.ok() && std::holds_alternative<IdentifyJob>(*request);
    Changed();
  }
  std::optional<LateExports::Way> way;
  if (exports_ != nullptr) {
    exports_->Finish(place.case_folder);
    way.emplace(*exports_, place.case_folder);
  }
  std::stop_token stop;
  {
    const MutexLock lock(mutex_);
    stop = running_->stop.get_token();
    if (thread_.get_stop_token().stop_requested()) running_->stop.request_stop();
  }
  Follow follow(this, place);
  nlohmann::json answer;
  Ending ending;
  try {
    ending = request.ok() ? RunJob(CaseService(place.case_folder), *request, means_,
                                   {.observer = &follow, .stop = stop}, &answer)
                          : Ending{request.status(), kExitFailed};
  } catch (const std::bad_alloc&) {
    ending = {Status(StatusCode::kOutOfResources, "there is not enough memory"), kExitOutOfResources};
  } catch (const std::exception& error) {
    // A broken invariant ends this job, and not the program that others look at their cases with.
    ending = {Status(StatusCode::kInternal, error.what()), kExitFailed};
  }
  JobState when_stopped;
  {
    const MutexLock lock(mutex_);
    when_stopped = running_->when_stopped;
  }
  const auto job = store.Change(place.id, [&](Job& changed) {
    NoteEnd(ending, when_stopped, std::move(answer), &changed);
    return Status();
  });
  // A folder that is gone or full cannot keep it: the listener is told all the same.
  Job told = job.ok() ? *job : *begun;
  if (!job.ok()) NoteEnd({job.status(), kExitFailed}, when_stopped, nullptr, &told);
  if (request.ok() && HasForgotten(told, *request)) {
    if (const Status dropped = store.DropEnded(); !dropped.ok()) follow.OnWarning(dropped.message());
  }
  Tell(place.case_folder, told);
  if (told.state != JobState::kQueued) return;
  const MutexLock lock(mutex_);
  queue_.push_front(place);
}

}  // namespace crossface
