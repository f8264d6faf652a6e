// models list, install, verify.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/app/installation_json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"

namespace crossface {

ExitCode RunModelsList(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal) {
  const ModelsListAnswer answer = ListModels(request.models);
  std::string plain;
  for (const auto& [entry, installed] : answer.models)
    plain += fmt::format("{}{:<4}{:<24}{:<20}{}", plain.empty() ? "" : "\n", installed ? "yes" : "no",
                         entry->name, entry->family, entry->licence);
  return Finish("", ToJson(answer), plain, {}, common, terminal);
}

ExitCode RunModelsInstall(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal) {
  TerminalObserver observer(terminal);
  const Watch watch = WatchWith(observer);
  const auto told = [&](const std::string& line) { terminal.Note(line); };
  ModelsInstallAnswer answer;
  // Licences are shown before they are accepted, also by who accepts them beforehand.
  ModelsRequest asking = request;
  asking.accept_licences = false;
  Ending ending = InstallModels(asking, watch, told, &answer);
  if (ending.status.remedy() == Remedy::kAcceptLicences) {
    for (const ModelEntry* entry : answer.unaccepted)
      terminal.Note(fmt::format("{}: {}. {}", entry->name, entry->licence, entry->licence_note));
    bool accepted = request.accept_licences;
    if (!accepted && terminal.interactive()) {
      const auto word = terminal.Ask("Accept these licences? [y/N]");
      accepted = word == "y" || word == "Y" || word == "yes";
    }
    if (accepted) {
      asking.accept_licences = true;
      answer = {};
      ending = InstallModels(asking, watch, told, &answer);
    }
  }
  for (const InstallOutcome& outcome : answer.outcomes) {
    if (outcome.kind == InstallOutcome::Kind::kInstalled)
      terminal.Note(fmt::format("{}: installed from {}", outcome.model, outcome.origin));
  }
  nlohmann::json fields = ending.status.ok() ? ToJson(answer) : nlohmann::json::object();
  return Finish("", std::move(fields), "", std::move(ending), common, terminal);
}

ExitCode RunModelsVerify(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal) {
  ModelsVerifyAnswer answer;
  Ending ending = VerifyInstalledModels(request.models, &answer);
  std::string plain;
  for (const VerifyOutcome& outcome : answer.models)
    plain += fmt::format("{}{:<24}{}", plain.empty() ? "" : "\n", outcome.model, StateOf(outcome));
  return Finish("", ToJson(answer), plain, std::move(ending), common, terminal);
}

}  // namespace crossface
