#include "crossface/app/job_store.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "crossface/util/directory.h"
#include "crossface/util/nesting.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

constexpr char kFile[] = "jobs.json", kLock[] = "jobs.lock";
// Old jobs are in the log of runs; the list is for looking at what happened lately.
constexpr size_t kMostEnded = 50;

constexpr std::string_view kStates[] = {"queued", "running",   "paused", "done",
                                        "failed", "cancelled", "cut off"};

std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// When a process began, in ticks since the start of the system; empty when there is none.
std::string BeginOf(const std::string& process) {
  const std::string line = FirstLine(fmt::format("/proc/{}/stat", process).c_str());
  // The program's name stands in brackets and may hold anything.
  const size_t after_name = line.rfind(')');
  if (after_name == std::string::npos) return "";
  std::istringstream fields(line.substr(after_name + 1));
  std::string field;
  constexpr int kBegin = 20;  // proc(5): field 22, two of which are before
  for (int i = 0; i < kBegin; ++i) fields >> field;
  return field;
}

// Names a process for good: numbers of processes are used again, and again from 1 after a restart.
std::string NameOf(const std::string& process) {
  return fmt::format("{}:{}:{}", process, BeginOf(process), FirstLine("/proc/sys/kernel/random/boot_id"));
}

bool IsAlive(const std::string& owner) {
  const std::string process = owner.substr(0, owner.find(':'));
  const bool number = !process.empty() && process.find_first_not_of("0123456789") == std::string::npos;
  return number && NameOf(process) == owner && !BeginOf(process).empty();
}

std::string ThisProcess() { return NameOf(std::to_string(::getpid())); }

bool IsOfNobody(const Job& job) { return !IsAlive(job.owner); }

void CutOff(Job* job) {
  job->state = JobState::kCutOff;
  job->message = "the program ended before the job did";
}

void BeginAnew(JobState state, Job* job) {
  job->state = state;
  job->started = job->ended = job->error = job->message = job->remedy = "";
  job->answer = nullptr;
  job->exit = 0;
}

std::string TextOf(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<Job> JobOf(const Json& json) {
  if (!json.is_object() || !json.contains("id") || !json["id"].is_number_integer()) return std::nullopt;
  const auto state = ParseJobState(TextOf(json, "state"));
  if (!state || !json.contains("request")) return std::nullopt;
  Job job{.id = json["id"].get<int64_t>(),
          .state = *state,
          .request = json["request"],
          .queued = TextOf(json, "queued"),
          .started = TextOf(json, "started"),
          .ended = TextOf(json, "ended"),
          .error = TextOf(json, "error"),
          .message = TextOf(json, "message"),
          .remedy = TextOf(json, "remedy"),
          .owner = TextOf(json, "owner")};
  if (json.contains("exit") && json["exit"].is_number_integer()) job.exit = json["exit"].get<int>();
  if (json.contains("answer")) job.answer = json["answer"];
  return job;
}

}  // namespace

std::string_view JobStateName(JobState state) { return kStates[static_cast<size_t>(state)]; }

std::optional<JobState> ParseJobState(std::string_view name) {
  const auto* found = std::find(std::begin(kStates), std::end(kStates), name);
  if (found == std::end(kStates)) return std::nullopt;
  return static_cast<JobState>(found - std::begin(kStates));
}

Json ToJson(const Job& job) {
  Json json = {{"id", job.id},         {"state", JobStateName(job.state)}, {"request", job.request},
               {"queued", job.queued}, {"started", job.started},           {"ended", job.ended}};
  if (HasEnded(job.state)) json["exit"] = job.exit;
  if (!job.error.empty()) json["error"] = job.error;
  if (!job.message.empty()) json["message"] = job.message;
  if (!job.remedy.empty()) json["remedy"] = job.remedy;
  if (!job.answer.is_null()) json["answer"] = job.answer;
  return json;
}

struct JobStore::List {
  int64_t next = 1;
  std::vector<Job> jobs;

  static Result<List> Read(const Directory& folder) {
    List list;
    if (folder.Look(kFile).kind == Directory::Kind::kNothing) return list;
    CROSSFACE_ASSIGN_OR_RETURN(const std::string text, folder.Read(kFile));
    const Status corrupt(StatusCode::kCorrupt,
                         fmt::format("{} is not the list of jobs that crossface keeps there: "
                                     "remove it",
                                     DisplayPath(folder.path() / kFile)));
    if (IsNestedTooDeep(text)) return corrupt;
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("next") || !json["next"].is_number_integer() ||
        !json.contains("jobs") || !json["jobs"].is_array())
      return corrupt;
    list.next = json["next"].get<int64_t>();
    for (const Json& one : json["jobs"]) {
      auto job = JobOf(one);
      if (!job || job->id >= list.next) return corrupt;
      list.jobs.push_back(*std::move(job));
    }
    return list;
  }

  Status Write(const Directory& folder) {
    const auto ended = static_cast<size_t>(
        std::count_if(jobs.begin(), jobs.end(), [](const Job& job) { return HasEnded(job.state); }));
    size_t too_many = ended > kMostEnded ? ended - kMostEnded : 0;
    Json kept = Json::array();
    for (const Job& job : jobs) {
      if (too_many > 0 && HasEnded(job.state)) {
        --too_many;
        continue;
      }
      kept.push_back(ToJson(job));
      if (!job.owner.empty()) kept.back()["owner"] = job.owner;
    }
    const Json json = {{"next", next}, {"jobs", std::move(kept)}};
    return folder.Write(kFile, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n",
                        Durability::kSync);
  }
};

Status JobStore::Update(const std::function<Status(List&)>& change) const {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(case_folder_));
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor lock, folder.OpenForChange(kLock));
  while (::flock(lock.get(), LOCK_EX) != 0) {
    if (errno != EINTR)
      return ErrnoStatus(errno, fmt::format("cannot lock {}", DisplayPath(case_folder_ / kLock)));
  }
  CROSSFACE_ASSIGN_OR_RETURN(List list, List::Read(folder));
  CROSSFACE_RETURN_IF_ERROR(change(list));
  return list.Write(folder);
}

Result<std::vector<Job>> JobStore::Read() const {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(case_folder_));
  CROSSFACE_ASSIGN_OR_RETURN(List list, List::Read(folder));
  for (Job& job : list.jobs) {
    if (job.state == JobState::kRunning && IsOfNobody(job)) CutOff(&job);
  }
  return std::move(list.jobs);
}

Result<Job> JobStore::Add(Json request) const {
  Job job{.request = std::move(request), .queued = UtcNow(), .owner = ThisProcess()};
  CROSSFACE_RETURN_IF_ERROR(Update([&](List& list) {
    job.id = list.next++;
    list.jobs.push_back(job);
    return Status();
  }));
  return job;
}

Result<std::vector<Job>> JobStore::Adopt() const {
  std::vector<Job> mine;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Job> jobs, Read());
  // Whoever only looks at a case leaves no file there.
  if (jobs.empty()) return mine;
  const std::string owner = ThisProcess();
  CROSSFACE_RETURN_IF_ERROR(Update([&](List& list) {
    for (Job& job : list.jobs) {
      if (HasEnded(job.state) || !IsOfNobody(job)) continue;
      if (job.state == JobState::kRunning) {
        CutOff(&job);
        job.ended = UtcNow();
      } else if (job.state == JobState::kQueued) {
        job.owner = owner;
        mine.push_back(job);
      }
    }
    return Status();
  }));
  return mine;
}

Result<Job> JobStore::Change(int64_t id, const std::function<Status(Job&)>& change) const {
  Job changed;
  CROSSFACE_RETURN_IF_ERROR(Update([&](List& list) -> Status {
    const auto job =
        std::find_if(list.jobs.begin(), list.jobs.end(), [&](const Job& one) { return one.id == id; });
    if (job == list.jobs.end())
      return Status(StatusCode::kNotFound, fmt::format("the case has no job {}", id));
    CROSSFACE_RETURN_IF_ERROR(change(*job));
    changed = *job;
    return Status();
  }));
  return changed;
}

Result<Job> JobStore::Resume(int64_t id) const {
  return Change(id, [&](Job& job) -> Status {
    if (job.state == JobState::kRunning && IsOfNobody(job)) CutOff(&job);
    if (job.state == JobState::kQueued || job.state == JobState::kRunning || job.state == JobState::kDone)
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("job {} cannot be gone on with: it is {}", id, JobStateName(job.state)));
    BeginAnew(JobState::kQueued, &job);
    job.owner = ThisProcess();
    return Status();
  });
}

Result<Job> JobStore::Begin(int64_t id) const {
  Job begun;
  CROSSFACE_RETURN_IF_ERROR(
      Change(id, [&](Job& job) -> Status {
        if (job.state != JobState::kQueued)
          return Status(StatusCode::kNotFound,
                        fmt::format("job {} does not wait: it is {}", id, JobStateName(job.state)));
        BeginAnew(JobState::kRunning, &job);
        job.started = UtcNow();
        job.owner = ThisProcess();
        begun = job;
        // What is being forgotten would be found here.
        if (TextOf(job.request, "verb") == "forget") job.request = {{"verb", "forget"}};
        return Status();
      }).status());
  return begun;
}

Status JobStore::DropEnded() const {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Job> jobs, Read());
  if (jobs.empty()) return Status();
  return Update([](List& list) {
    std::erase_if(list.jobs, [](const Job& job) { return HasEnded(job.state); });
    return Status();
  });
}

}  // namespace crossface
