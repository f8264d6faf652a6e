// CASE/run.jsonl: one JSON object per line for every run: what, when, with which models and settings; warnings and errors.
// Lines are only ever appended, each flushed to the disk. Not thread-safe.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "crossface/util/status.h"

namespace crossface {

class RunLog {
 public:
  explicit RunLog(std::filesystem::path case_folder);

  // Adds {"time": now, "run": id of this run, "event": event, ...fields}.
  Status Write(const std::string& event, const nlohmann::json& fields);

 private:
  std::filesystem::path path_;
  std::string run_;
};

}  // namespace crossface
