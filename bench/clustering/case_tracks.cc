#include "clustering/case_tracks.h"

#include <chrono>

#include "crossface/evaluation/evaluate.h"
#include "crossface/grouping/cluster_case.h"

namespace crossface::bench {

Result<Outcome> ClusterCaseTracks(const std::filesystem::path& case_folder,
                                  const std::filesystem::path& truth, const std::filesystem::path& scratch,
                                  const std::string& method, const ClusterOptions& options) {
  const std::filesystem::path copy = scratch / "crossface.db";
  std::error_code error;
  std::filesystem::copy_file(case_folder / "crossface.db", copy,
                             std::filesystem::copy_options::overwrite_existing, error);
  if (error) return Status(StatusCode::kIo, copy.string() + ": " + error.message());
  CROSSFACE_ASSIGN_OR_RETURN(const auto gallery, Gallery::Open(scratch, Gallery::Mode::kWrite));
  const auto start = std::chrono::steady_clock::now();
  const double cpu = CpuSeconds();
  CROSSFACE_ASSIGN_OR_RETURN(const ClusterSummary summary, ClusterCase(*gallery, method, options));
  Outcome outcome{.data = case_folder.filename().string(), .method = method, .items = summary.tracks};
  outcome.cpu_seconds = CpuSeconds() - cpu;
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  outcome.peak_mib = PeakMib();
  CROSSFACE_ASSIGN_OR_RETURN(const Evaluation evaluation, EvaluateCase(*gallery, truth));
  outcome.metrics = evaluation.samples ? *evaluation.samples : evaluation.tracks;
  return outcome;
}

}  // namespace crossface::bench
