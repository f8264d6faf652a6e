#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/verify_command.h"
#include "crossface/pipeline/curation_names.h"
#include "crossface/pipeline/forget.h"

namespace crossface {
namespace {

struct Options {
  std::filesystem::path case_folder;
  std::string what;
  bool source = false, dry_run = false, yes = false;
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
  const auto answer =
      terminal.Ask(fmt::format("Remove {} and {} faces in {} tracks for good? This cannot be undone. [y/N]",
                               options.what, plan.faces, plan.tracks.size()));
  if (answer == "y" || answer == "Y") return Status();
  return Status(StatusCode::kInterrupted, "nothing was removed");
}

ExitCode Run(const Options& options, const CommonOptions& common, Terminal& terminal) {
  CaseWriter writer(options.case_folder, common, terminal);
  std::string plain;
  ForgetSummary summary;
  const auto run = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(writer.Open(options.dry_run ? "" : "forget"));
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(writer.gallery()));
    CROSSFACE_ASSIGN_OR_RETURN(const ForgetPlan plan, MakePlan(state, options));
    nlohmann::json& answer = writer.answer();
    answer["dry_run"] = options.dry_run;
    answer["forget"] = {{"persons", plan.persons},
                        {"sources", plan.sources},
                        {"tracks", plan.tracks.size()},
                        {"faces", plan.faces}};
    plain = fmt::format("would remove {} faces in {} tracks", plan.faces, plan.tracks.size());
    if (options.dry_run) return Status();
    CROSSFACE_RETURN_IF_ERROR(Confirm(options, plan, terminal));
    CROSSFACE_ASSIGN_OR_RETURN(summary, Forget(writer.gallery(), state, plan));
    nlohmann::json proof = {{"tracks", summary.tracks},
                            {"faces", summary.faces},
                            {"corrections_redacted", summary.corrections},
                            {"searched_for", summary.needles},
                            {"searched_files", summary.searched_files},
                            {"searched_bytes", summary.searched_bytes},
                            {"found_in", summary.found_in.size()}};
    answer["forgotten"] = proof;
    answer["forgotten"]["found_in"] = summary.found_in;
    proof["persons"] = plan.persons;
    CROSSFACE_RETURN_IF_ERROR(writer.Log("forgotten", proof));
    plain = fmt::format(
        "removed {} faces in {} tracks; {} pieces of them and names were looked for in {} files: {}",
        summary.faces, summary.tracks, summary.needles, summary.searched_files,
        summary.found_in.empty() ? "nothing is left"
                                 : fmt::format("still in {}", fmt::join(summary.found_in, ", ")));
    return writer.Export();
  };
  const Status status = run();
  return writer.End(status, plain, summary.found_in.empty() ? kExitDone : kExitMismatch);
}

}  // namespace

void DeclareForget(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("forget", "remove a person or a source from the case for good, and prove it");
  verb->add_option("what", options->what, "person (name or number) or source")
      ->required()
      ->type_name("PERSON|SOURCE");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_flag("--source", options->source, "it is a source, though a person is called so too");
  verb->add_flag("--dry-run", options->dry_run, "only tell what would be removed");
  verb->add_flag("--yes", options->yes, "do not ask");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return Run(*options, *common, terminal); }; });
}

}  // namespace crossface
