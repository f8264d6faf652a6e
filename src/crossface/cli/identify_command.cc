// identify and its parts: scan, cluster, export.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

std::string Plain(const std::filesystem::path& case_folder, const IdentifyAnswer& answer) {
  if (!answer.exported) return "";
  const ExportSummary& exported = *answer.exported;
  return fmt::format("{}, {} in {}, {}\npeople:  {}\nreport:  {}", Counted(exported.persons, "person"),
                     Counted(exported.faces, "face"), Counted(exported.tracks, "track"),
                     UnassignedText(exported.unassigned_tracks, exported.unassigned_by_reason),
                     (case_folder / "people").string(), (case_folder / "report.html").string());
}

template <typename Call>
ExitCode RunJob(const std::string& verb, const IdentifyOptions& options, const CommonOptions& common,
                Terminal& terminal, const Call& call) {
  IdentifyAnswer answer;
  Ending ending;
  WatchWork(verb, options.case_folder, terminal,
            [&](const Watch& watch) { ending = call(CaseService(options.case_folder), watch, &answer); });
  return Finish(options.case_folder, ToJson(answer), Plain(options.case_folder, answer), std::move(ending),
                common, terminal);
}

}  // namespace

ExitCode Report(const Status& status, Terminal& terminal) {
  if (status.code() == StatusCode::kInterrupted) {
    terminal.Note(status.message());
  } else if (!status.ok()) {
    terminal.Error(status.message());
  }
  return ExitCodeFor(status);
}

ExitCode Fail(const Status& failure, const CommonOptions& common, Terminal& terminal,
              const std::filesystem::path& case_folder) {
  const Status status = Worded(failure);
  if (common.json) {
    nlohmann::json answer = {
        {"schema", "crossface/1"},
        {"error", {{"code", StatusCodeName(status.code())}, {"message", status.message()}}},
        {"exit", static_cast<int>(ExitCodeFor(status))}};
    if (status.remedy() != Remedy::kNone) answer["error"]["remedy"] = RemedyName(status.remedy());
    if (!case_folder.empty())
      answer["case"] = std::filesystem::absolute(case_folder).lexically_normal().string();
    terminal.PrintJson(answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return Report(status, terminal);
}

ExitCode RunIdentify(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal) {
  return RunJob("identify", options, common, terminal,
                [&](const CaseService& service, const Watch& watch, IdentifyAnswer* answer) {
                  return service.Identify(options.scan, options.group, watch, answer);
                });
}

ExitCode RunScan(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal) {
  return RunJob("scan", options, common, terminal,
                [&](const CaseService& service, const Watch& watch, IdentifyAnswer* answer) {
                  return service.Scan(options.scan, watch, answer);
                });
}

ExitCode RunCluster(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal) {
  return RunJob("cluster", options, common, terminal,
                [&](const CaseService& service, const Watch& watch, IdentifyAnswer* answer) {
                  return service.Group(options.group, watch, answer);
                });
}

ExitCode RunExport(const IdentifyOptions& options, const CommonOptions& common, Terminal& terminal) {
  return RunJob("export", options, common, terminal,
                [](const CaseService& service, const Watch& watch, IdentifyAnswer* answer) {
                  return service.Export(watch, answer);
                });
}

}  // namespace crossface
