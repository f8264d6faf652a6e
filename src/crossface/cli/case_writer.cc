#include "crossface/cli/case_writer.h"

#include <fmt/format.h>

#include "crossface/curation/review.h"
#include "crossface/util/counted.h"
#include "crossface/util/version.h"

namespace crossface {

nlohmann::json ExportFields(const ExportSummary& summary) {
  return {{"persons", summary.persons},
          {"tracks", summary.tracks},
          {"faces", summary.faces},
          {"unassigned_tracks", summary.unassigned_tracks},
          {"unassigned_by_reason", ReasonFields(summary.unassigned_by_reason)},
          {"files_written", summary.files_written},
          {"files_removed", summary.files_removed},
          {"sha256", summary.sha256}};
}

nlohmann::json ReasonFields(const std::map<UnassignedReason, int64_t>& tracks) {
  nlohmann::json fields = nlohmann::json::object();
  for (const auto& [reason, count] : tracks) fields[std::string(UnassignedReasonName(reason))] = count;
  return fields;
}

std::string UnassignedText(int64_t unassigned, const nlohmann::json& reason_fields) {
  std::string reasons;
  for (const auto& [reason, count] : reason_fields.items())
    reasons += fmt::format("{}{} {}", reasons.empty() ? " (" : ", ", reason, count.get<int64_t>());
  return fmt::format("{} unassigned{}{}", Counted(unassigned, "track"), reasons, reasons.empty() ? "" : ")");
}

CaseWriter::CaseWriter(std::filesystem::path case_folder, const CommonOptions& common, Terminal& terminal)
    : case_folder_(std::move(case_folder)), common_(common), terminal_(terminal) {
  answer_ = {{"schema", "crossface/1"},
             {"case", std::filesystem::absolute(case_folder_).lexically_normal().string()}};
}

Status CaseWriter::Open(const std::string& verb, Gallery::Mode mode) {
  if (verb.empty()) mode = Gallery::Mode::kRead;
  CROSSFACE_ASSIGN_OR_RETURN(gallery_, Gallery::Open(case_folder_, mode));
  if (verb.empty()) return Status();
  log_.emplace(case_folder_);
  return log_->Write("start", {{"verb", verb}, {"version", kVersion}});
}

Status CaseWriter::Log(const std::string& event, const nlohmann::json& fields) {
  return log_->Write(event, fields);
}

void CaseWriter::Warn(const std::string& text) {
  terminal_.Warn(text);
  if (log_) log_->Write("warning", {{"message", text}}).ok();
}

Status CaseWriter::Export() {
  CROSSFACE_RETURN_IF_ERROR(SettleSuggestions(*gallery_));
  auto exported = ExportCase(*gallery_, [this](int64_t done, int64_t total) {
    terminal_.ShowExport(done, total);
    return KeepGoing();
  });
  terminal_.EndProgress();
  CROSSFACE_ASSIGN_OR_RETURN(const ExportSummary summary, std::move(exported));
  answer_["export"] = ExportFields(summary);
  return log_->Write("export", answer_["export"]);
}

ExitCode CaseWriter::End(const Status& status, const std::string& plain, ExitCode code) {
  if (!status.ok()) code = ExitCodeFor(status);
  if (log_) {
    Status logged = log_->Write("end", {{"exit", static_cast<int>(code)}, {"message", status.message()}});
    if (logged.ok()) logged = log_->Seal(*gallery_);
    if (!logged.ok()) terminal_.Warn(logged.message());
  }
  answer_["exit"] = static_cast<int>(code);
  if (!status.ok())
    answer_["error"] = {{"code", StatusCodeName(status.code())}, {"message", status.message()}};
  if (common_.json) {
    terminal_.PrintJson(answer_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (status.ok() && !plain.empty()) {
    terminal_.Print(plain);
  }
  return status.ok() ? code : Report(status, terminal_);
}

}  // namespace crossface
