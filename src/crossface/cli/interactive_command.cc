// crossface without arguments on a terminal.
#include <fmt/format.h>

#include "crossface/app/case_service.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"
#include "crossface/tui/first_screen.h"
#include "crossface/tui/review.h"
#include "crossface/util/counted.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

Status OfferNames(const CaseService& service, Terminal& terminal) {
  PeopleAnswer people;
  if (const Ending ending = service.People(&people); !ending.status.ok()) return ending.status;
  TerminalObserver observer(terminal);
  terminal.Note("");
  terminal.Note(
      "Name the people you know. Their pictures are in the folders shown. Enter skips one, q ends.");
  for (const PersonAnswer& person : people.persons) {
    terminal.Note("");
    terminal.Note(fmt::format("{}: {} in {}, {}", person.name,
                              ShortDuration(static_cast<double>(person.screen_us) / 1e6),
                              Counted(person.sources, "source"), Counted(person.tracks, "appearance")));
    terminal.Note("  " + DisplayPath(service.case_folder() / "people" / person.name / "portrait.jpg"));
    std::optional<std::string> name = terminal.Ask("name:");
    while (name && !name->empty() && *name != "q") {
      CorrectionAnswer answer;
      const Ending ending =
          service.Correct(RenamePerson{std::to_string(person.id), *name}, {}, WatchWith(observer), &answer);
      terminal.EndProgress();
      if (ending.status.ok()) break;
      if (ending.status.code() != StatusCode::kInvalidArgument) return ending.status;
      terminal.Warn(ending.status.message());
      name = terminal.Ask("another name (Enter skips):");
    }
    if (!name || *name == "q") break;
  }
  return Status();
}

std::string WithoutQuotes(std::string text) {
  // A folder dragged into a terminal arrives quoted.
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front())
    text = text.substr(1, text.size() - 2);
  if (text.starts_with("~/")) {
    if (const char* home = std::getenv("HOME")) text = home + text.substr(1);
  }
  return text;
}

std::optional<std::filesystem::path> AskForVideos(Terminal& terminal) {
  while (true) {
    const auto answer = terminal.Ask("Folder with the videos or pictures:");
    if (!answer) return std::nullopt;
    const std::filesystem::path folder = WithoutQuotes(*answer);
    std::error_code error;
    if (folder.empty()) continue;
    if (std::filesystem::exists(folder, error)) return folder;
    const auto create = terminal.Ask(
        fmt::format("{} does not exist. Create it, to put videos there? [y/N]", folder.string()));
    if (!create) return std::nullopt;
    if (*create != "y" && *create != "Y") continue;
    std::filesystem::create_directories(folder, error);
    if (error) {
      terminal.Warn(fmt::format("{}: {}", folder.string(), error.message()));
      continue;
    }
    if (!terminal.Ask("Created. Put the videos there, then press Enter.")) return std::nullopt;
    return folder;
  }
}

// The same questions on the whole terminal, and the review in the place of names.
ExitCode RunOnScreen(const IdentifyOptions& defaults, const CommonOptions& common, Terminal& terminal) {
  std::vector<std::filesystem::path> look_in = {"."};
  if (const char* home = std::getenv("HOME"))
    look_in.push_back(std::filesystem::path(home) / "crossface-cases");
  const FirstChoice choice = AskWhatToDo(look_in, terminal.colour(), StopToken());
  if (choice.what == FirstChoice::kQuit) return kExitInterrupted;
  ExitCode code = kExitDone;
  if (choice.what == FirstChoice::kIdentify) {
    IdentifyOptions options = defaults;
    options.scan.sources = {choice.sources};
    options.case_folder = choice.case_folder;
    code = RunIdentify(options, common, terminal);
    if (code != kExitDone && code != kExitSomeSourcesBad) return code;
  }
  const Status reviewed = ReviewPeople(choice.case_folder, terminal.colour(), StopToken());
  return reviewed.ok() ? code : Report(reviewed, terminal);
}

}  // namespace

ExitCode RunInteractive(const IdentifyOptions& defaults, const CommonOptions& common, Terminal& terminal) {
  if (terminal.drawable()) return RunOnScreen(defaults, common, terminal);
  terminal.Note("crossface finds the same people across your videos. Nothing leaves this computer.");
  terminal.Note("");
  IdentifyOptions options = defaults;
  const auto videos = AskForVideos(terminal);
  if (!videos) return kExitInterrupted;
  options.scan.sources = {*videos};
  const std::string suggestion =
      (videos->has_filename() ? *videos : videos->parent_path()).string() + "-case";
  const auto case_folder = terminal.Ask(fmt::format("Folder for the results [{}]:", suggestion));
  if (!case_folder) return kExitInterrupted;
  options.case_folder = case_folder->empty() ? suggestion : WithoutQuotes(*case_folder);

  const ExitCode code = RunIdentify(options, common, terminal);
  if (code != kExitDone && code != kExitSomeSourcesBad) return code;
  const Status named = OfferNames(CaseService(options.case_folder), terminal);
  return named.ok() ? code : Report(named, terminal);
}

}  // namespace crossface
