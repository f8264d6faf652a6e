#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/threads_option.h"
#include "crossface/cli/verify_command.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

struct ReembedArguments {
  std::filesystem::path case_folder;
  ReembedRequest request;
};

ExitCode RunReembed(const ReembedArguments& options, const CommonOptions& common, Terminal& terminal) {
  ReembedAnswer answer;
  Ending ending;
  WatchWork("reembed", options.case_folder, terminal, [&](const Watch& watch) {
    ending = CaseService(options.case_folder).Reembed(options.request, watch, &answer);
  });
  std::string plain;
  if (answer.summary && answer.group)
    plain = fmt::format("{} of {} have new vectors of {}; {}", Counted(answer.summary->faces, "face"),
                        Counted(answer.summary->tracks, "track"), fmt::join(answer.models, ", "),
                        Counted(answer.group->persons, "person"));
  return Finish(options.case_folder, ToJson(answer), plain, std::move(ending), common, terminal);
}

}  // namespace

void DeclareReembed(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<ReembedArguments>();
  CLI::App* verb = app.add_subcommand(
      "reembed", "compare faces with other embedding models; persons, names and corrections stay");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_option("--embedders,--models", options->request.embedders,
                   "embedding models, separated by commas")
      ->delimiter(',')
      ->required()
      ->type_name("NAMES");
  verb->add_option("--models-folder", options->request.models, "folder of the installed models")
      ->type_name("FOLDER");
  verb->add_option("--device", options->request.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  AddThreads(verb, &options->request.threads, "worker threads; results do not depend on it");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no progress and no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return RunReembed(*options, *common, terminal); }; });
}

}  // namespace crossface
