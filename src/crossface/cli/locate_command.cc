#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/verify_command.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

struct LocateArguments {
  std::filesystem::path case_folder;
  LocateRequest request;
};

std::string Text(const LocateSummary& summary) {
  std::string text;
  for (const auto& [name, path] : summary.found)
    text += fmt::format("{}: now {}\n", Printable(name), Printable(path));
  for (const std::string& name : summary.others)
    text += fmt::format("{}: the file there holds something else\n", Printable(name));
  for (const std::string& name : summary.missing) text += fmt::format("{}: not there\n", Printable(name));
  const size_t left = summary.others.size() + summary.missing.size();
  if (summary.found.empty() && left == 0) return "every source is where it was";
  return text + fmt::format("{} found by SHA-256, {} not",
                            Counted(static_cast<int64_t>(summary.found.size()), "source"), left);
}

ExitCode RunLocate(const LocateArguments& options, const CommonOptions& common, Terminal& terminal) {
  TerminalObserver observer(terminal);
  LocateAnswer answer;
  Ending ending = CaseService(options.case_folder).Locate(options.request, WatchWith(observer), &answer);
  terminal.EndProgress();
  return Finish(options.case_folder, ToJson(answer), answer.summary ? Text(*answer.summary) : "",
                std::move(ending), common, terminal);
}

}  // namespace

void DeclareLocate(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<LocateArguments>();
  CLI::App* verb = app.add_subcommand("locate", "footage was moved: look for it where it is now");
  verb->add_option("place", options->request.place, "folder where the footage is now, or the file itself")
      ->required()
      ->type_name("PLACE");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_option("--source", options->request.source,
                   "only this source; else all that are not where they were")
      ->type_name("NAME");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no progress and no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return RunLocate(*options, *common, terminal); }; });
}

}  // namespace crossface
