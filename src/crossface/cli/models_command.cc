// models list, install, verify.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "crossface/app/installation_json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"

namespace crossface {
namespace {

std::string SizeText(int64_t bytes) {
  return bytes == 0 ? "" : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

ExitCode RunModelsList(const ModelsRequest& request, const CommonOptions& common, Terminal& terminal) {
  const ModelsListAnswer answer = ListModels(request.models);
  std::string plain;
  for (const auto& [entry, installed] : answer.models)
    plain += fmt::format("{}{:<4}{:<24}{:<20}{:>9}  {}{}", plain.empty() ? "" : "\n",
                         installed ? "yes" : "no", entry->name, entry->family, SizeText(entry->bytes),
                         entry->licence, entry->on_request && !installed ? " (by name only)" : "");
  for (const ModelPack& pack : answer.packs)
    plain += fmt::format("\n{} is {}", pack.name, fmt::join(pack.models, " and "));
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
      terminal.Note(fmt::format("{}{}: {}. {}", entry->name,
                                entry->bytes == 0 ? "" : " (" + SizeText(entry->bytes) + ")", entry->licence,
                                entry->licence_note));
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
    if (!outcome.first_used_sha256.empty())
      terminal.Note(
          fmt::format("{}: nobody published a checksum of this file; it is recorded now, and another "
                      "file will be refused: SHA-256 {}",
                      outcome.model, outcome.first_used_sha256));
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
