#include "crossface/cli/verify_command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

struct VerifyArguments {
  std::filesystem::path case_folder, sources;
};

std::string Text(const VerifySummary& summary) {
  std::string text;
  for (const Finding& finding : summary.findings)
    text += fmt::format("{}: {}{}{}\n", FindingKindName(finding.kind), Printable(finding.what),
                        finding.message.empty() ? "" : ": ", Printable(finding.message));
  text += fmt::format("{}, {} and {} of the log were checked: {}", Counted(summary.sources, "source"),
                      Counted(summary.files, "file"), Counted(summary.log_lines, "line"),
                      summary.findings.empty() ? "all is as it was"
                      : summary.findings.size() == 1
                          ? "1 is not as it was"
                          : fmt::format("{} are not as they were", summary.findings.size()));
  return text + fmt::format("\nend of the log: {}", summary.log_head);
}

ExitCode RunVerify(const VerifyArguments& options, const CommonOptions& common, Terminal& terminal) {
  VerifyAnswer answer;
  Ending ending;
  WatchWork("verify", options.case_folder, terminal, [&](const Watch& watch) {
    ending = CaseService(options.case_folder).Verify(options.sources, watch, &answer);
  });
  terminal.EndProgress();
  if (answer.summary) {
    for (const std::string& note : answer.summary->notes) terminal.Note(note);
  }
  return Finish(options.case_folder, ToJson(answer), answer.summary ? Text(*answer.summary) : "",
                std::move(ending), common, terminal);
}

}  // namespace

void DeclareVerify(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<VerifyArguments>();
  CLI::App* verb = app.add_subcommand(
      "verify", "is the case what it was? sources, exported files, gallery and log, recomputed");
  verb->add_option("case", options->case_folder, "folder of the case")->required()->type_name("CASE");
  verb->add_option("--sources", options->sources, "folder where the footage is now, if it was moved")
      ->type_name("FOLDER");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return RunVerify(*options, *common, terminal); }; });
}

}  // namespace crossface
