// Jobs as docs/openapi.json has them. Pure functions, thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "crossface/app/job_runner.h"

namespace crossface {

nlohmann::json ProgressFields(const JobProgress& progress);
nlohmann::json JobFields(const Job& job, const std::optional<JobProgress>& progress);

}  // namespace crossface
