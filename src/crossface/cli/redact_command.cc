#include "crossface/cli/redact_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/choice_option.h"
#include "crossface/cli/threads_option.h"

namespace crossface {
namespace {

struct RedactArguments {
  std::filesystem::path case_folder;
  RedactRequest request;
};

ExitCode RunRedact(const RedactArguments& options, const CommonOptions& common, Terminal& terminal) {
  TerminalObserver observer(terminal);
  RedactAnswer answer;
  Ending ending = CaseService(options.case_folder).Redact(options.request, WatchWith(observer), &answer);
  terminal.EndProgress();
  std::string plain;
  if (answer.summary) {
    for (const std::string& note : answer.summary->notes) terminal.Note("note: " + note);
    terminal.Note("look at the whole copy yourself before you publish it");
    plain = fmt::format("{}: {} of {} frames were changed\nSHA-256 {}", answer.output.string(),
                        answer.summary->frames_changed, answer.summary->frames, answer.summary->sha256);
  }
  return Finish(options.case_folder, ToJson(answer), plain, std::move(ending), common, terminal);
}

void DeclareWhom(CLI::App* verb, RedactArguments* options) {
  CLI::Option_group* whom = verb->add_option_group("whom", "whose faces are hidden");
  whom->add_flag("--all", options->request.all, "every face");
  whom->add_option("--only", options->request.only, "only these persons' faces; other faces stay visible")
      ->type_name("PERSON...");
  whom->add_option("--except", options->request.except,
                   "every face but these persons'; whoever is not known for certain is hidden")
      ->type_name("PERSON...");
  whom->require_option(1);
}

}  // namespace

void DeclareRedact(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  static const Choices<HideMethod> kMethods = {{"fill", HideMethod::kFill}, {"blur", HideMethod::kBlur}};
  const auto options = std::make_shared<RedactArguments>();
  RedactRequest& redact = options->request;
  CLI::App* verb = app.add_subcommand("redact", "write a copy of a video or picture with faces hidden");
  verb->add_option("source", options->request.source, "source of the case")->required()->type_name("SOURCE");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_option("--out", redact.output, "the copy: .mp4, .mov or .mkv, for a picture .jpg or .png")
      ->required()
      ->type_name("FILE");
  DeclareWhom(verb, options.get());
  AddChoice(verb, "--method", kMethods, &redact.method, "fill tells nothing; blur leaves light and colours");
  verb->add_flag("--strip-metadata", redact.strip_metadata,
                 "no tags, place, times of recording, chapters, names of programs");
  verb->add_flag("--exhaustive", redact.exhaustive, "every detector on every frame: slow");
  verb->add_option("--sources", options->request.sources, "folder where the footage is now, if it was moved")
      ->type_name("FOLDER");
  verb->add_option("--models", redact.models, "folder of the installed models")->type_name("FOLDER");
  verb->add_option("--device", redact.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  AddThreads(verb, &redact.threads, "worker threads; what is hidden does not depend on it");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no progress and no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return RunRedact(*options, *common, terminal); }; });
}

}  // namespace crossface
