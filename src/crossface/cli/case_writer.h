// What the verbs that change a case have in common: the open gallery, the log of the run, the export at the
// end, and the answer that --json prints. Not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "crossface/cli/commands.h"
#include "crossface/custody/run_log.h"
#include "crossface/export/case_exporter.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

// What the log and --json tell of an export.
nlohmann::json ExportFields(const ExportSummary& summary);

// Tracks by reason, for the log and --json, and the same for people: "12 tracks unassigned (blurred 9, in
// doubt 2)". Those without a reason count in `unassigned` alone.
nlohmann::json ReasonFields(const std::map<UnassignedReason, int64_t>& tracks);
std::string UnassignedText(int64_t unassigned, const nlohmann::json& reason_fields);

class CaseWriter {
 public:
  CaseWriter(std::filesystem::path case_folder, const CommonOptions& common, Terminal& terminal);

  // `verb` is what the log calls the run; empty for one that only looks, and logs nothing. Until it is open,
  // only Warn and End may be called.
  Status Open(const std::string& verb, Gallery::Mode mode = Gallery::Mode::kWrite);
  Gallery& gallery() { return *gallery_; }
  nlohmann::json& answer() { return answer_; }
  // Null for a run that only looks.
  RunLog* log() { return log_ ? &*log_ : nullptr; }

  Status Log(const std::string& event, const nlohmann::json& fields);
  void Warn(const std::string& text);
  Status Export();

  // Logs how the run ended, prints the answer or `plain`, and gives the exit code; `code` when the status is
  // ok.
  ExitCode End(const Status& status, const std::string& plain, ExitCode code = kExitDone);

 private:
  const std::filesystem::path case_folder_;
  const CommonOptions& common_;
  Terminal& terminal_;
  std::unique_ptr<Gallery> gallery_;
  std::optional<RunLog> log_;
  nlohmann::json answer_;
};

}  // namespace crossface
