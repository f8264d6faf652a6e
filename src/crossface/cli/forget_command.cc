#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/verify_command.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

struct ForgetArguments {
  std::filesystem::path case_folder;
  ForgetRequest request;
  bool finish = false;
};

std::string Amount(const ForgetPlan& plan) {
  return fmt::format("{} in {}", Counted(plan.faces, "face"),
                     Counted(static_cast<int64_t>(plan.tracks.size()), "track"));
}

std::string Text(const ForgetAnswer& answer) {
  if (answer.was_pending)
    return *answer.was_pending
               ? "finished: the database file is rebuilt, and nothing that was removed is in it"
               : "nothing was left to do; the database file is rebuilt all the same";
  if (answer.dry_run && answer.plan) return "would remove " + Amount(*answer.plan);
  if (!answer.summary) return "";
  const ForgetSummary& summary = *answer.summary;
  return fmt::format("removed {} in {}; {} pieces of them and names were looked for in {}: {}",
                     Counted(summary.faces, "face"), Counted(summary.tracks, "track"), summary.needles,
                     Counted(summary.searched_files, "file"),
                     summary.found_in.empty()
                         ? "nothing is left"
                         : fmt::format("still in {}", fmt::join(summary.found_in, ", ")));
}

// What would go is shown before it is asked about.
bool IsMeant(const ForgetArguments& options, const CaseService& service, Terminal& terminal) {
  ForgetRequest look = options.request;
  look.dry_run = true;
  ForgetAnswer answer;
  if (!service.Forget(look, {}, &answer).status.ok()) return true;  // the call itself tells why
  const auto meant = terminal.Ask(fmt::format("Remove {} and {} for good? This cannot be undone. [y/N]",
                                              look.what, Amount(*answer.plan)));
  return meant == "y" || meant == "Y";
}

ExitCode RunForget(ForgetArguments options, const CommonOptions& common, Terminal& terminal) {
  const CaseService service(options.case_folder);
  ForgetRequest& request = options.request;
  if (!options.finish && !request.dry_run && !request.confirmed && terminal.interactive()) {
    if (!IsMeant(options, service, terminal))
      return Fail(Status(StatusCode::kInterrupted, "nothing was removed"), common, terminal);
    request.confirmed = true;
  }
  TerminalObserver observer(terminal);
  ForgetAnswer answer;
  Ending ending = options.finish ? service.FinishForgetting(WatchWith(observer), &answer)
                                 : service.Forget(request, WatchWith(observer), &answer);
  if (answer.summary && !answer.summary->unfinished.empty())
    terminal.Note(fmt::format("once that is no longer so: crossface forget --finish --case {}",
                              options.case_folder.string()));
  return Finish(options.case_folder, ToJson(answer), Text(answer), std::move(ending), common, terminal);
}

}  // namespace

void DeclareForget(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<ForgetArguments>();
  CLI::App* verb =
      app.add_subcommand("forget", "remove a person or a source from the case for good, and prove it");
  CLI::Option* what = verb->add_option("what", options->request.what, "person (name or number) or source")
                          ->type_name("PERSON|SOURCE");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_flag("--source", options->request.source, "it is a source, though a person is called so too");
  verb->add_flag("--dry-run", options->request.dry_run, "only tell what would be removed");
  verb->add_flag("--yes", options->request.confirmed, "do not ask");
  verb->add_flag("--finish", options->finish,
                 "rebuild the database file, when it was in use or the disk was full the last time")
      ->excludes(what);
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback([=] {
    if (options->request.what.empty() && !options->finish) throw CLI::RequiredError("PERSON|SOURCE");
    *chosen = [=](Terminal& terminal) { return RunForget(*options, *common, terminal); };
  });
}

}  // namespace crossface
