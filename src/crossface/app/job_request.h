// Long work on a case as a value that can wait in a queue and be kept: the request of one call of the
// CaseService, and its JSON. Pure functions, thread-safe.
//
// {"verb": "identify", "sources": ["/footage"], "profile": "strict"}; fields that are left out have the
// command line's defaults. Where models lie, and the device, are the program's business and not part of it.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "crossface/app/case_run.h"
#include "crossface/app/requests.h"
#include "crossface/app/watch.h"

namespace crossface {

class CaseService;

struct IdentifyJob {
  ScanRequest scan;
  GroupRequest group;
};
// Groups, and writes the case folder.
struct GroupJob {
  GroupRequest group;
};
struct ExportJob {};
struct DuplicatesJob {};
struct VerifyJob {
  std::filesystem::path sources;  // folder where the footage is now; empty: where it was
};
using JobRequest = std::variant<IdentifyJob, GroupJob, ExportJob, ReembedRequest, DuplicatesJob,
                                RedactRequest, VerifyJob, LocateRequest, ForgetRequest, FormatsRequest>;

// "identify", "cluster", "export", "reembed", "duplicates", "redact", "verify", "locate", "forget",
// "formats".
std::string_view VerbOf(const JobRequest& request);

nlohmann::json ToJson(const JobRequest& request);
// Errors: kInvalidArgument, which names the field: an unknown verb or field, a wrong type or word, none where
// one is needed.
Result<JobRequest> ParseJobRequest(const nlohmann::json& json);

// With what all jobs of a program work.
struct JobMeans {
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  int threads = 1;
};

// Calls the service; `answer` gets the fields of the answer's JSON.
Ending RunJob(const CaseService& service, JobRequest request, const JobMeans& means, const Watch& watch,
              nlohmann::json* answer);

}  // namespace crossface
