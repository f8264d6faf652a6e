// models list, install, verify.
#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "crossface/cli/commands.h"
#include "crossface/inference/models/model_installer.h"

namespace crossface {
namespace {

// --mirror, else CROSSFACE_MODELS_MIRROR, else the shared folder that developers have beside the checkout.
std::filesystem::path MirrorFolder(const ModelsOptions& options) {
  if (!options.mirror.empty()) return options.mirror;
  if (const char* mirror = std::getenv("CROSSFACE_MODELS_MIRROR"); mirror != nullptr && *mirror != '\0')
    return mirror;
  const std::filesystem::path shared = "../shared/models";
  return std::filesystem::is_directory(shared) ? shared : std::filesystem::path();
}

bool AskForLicences(const std::vector<const ModelEntry*>& unaccepted, const ModelsOptions& options,
                    Terminal& terminal) {
  for (const ModelEntry* entry : unaccepted) {
    terminal.Note(fmt::format("{}: {}. {}", entry->name, entry->licence, entry->licence_note));
  }
  if (options.accept_licences) return true;
  if (!terminal.interactive()) return false;
  const auto answer = terminal.Ask("Accept these licences? [y/N]");
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

const char* KindName(InstallOutcome::Kind kind) {
  switch (kind) {
    case InstallOutcome::Kind::kPresent:
      return "present";
    case InstallOutcome::Kind::kInstalled:
      return "installed";
    case InstallOutcome::Kind::kUnavailable:
      return "unavailable";
    case InstallOutcome::Kind::kFailed:
      return "failed";
  }
  return "";
}

std::string Dump(const nlohmann::json& answer) {
  return answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

ExitCode RunModelsList(const ModelsOptions& options, const CommonOptions& common, Terminal& terminal) {
  const ModelStore store(options.models);
  nlohmann::json answer = {
      {"schema", "crossface/1"}, {"folder", store.folder().string()}, {"models", nlohmann::json::array()}};
  for (const ModelEntry& entry : KnownModels()) {
    const bool installed = store.Find(entry.name).ok();
    answer["models"].push_back({{"name", entry.name},
                                {"family", entry.family},
                                {"installed", installed},
                                {"licence", entry.licence},
                                {"note", entry.licence_note},
                                {"permissive", entry.permissive},
                                {"trained_on", entry.trained_on}});
    if (!common.json) {
      terminal.Print(fmt::format("{:<4}{:<24}{:<20}{}", installed ? "yes" : "no", entry.name, entry.family,
                                 entry.licence));
    }
  }
  answer["exit"] = static_cast<int>(kExitDone);
  if (common.json) terminal.PrintJson(Dump(answer));
  return kExitDone;
}

ExitCode RunModelsInstall(const ModelsOptions& options, const CommonOptions& common, Terminal& terminal) {
  const ModelStore store(options.models);
  const auto unaccepted = UnacceptedModels(store, options.names);
  if (!unaccepted.ok()) return Fail(unaccepted.status(), common, terminal);
  if (!unaccepted->empty()) {
    if (!AskForLicences(*unaccepted, options, terminal))
      return Fail(Status(StatusCode::kModelMissing,
                         "these licences are not accepted; read them and add --accept-licences"),
                  common, terminal);
    if (const Status status = AcceptLicences(store, *unaccepted); !status.ok())
      return Fail(status, common, terminal);
  }
  InstallOptions install{.names = options.names,
                         .mirror = MirrorFolder(options),
                         .from_file = options.from_file,
                         .keep_going = KeepGoing};
  install.progress = [&](const std::string& line) { terminal.Note(line); };
  const auto outcomes = InstallModels(store, install);
  if (!outcomes.ok()) return Fail(outcomes.status(), common, terminal);

  nlohmann::json answer = {
      {"schema", "crossface/1"}, {"folder", store.folder().string()}, {"models", nlohmann::json::array()}};
  bool missed = false;
  for (const InstallOutcome& outcome : *outcomes) {
    answer["models"].push_back({{"name", outcome.model},
                                {"outcome", KindName(outcome.kind)},
                                {"origin", outcome.origin},
                                {"message", outcome.message}});
    const bool bad =
        outcome.kind == InstallOutcome::Kind::kUnavailable || outcome.kind == InstallOutcome::Kind::kFailed;
    missed = missed || bad;
    if (bad) terminal.Warn(fmt::format("{}: {}: {}", outcome.model, KindName(outcome.kind), outcome.message));
    if (outcome.kind == InstallOutcome::Kind::kInstalled)
      terminal.Note(fmt::format("{}: installed from {}", outcome.model, outcome.origin));
  }
  // What was named must be there; of all that is known, enough to work with.
  const bool enough = options.names.empty() ? IsReady(VerifyModels(store)) : !missed;
  const ExitCode code = enough ? kExitDone : kExitModelMissing;
  answer["exit"] = static_cast<int>(code);
  if (common.json) terminal.PrintJson(Dump(answer));
  return code;
}

ExitCode RunModelsVerify(const ModelsOptions& options, const CommonOptions& common, Terminal& terminal) {
  const ModelStore store(options.models);
  nlohmann::json answer = {
      {"schema", "crossface/1"}, {"folder", store.folder().string()}, {"models", nlohmann::json::array()}};
  bool changed = false, any = false;
  for (const VerifyOutcome& outcome : VerifyModels(store)) {
    changed = changed || !outcome.problem.empty();
    any = any || outcome.installed;
    const std::string state = !outcome.installed        ? "not installed"
                              : outcome.problem.empty() ? "ok"
                                                        : outcome.problem;
    answer["models"].push_back({{"name", outcome.model}, {"state", state}});
    if (!common.json) terminal.Print(fmt::format("{:<24}{}", outcome.model, state));
  }
  const ExitCode code = changed ? kExitMismatch : any ? kExitDone : kExitModelMissing;
  answer["exit"] = static_cast<int>(code);
  if (common.json) terminal.PrintJson(Dump(answer));
  return code;
}

}  // namespace crossface
