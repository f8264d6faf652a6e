#include "crossface/scan/scan_task.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "crossface/scan/case_settings.h"
#include "crossface/scan/range_task.h"
#include "crossface/scan/scan_wire.h"
#include "crossface/scan/source_into_gallery.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

std::map<int64_t, ScanCheckpoint> CheckpointsOf(const ScanTask& task) {
  std::map<int64_t, ScanCheckpoint> checkpoints = {{task.scan.source.id, task.from}};
  if (task.scan.rescan) checkpoints[task.scan.rescan->id] = task.rescan_from;
  return checkpoints;
}

Status CheckVersion(const ScanTask& task) {
  if (task.version == kVersion) return Status();
  return Status(
      StatusCode::kMismatch,
      fmt::format("crossface is version {} here and {} where the scan was asked for: every node needs the "
                  "same",
                  kVersion, task.version));
}

}  // namespace

ScanFindings DoScanTask(ScanTask task, const ScanMeans& means, const std::stop_token& stop) {
  if (task.range) return SearchRange(task, means, stop);
  ScanSettings settings;
  settings.threads = task.threads;
  settings.decoder = task.decoder;
  settings.geometry = task.geometry;
  ScanTally tally;
  FoundPartsList found;
  ByteBudget budget(PictureBudgetBytes(task.threads));
  RunStop interrupt;
  const std::stop_callback interrupted(stop, [&] { interrupt.Stop(); });
  JournalSink journal(CheckpointsOf(task));
  ThreadPool pool(task.threads);
  settings.exhaustive = task.exhaustive;
  ScanShared shared{.models = means.models,
                    .settings = settings,
                    .stop = stop,
                    .spool_folder = means.spool_folder,
                    .sink = journal,
                    .tally = tally,
                    .found = found,
                    .budget = budget,
                    .interrupt = interrupt,
                    .pool = pool};
  std::optional<SourceSurvey> survey;
  if (task.range_us > 0) shared.survey = &survey.emplace(task.range_us);
  ScanFindings findings;
  findings.status = SourceIntoGallery(shared, task.scan).Run();
  if (survey) {
    findings.ranges = survey->TakeRanges();
    if (!findings.ranges.empty()) findings.pictures_of_source = std::move(survey->pictures);
  }
  findings.journal = journal.Take();
  for (FoundParts& parts : found.Take()) findings.parts = std::move(parts.parts);
  findings.summary = tally.Summary();
  ScanProgress progress = tally.TakeProgress();
  findings.counts = progress.counts;
  findings.failed = progress.failed;
  findings.pictures = progress.pictures;
  findings.finished = std::move(progress.finished);
  return findings;
}

std::string ScanTaskRunner::Answer(std::string_view task, const std::stop_token& stop) {
  const auto told = [](Status why) {
    ScanFindings findings;
    findings.status = std::move(why);
    return findings;
  };
  auto found = Find(task, stop);
  ScanFindings findings = found.ok() ? *std::move(found) : told(found.status());
  findings.machine = machine_;
  findings.process = ::getpid();
  auto bytes = ToWire(findings);
  if (bytes.ok()) return *std::move(bytes);
  // Nothing that can fail is in an answer without findings.
  return *ToWire(told(bytes.status()));
}

Result<ScanFindings> ScanTaskRunner::Find(std::string_view bytes, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(ScanTask task, ScanTaskFromWire(bytes));
  CROSSFACE_RETURN_IF_ERROR(CheckVersion(task));
  if (!loaded_ || loaded_->fingerprint != task.settings || loaded_for_ != task.device)
    CROSSFACE_RETURN_IF_ERROR(LoadModels(task));
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(std::filesystem::temp_directory_path()));
  return DoScanTask(std::move(task), {*loaded_, folder}, stop);
}

Status ScanTaskRunner::LoadModels(const ScanTask& task) {
  ScanSettings settings;
  settings.models = models_.empty() ? task.models : models_;
  settings.device = task.device;
  settings.threads = task.threads;
  settings.exhaustive = task.exhaustive;
  CaseSettings as_asked;
  as_asked.settings = task.settings;
  loaded_.reset();
  CROSSFACE_ASSIGN_OR_RETURN(ScanModels models, LoadModelsForCase(settings, as_asked));
  if (!models.unavailable.ok() || models.fingerprint != task.settings) {
    const std::string difference = models.unavailable.ok()
                                       ? SettingsDifference(task.settings, models.fingerprint)
                                       : models.unavailable.message();
    return Status(StatusCode::kMismatch,
                  fmt::format("the models in {} are not those of the scan ({}): every node needs the same",
                              settings.models.string(), difference));
  }
  const auto place = [&](const std::unique_ptr<Embedder>& embedder) {
    return std::find(task.embedders.begin(), task.embedders.end(), embedder->name());
  };
  std::sort(models.embedders.begin(), models.embedders.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  loaded_ = std::move(models);
  loaded_for_ = task.device;
  return Status();
}

}  // namespace crossface
