#include "crossface/pipeline/run_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "crossface/util/file.h"
#include "crossface/util/time.h"

namespace crossface {

RunLog::RunLog(std::filesystem::path case_folder)
    : path_(std::move(case_folder) / "run.jsonl"), run_(fmt::format("{}-{}", UtcNow(), ::getpid())) {}

Status RunLog::Write(const std::string& event, const nlohmann::json& fields) {
  nlohmann::ordered_json line = {{"time", UtcNow()}, {"run", run_}, {"event", event}};
  for (const auto& [key, value] : fields.items()) line[key] = value;
  return AppendLine(path_, line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace crossface
