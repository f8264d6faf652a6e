// A piece of long work on a case, as it is kept and told. Plain values.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace crossface {

enum class JobState {
  kQueued,
  kRunning,
  kPaused,     // stopped by the user, who goes on with it later
  kDone,       // it ended; its exit code says how
  kFailed,     // it ended with an error
  kCancelled,  // by the user
  kCutOff,     // the program that ran it ended without ending it: a crash, a power cut
};
// "queued", "running", "paused", "done", "failed", "cancelled", "cut off".
std::string_view JobStateName(JobState state);
std::optional<JobState> ParseJobState(std::string_view name);

inline bool HasEnded(JobState state) { return state >= JobState::kDone; }

struct Job {
  int64_t id = 0;  // within its case; never used twice
  JobState state = JobState::kQueued;
  nlohmann::json request;              // of ToJson(JobRequest)
  std::string queued, started, ended;  // "2026-11-29T10:20:30Z"; empty where it has not come to that
  int exit = 0;                        // ExitCode, once it has ended
  std::string error, message, remedy;  // StatusCodeName, text and RemedyName of a failure
  nlohmann::json answer;               // the fields of the answer's JSON, as far as the work came
  std::string owner;                   // the process that has it in its queue or runs it
};

nlohmann::json ToJson(const Job& job);

}  // namespace crossface
