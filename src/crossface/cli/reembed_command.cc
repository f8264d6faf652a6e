#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/verify_command.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/scan/reembed.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

struct Options {
  std::filesystem::path case_folder;
  ReembedOptions reembed;
};

ExitCode Run(Options options, const CommonOptions& common, Terminal& terminal) {
  CaseWriter writer(options.case_folder, common, terminal);
  std::string plain;
  const auto run = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(writer.Open("reembed"));
    options.reembed.keep_going = KeepGoing;
    CROSSFACE_ASSIGN_OR_RETURN(const ReembedSummary summary, Reembed(writer.gallery(), options.reembed));
    for (const std::string& source : summary.from_pictures)
      writer.Warn(
          source +
          ": the footage is not there as it was; its stored pictures were used, which are less exact");
    writer.answer()["reembed"] = {{"models", options.reembed.embedders},
                                  {"sources", summary.sources},
                                  {"tracks", summary.tracks},
                                  {"faces", summary.faces},
                                  {"from_pictures", summary.from_pictures}};
    CROSSFACE_RETURN_IF_ERROR(writer.Log("reembed", writer.answer()["reembed"]));
    CROSSFACE_ASSIGN_OR_RETURN(const ClusterSummary clustered,
                               ClusterAgain(writer.gallery(), {.keep_going = KeepGoing}));
    for (const std::string& warning : clustered.warnings) writer.Warn(warning);
    writer.answer()["cluster"] = {{"method", clustered.method},
                                  {"models", clustered.models},
                                  {"tracks", clustered.tracks},
                                  {"persons", clustered.persons},
                                  {"unassigned", clustered.unassigned},
                                  {"unassigned_by_reason", ReasonFields(clustered.unassigned_by_reason)}};
    CROSSFACE_RETURN_IF_ERROR(writer.Log("cluster", writer.answer()["cluster"]));
    plain = fmt::format("{} of {} have new vectors of {}; {}", Counted(summary.faces, "face"),
                        Counted(summary.tracks, "track"), fmt::join(options.reembed.embedders, ", "),
                        Counted(clustered.persons, "person"));
    return writer.Export();
  };
  const Status status = run();
  return writer.End(status, plain);
}

}  // namespace

void DeclareReembed(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "reembed", "compare faces with other embedding models; persons, names and corrections stay");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_option("--embedders,--models", options->reembed.embedders,
                   "embedding models, separated by commas")
      ->delimiter(',')
      ->required()
      ->type_name("NAMES");
  verb->add_option("--models-folder", options->reembed.models, "folder of the installed models")
      ->type_name("FOLDER");
  verb->add_option("--device", options->reembed.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  verb->add_option("--threads", options->reembed.threads, "worker threads; results do not depend on it")
      ->check(CLI::Range(1, 256));
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no progress and no notes; warnings and errors stay");
  options->reembed.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return Run(*options, *common, terminal); }; });
}

}  // namespace crossface
