#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/verify_command.h"
#include "crossface/curation/curation_names.h"
#include "crossface/custody/forget.h"
#include "crossface/gallery/facts.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

struct Options {
  std::filesystem::path case_folder;
  std::string what;
  bool source = false, dry_run = false, yes = false, finish = false;
};

Result<ForgetPlan> MakePlan(const CurationState& state, const Options& options) {
  if (!options.source) {
    const auto person = FindPerson(state, options.what);
    if (person.ok()) return PlanForgetPerson(state, *person);
    if (!FindSource(state, options.what).ok()) return person.status();
  }
  CROSSFACE_ASSIGN_OR_RETURN(const size_t source, FindSource(state, options.what));
  return PlanForgetSource(state, state.sources[source].id);
}

Status Confirm(const Options& options, const ForgetPlan& plan, Terminal& terminal) {
  if (options.yes) return Status();
  if (!terminal.interactive())
    return Status(StatusCode::kInvalidArgument,
                  "forgetting cannot be undone: add --yes to do it, or --dry-run to see what would go");
  const auto answer = terminal.Ask(
      fmt::format("Remove {} and {} in {} for good? This cannot be undone. [y/N]", options.what,
                  Counted(plan.faces, "face"), Counted(static_cast<int64_t>(plan.tracks.size()), "track")));
  if (answer == "y" || answer == "Y") return Status();
  return Status(StatusCode::kInterrupted, "nothing was removed");
}

nlohmann::json Proof(const ForgetSummary& summary) {
  return {{"tracks", summary.tracks},
          {"faces", summary.faces},
          {"corrections_redacted", summary.corrections},
          {"log_lines_redacted", summary.log_lines},
          {"searched_for", summary.needles},
          {"searched_files", summary.searched_files},
          {"searched_bytes", summary.searched_bytes},
          {"finished", summary.unfinished.empty()},
          {"found_in", summary.found_in.size()}};
}

std::string Told(const ForgetSummary& summary) {
  return fmt::format("removed {} in {}; {} pieces of them and names were looked for in {}: {}",
                     Counted(summary.faces, "face"), Counted(summary.tracks, "track"), summary.needles,
                     Counted(summary.searched_files, "file"),
                     summary.found_in.empty()
                         ? "nothing is left"
                         : fmt::format("still in {}", fmt::join(summary.found_in, ", ")));
}

std::string HowToFinish(const std::filesystem::path& case_folder) {
  return fmt::format("once that is no longer so: crossface forget --finish --case {}", case_folder.string());
}

// Removes what the plan says, and tells how it went.
class Forgetting {
 public:
  Forgetting(const Options& options, const CommonOptions& common, Terminal& terminal)
      : options_(options), terminal_(terminal), writer_(options.case_folder, common, terminal) {}

  ExitCode Run() {
    const Status status = options_.finish ? Finish() : Remove();
    const bool left = !summary_.found_in.empty() || !summary_.unfinished.empty();
    return writer_.End(status, plain_, left ? kExitMismatch : kExitDone);
  }

 private:
  Status Remove() {
    CROSSFACE_RETURN_IF_ERROR(writer_.Open(options_.dry_run ? "" : "forget"));
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(writer_.gallery()));
    CROSSFACE_ASSIGN_OR_RETURN(const ForgetPlan plan, MakePlan(state, options_));
    nlohmann::json& answer = writer_.answer();
    answer["dry_run"] = options_.dry_run;
    answer["forget"] = {{"persons", plan.persons},
                        {"sources", plan.sources},
                        {"tracks", plan.tracks.size()},
                        {"faces", plan.faces}};
    plain_ = fmt::format("would remove {} in {}", Counted(plan.faces, "face"),
                         Counted(static_cast<int64_t>(plan.tracks.size()), "track"));
    if (options_.dry_run) return Status();
    CROSSFACE_RETURN_IF_ERROR(Confirm(options_, plan, terminal_));
    CROSSFACE_ASSIGN_OR_RETURN(summary_, Forget(writer_.gallery(), state, plan, writer_.log()));
    nlohmann::json proof = Proof(summary_);
    answer["forgotten"] = proof;
    answer["forgotten"]["found_in"] = summary_.found_in;
    proof["persons"] = plan.persons;
    CROSSFACE_RETURN_IF_ERROR(writer_.Log("forgotten", proof));
    plain_ = Told(summary_);
    if (!summary_.unfinished.empty())
      writer_.Warn(fmt::format("{}; {}", summary_.unfinished, HowToFinish(options_.case_folder)));
    return writer_.Export();
  }

  Status Finish() {
    CROSSFACE_RETURN_IF_ERROR(writer_.Open("forget --finish"));
    CROSSFACE_ASSIGN_OR_RETURN(const std::string pending, writer_.gallery().ReadFact(kForgettingFact));
    writer_.answer()["was_pending"] = !pending.empty();
    if (const Status finished = FinishForgetting(writer_.gallery()); !finished.ok())
      return Status(finished.code(),
                    fmt::format("{}; {}", finished.message(), HowToFinish(options_.case_folder)));
    CROSSFACE_RETURN_IF_ERROR(writer_.Log("forgetting finished", {{"was_pending", !pending.empty()}}));
    plain_ = pending.empty()
                 ? "nothing was left to do; the database file is rebuilt all the same"
                 : "finished: the database file is rebuilt, and nothing that was removed is in it";
    return writer_.Export();
  }

  const Options& options_;
  Terminal& terminal_;
  CaseWriter writer_;
  std::string plain_;
  ForgetSummary summary_;
};

}  // namespace

void DeclareForget(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("forget", "remove a person or a source from the case for good, and prove it");
  CLI::Option* what = verb->add_option("what", options->what, "person (name or number) or source")
                          ->type_name("PERSON|SOURCE");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_flag("--source", options->source, "it is a source, though a person is called so too");
  verb->add_flag("--dry-run", options->dry_run, "only tell what would be removed");
  verb->add_flag("--yes", options->yes, "do not ask");
  verb->add_flag("--finish", options->finish,
                 "rebuild the database file, when it was in use or the disk was full the last time")
      ->excludes(what);
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback([=] {
    if (options->what.empty() && !options->finish) throw CLI::RequiredError("PERSON|SOURCE");
    *chosen = [=](Terminal& terminal) { return Forgetting(*options, *common, terminal).Run(); };
  });
}

}  // namespace crossface
