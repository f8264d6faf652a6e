#include "crossface/app/case_run.h"

#include <nlohmann/json.hpp>

#include "crossface/app/json.h"
#include "crossface/curation/review.h"
#include "crossface/gallery/facts.h"
#include "crossface/util/processor_time.h"
#include "crossface/util/version.h"

namespace crossface {

CaseRun::CaseRun(std::filesystem::path case_folder, Watch watch)
    : case_folder_(std::move(case_folder)), watch_(std::move(watch)) {}

Status CaseRun::Open(const std::string& verb, Gallery::Mode mode) {
  CROSSFACE_ASSIGN_OR_RETURN(gallery_, Gallery::Open(case_folder_, mode));
  log_.emplace(case_folder_);
  return log_->Write("start", {{"verb", verb}, {"version", kVersion}});
}

Status CaseRun::OpenToLook() {
  CROSSFACE_ASSIGN_OR_RETURN(gallery_, Gallery::Open(case_folder_, Gallery::Mode::kRead));
  return Status();
}

Status CaseRun::Log(const std::string& event, const nlohmann::json& fields) {
  return log_->Write(event, fields);
}

void CaseRun::Warn(const std::string& text) {
  watch_.to().OnWarning(text);
  if (log_) log_->Write("warning", {{"message", text}}).ok();
}

Status CaseRun::Export(std::optional<ExportSummary>* exported) {
  CROSSFACE_RETURN_IF_ERROR(SettleSuggestions(*gallery_));
  return ExportBy([&](const ExportWatch& watch) { return ExportCase(*gallery_, watch); }, exported);
}

Status CaseRun::ExportChange(const std::map<std::string, std::string>& before, const CaseChange& change) {
  const auto write = [&](const ExportWatch& watch) {
    return crossface::ExportChange(*gallery_, before, change, watch);
  };
  return ExportBy(write, nullptr);
}

Status CaseRun::ExportBy(const std::function<Result<ExportSummary>(const ExportWatch&)>& write,
                         std::optional<ExportSummary>* exported) {
  const auto tell = [this](int64_t done, int64_t total) {
    watch_.to().OnWork(CountedWork("export", done, total));
  };
  const double began = ProgramProcessorSeconds();
  auto written = write({.progress = tell, .stop = watch_.stop});
  CROSSFACE_ASSIGN_OR_RETURN(ExportSummary summary, std::move(written));
  summary.cpu_seconds = ProgramProcessorSeconds() - began;
  if (exported != nullptr) *exported = summary;
  CROSSFACE_ASSIGN_OR_RETURN(const std::string owed, gallery_->ReadFact(kExportOwedFact));
  if (!owed.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_->WriteFact(kExportOwedFact, ""));
  return log_->Write("export", ToJson(summary));
}

Ending CaseRun::End(Status status, ExitCode code) {
  if (!status.ok()) code = ExitCodeFor(status);
  if (log_) {
    Status logged = log_->Write("end", {{"exit", static_cast<int>(code)}, {"message", status.message()}});
    if (logged.ok()) logged = log_->Seal(*gallery_);
    if (!logged.ok()) watch_.to().OnWarning(logged.message());
  }
  return {std::move(status), code};
}

}  // namespace crossface
