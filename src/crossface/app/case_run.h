// What the verbs on a case have in common: the open gallery, the log of the run, warnings, the export at the
// end. Not thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "crossface/app/ending.h"
#include "crossface/app/watch.h"
#include "crossface/custody/run_log.h"
#include "crossface/export/case_exporter.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

class CaseRun {
 public:
  CaseRun(std::filesystem::path case_folder, Watch watch);

  // `verb` is what the log calls the run. Until it is open, only Warn and End may be called.
  Status Open(const std::string& verb, Gallery::Mode mode = Gallery::Mode::kWrite);
  // For one that only looks, and logs nothing.
  Status OpenToLook();

  Gallery& gallery() { return *gallery_; }
  const Watch& watch() const { return watch_; }
  // Null for a run that only looks.
  RunLog* log() { return log_ ? &*log_ : nullptr; }

  Status Log(const std::string& event, const nlohmann::json& fields);
  void Warn(const std::string& text);
  // Settles suggestions and writes the case folder.
  Status Export(std::optional<ExportSummary>* exported = nullptr);
  // Writes what a correction touched, see export/case_exporter.h.
  Status ExportChange(const std::map<std::string, std::string>& before, const CaseChange& change);

  // Logs how the run ended; `code` when the status is ok.
  Ending End(Status status, ExitCode code = kExitDone);

 private:
  Status ExportBy(const std::function<Result<ExportSummary>(const ExportWatch&)>& write,
                  std::optional<ExportSummary>* exported);

  const std::filesystem::path case_folder_;
  const Watch watch_;
  std::unique_ptr<Gallery> gallery_;
  std::optional<RunLog> log_;
};

}  // namespace crossface
