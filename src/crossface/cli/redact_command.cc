#include "crossface/cli/redact_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/choice_option.h"
#include "crossface/cli/threads_option.h"
#include "crossface/media/source_part.h"
#include "crossface/pipeline/curation_names.h"
#include "crossface/pipeline/redact.h"
#include "crossface/pipeline/source_place.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

struct Options {
  std::filesystem::path case_folder, sources;
  std::string source;
  bool all = false;
  std::vector<std::string> only, except;
  RedactOptions redact;
};

std::string_view WhomName(RedactWhom whom) {
  return whom == RedactWhom::kAll ? "all" : whom == RedactWhom::kOnly ? "only" : "except";
}

// The file of these that is the source; where none is, the first, which is told when it is read.
Status FindBelow(const std::filesystem::path& folder, const SourceRecord& source, std::filesystem::path* path) {
  *path = folder / FileNameOf(source.name, source.info.part);
  const auto places = PlacesBelow(folder, source);
  if (!places.empty()) *path = places.front();
  for (const std::filesystem::path& place : places) {
    if (places.size() == 1) break;
    const auto sha256 = Sha256OfFile(place, KeepGoing);
    if (sha256.status().code() == StatusCode::kInterrupted) return sha256.status();
    if (!sha256.ok() || *sha256 != source.sha256) continue;
    *path = place;
    break;
  }
  return Status();
}

Status Resolve(const Options& options, const CurationState& state, RedactOptions* redact) {
  CROSSFACE_ASSIGN_OR_RETURN(redact->source, FindSource(state, options.source));
  const SourceRecord& source = state.sources[redact->source];
  redact->path = source.path;
  if (!options.sources.empty()) CROSSFACE_RETURN_IF_ERROR(FindBelow(options.sources, source, &redact->path));
  if (options.all) return Status();
  redact->whom = options.only.empty() ? RedactWhom::kExcept : RedactWhom::kOnly;
  for (const std::string& name : options.only.empty() ? options.except : options.only) {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state, name));
    redact->persons.insert(person);
  }
  return Status();
}

// Persons by number: names may be forgotten, and the log cannot.
nlohmann::json Fields(const RedactOptions& redact, const SourceRecord& source, const RedactSummary& summary) {
  return {{"source", source.name},
          {"source_sha256", source.sha256},
          {"output", redact.output.filename().string()},
          {"output_sha256", summary.sha256},
          {"whom", WhomName(redact.whom)},
          {"persons", redact.persons},
          {"method", HideMethodName(redact.method)},
          {"strip_metadata", redact.strip_metadata},
          {"exhaustive", redact.exhaustive},
          {"detectors", summary.detectors},
          {"encoder", summary.encoder},
          {"frames", summary.frames},
          {"frames_changed", summary.frames_changed},
          {"places", summary.places},
          {"found_again", summary.found_again},
          {"notes", summary.notes}};
}

ExitCode Run(const Options& options, const CommonOptions& common, Terminal& terminal) {
  CaseWriter writer(options.case_folder, common, terminal);
  std::string plain;
  const auto run = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(writer.Open("redact"));
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(writer.gallery()));
    RedactOptions redact = options.redact;
    CROSSFACE_RETURN_IF_ERROR(Resolve(options, state, &redact));
    redact.keep_going = KeepGoing;
    redact.progress = [&](double share, double remaining_s) {
      terminal.ShowWork("redact", share, remaining_s);
    };
    auto redacted = Redact(state, redact);
    terminal.EndProgress();
    CROSSFACE_ASSIGN_OR_RETURN(const RedactSummary summary, std::move(redacted));
    writer.answer()["redact"] = Fields(redact, state.sources[redact.source], summary);
    CROSSFACE_RETURN_IF_ERROR(writer.Log("redact", writer.answer()["redact"]));
    for (const std::string& warning : summary.warnings) writer.Warn(warning);
    for (const std::string& note : summary.notes) terminal.Note("note: " + note);
    if (summary.places == 0) writer.Warn("no face was hidden");
    terminal.Note("look at the whole copy yourself before you publish it");
    plain = fmt::format("{}: {} of {} frames were changed\nSHA-256 {}", redact.output.string(),
                        summary.frames_changed, summary.frames, summary.sha256);
    return Status();
  };
  const Status status = run();
  return writer.End(status, plain);
}

void DeclareWhom(CLI::App* verb, Options* options) {
  CLI::Option_group* whom = verb->add_option_group("whom", "whose faces are hidden");
  whom->add_flag("--all", options->all, "every face");
  whom->add_option("--only", options->only, "only these persons' faces; other faces stay visible")
      ->type_name("PERSON...");
  whom->add_option("--except", options->except,
                   "every face but these persons'; whoever is not known for certain is hidden")
      ->type_name("PERSON...");
  whom->require_option(1);
}

}  // namespace

void DeclareRedact(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  static const Choices<HideMethod> kMethods = {{"fill", HideMethod::kFill}, {"blur", HideMethod::kBlur}};
  const auto options = std::make_shared<Options>();
  RedactOptions& redact = options->redact;
  CLI::App* verb = app.add_subcommand("redact", "write a copy of a video or picture with faces hidden");
  verb->add_option("source", options->source, "source of the case")->required()->type_name("SOURCE");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_option("--out", redact.output, "the copy: .mp4, .mov or .mkv, for a picture .jpg or .png")
      ->required()
      ->type_name("FILE");
  DeclareWhom(verb, options.get());
  AddChoice(verb, "--method", kMethods, &redact.method, "fill tells nothing; blur leaves light and colours");
  verb->add_flag("--strip-metadata", redact.strip_metadata,
                 "no tags, place, times of recording, chapters, names of programs");
  verb->add_flag("--exhaustive", redact.exhaustive, "every detector on every frame: slow");
  verb->add_option("--sources", options->sources, "folder where the footage is now, if it was moved")
      ->type_name("FOLDER");
  verb->add_option("--models", redact.models, "folder of the installed models")->type_name("FOLDER");
  verb->add_option("--device", redact.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  AddThreads(verb, &redact.threads, "worker threads; what is hidden does not depend on it");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no progress and no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return Run(*options, *common, terminal); }; });
}

}  // namespace crossface
