// The jobs of a case, kept in CASE/jobs.json: what waits, what runs, what was cut off, and how the last ones
// ended. It stands beside the gallery and not in it, because jobs are queued while another one writes there.
//
// Every call reads the file, and changes replace it whole under a lock (CASE/jobs.lock), so that several
// programs may use it at once. Thread-safe. Errors of all methods: kNotFound without a case folder,
// kCorrupt for a file that is no list of jobs, kPermissionDenied, kOutOfResources, kIo.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "crossface/app/job.h"
#include "crossface/util/status.h"

namespace crossface {

class JobStore {
 public:
  explicit JobStore(std::filesystem::path case_folder) : case_folder_(std::move(case_folder)) {}

  // Oldest first. A running job whose process is gone is told as cut off.
  Result<std::vector<Job>> Read() const;

  // Gives the job its number. Of those that have ended only the newest are kept.
  Result<Job> Add(nlohmann::json request) const;
  // Takes over what waits and belongs to no living process, and notes what was cut off. Returns what this
  // process has now to do.
  Result<std::vector<Job>> Adopt() const;
  // Changes one job; kNotFound without it. An error of `change` leaves the file as it is.
  Result<Job> Change(int64_t id, const std::function<Status(Job&)>& change) const;
  // Puts a job that was paused, cut off, cancelled or failed back into the queue, for this process. Errors:
  // kInvalidArgument for any other.
  Result<Job> Resume(int64_t id) const;
  // Notes that a job which waits is running now, and returns it; kNotFound when it waits no more. What is to
  // be forgotten is kept no longer: a forgetting that is cut off has to be asked for again.
  Result<Job> Begin(int64_t id) const;
  // Removes what has ended: requests and answers name people and files. Ok without a list.
  Status DropEnded() const;

 private:
  struct List;
  Status Update(const std::function<Status(List&)>& change) const;

  const std::filesystem::path case_folder_;
};

}  // namespace crossface
