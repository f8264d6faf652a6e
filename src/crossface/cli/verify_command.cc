#include "crossface/cli/verify_command.h"

#include <fmt/format.h>

#include "crossface/cli/case_writer.h"
#include "crossface/custody/verify.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

struct Options {
  std::filesystem::path case_folder, sources;
};

ExitCode Run(const Options& options, const CommonOptions& common, Terminal& terminal) {
  CaseWriter writer(options.case_folder, common, terminal);
  VerifySummary summary;
  const auto run = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(writer.Open(""));
    VerifyOptions verify{.sources = options.sources, .keep_going = KeepGoing};
    CROSSFACE_ASSIGN_OR_RETURN(summary, VerifyCase(writer.gallery(), verify));
    nlohmann::json& answer = writer.answer();
    answer["sources"] = summary.sources;
    answer["files"] = summary.files;
    answer["log_lines"] = summary.log_lines;
    answer["log_head"] = summary.log_head;
    answer["notes"] = summary.notes;
    answer["findings"] = nlohmann::json::array();
    for (const Finding& finding : summary.findings)
      answer["findings"].push_back(
          {{"kind", FindingKindName(finding.kind)}, {"what", finding.what}, {"message", finding.message}});
    for (const std::string& note : summary.notes) terminal.Note(note);
    return Status();
  };
  const Status status = run();
  std::string plain;
  for (const Finding& finding : summary.findings)
    plain += fmt::format("{}: {}{}{}\n", FindingKindName(finding.kind), Printable(finding.what),
                         finding.message.empty() ? "" : ": ", Printable(finding.message));
  plain += fmt::format("{}, {} and {} of the log were checked: {}", Counted(summary.sources, "source"),
                       Counted(summary.files, "file"), Counted(summary.log_lines, "line"),
                       summary.findings.empty() ? "all is as it was"
                       : summary.findings.size() == 1
                           ? "1 is not as it was"
                           : fmt::format("{} are not as they were", summary.findings.size()));
  plain += fmt::format("\nend of the log: {}", summary.log_head);
  return writer.End(status, plain, summary.findings.empty() ? kExitDone : kExitMismatch);
}

}  // namespace

void DeclareVerify(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "verify", "is the case what it was? sources, exported files, gallery and log, recomputed");
  verb->add_option("case", options->case_folder, "folder of the case")->required()->type_name("CASE");
  verb->add_option("--sources", options->sources, "folder where the footage is now, if it was moved")
      ->type_name("FOLDER");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return Run(*options, *common, terminal); }; });
}

}  // namespace crossface
