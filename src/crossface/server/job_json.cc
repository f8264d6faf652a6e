#include "crossface/server/job_json.h"

#include <nlohmann/json.hpp>

namespace crossface {
namespace {

nlohmann::json ScanFields(const ScanProgress& scan) {
  nlohmann::json active = nlohmann::json::array();
  for (const SourceProgress& source : scan.active)
    active.push_back({{"source", source.name},
                      {"position_ms", source.time_ms},
                      {"duration_ms", source.duration_ms},
                      {"speed", source.speed}});
  return {{"sources", scan.sources},    {"done", scan.done},         {"failed", scan.failed},
          {"frames", scan.frames},      {"faces", scan.faces},       {"tracks", scan.tracks},
          {"video_ms", scan.video_ms},  {"pictures", scan.pictures}, {"elapsed_s", scan.elapsed_s},
          {"active", std::move(active)}};
}

}  // namespace

nlohmann::json ProgressFields(const JobProgress& progress) {
  return {{"work", progress.work},
          {"share", progress.share},
          {"remaining_s", progress.remaining_s < 0 ? nlohmann::json() : nlohmann::json(progress.remaining_s)},
          {"done", progress.done},
          {"total", progress.total},
          {"warnings", progress.warnings},
          {"scan", progress.scan ? ScanFields(*progress.scan) : nlohmann::json()}};
}

nlohmann::json JobFields(const Job& job, const std::optional<JobProgress>& progress) {
  nlohmann::json fields = ToJson(job);
  fields["progress"] = progress ? ProgressFields(*progress) : nlohmann::json();
  return fields;
}

}  // namespace crossface
