// crossface without arguments on a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/commands.h"
#include "crossface/curation/curation_plan.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/counted.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

struct PersonSummary {
  PersonRecord person;
  int64_t tracks = 0, screen_us = 0;
  std::vector<int64_t> sources;
};

// Those seen longest first.
Result<std::vector<PersonSummary>> SummarisePersons(Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({}));
  std::map<int64_t, PersonSummary> by_id;
  for (const PersonRecord& person : persons) by_id[person.id].person = person;
  std::map<int64_t, int64_t> person_of;
  for (const Assignment& assignment : assignments) person_of[assignment.track_id] = assignment.person_id;
  for (const TrackRecord& track : tracks) {
    const auto found = by_id.find(person_of[track.id]);
    if (found == by_id.end()) continue;
    PersonSummary& summary = found->second;
    ++summary.tracks;
    summary.screen_us += track.end_us - track.start_us;
    if (std::find(summary.sources.begin(), summary.sources.end(), track.source_id) == summary.sources.end()) {
      summary.sources.push_back(track.source_id);
    }
  }
  std::vector<PersonSummary> sorted;
  for (auto& [id, summary] : by_id) sorted.push_back(std::move(summary));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.screen_us > b.screen_us; });
  return sorted;
}

Status Rename(CaseWriter& writer, int64_t person, const std::string& name) {
  CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(writer.gallery()));
  CROSSFACE_ASSIGN_OR_RETURN(const CurationPlan plan, CurationPlanner(state, false).Rename(person, name));
  CROSSFACE_RETURN_IF_ERROR(CarryOut(writer.gallery(), plan));
  return writer.Log("correction", {{"correction", plan.event.id}, {"verb", plan.event.verb}});
}

Status OfferNames(const std::filesystem::path& case_folder, CaseWriter& writer, Terminal& terminal) {
  CROSSFACE_RETURN_IF_ERROR(writer.Open("names"));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonSummary> persons, SummarisePersons(writer.gallery()));
  terminal.Note("");
  terminal.Note(
      "Name the people you know. Their pictures are in the folders shown. Enter skips one, q ends.");
  bool renamed = false;
  for (const PersonSummary& summary : persons) {
    terminal.Note("");
    terminal.Note(fmt::format("{}: {} in {}, {}", summary.person.name,
                              ShortDuration(static_cast<double>(summary.screen_us) / 1e6),
                              Counted(static_cast<int64_t>(summary.sources.size()), "source"),
                              Counted(summary.tracks, "appearance")));
    terminal.Note("  " + DisplayPath(case_folder / "people" / summary.person.name / "portrait.jpg"));
    std::optional<std::string> name = terminal.Ask("name:");
    while (name && !name->empty() && *name != "q") {
      const Status status = Rename(writer, summary.person.id, *name);
      renamed = renamed || status.ok();
      if (status.ok()) break;
      terminal.Warn(status.message());
      name = terminal.Ask("another name (Enter skips):");
    }
    if (!name || *name == "q") break;
  }
  if (!renamed) return Status();
  return writer.Export();
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

}  // namespace

ExitCode RunInteractive(const IdentifyOptions& defaults, const CommonOptions& common, Terminal& terminal) {
  terminal.Note("crossface finds the same people across your videos. Nothing leaves this computer.");
  terminal.Note("");
  IdentifyOptions options = defaults;
  const auto videos = AskForVideos(terminal);
  if (!videos) return kExitInterrupted;
  options.sources = {*videos};
  const std::string suggestion =
      (videos->has_filename() ? *videos : videos->parent_path()).string() + "-case";
  const auto case_folder = terminal.Ask(fmt::format("Folder for the results [{}]:", suggestion));
  if (!case_folder) return kExitInterrupted;
  options.case_folder = case_folder->empty() ? suggestion : WithoutQuotes(*case_folder);

  const ExitCode code = RunIdentify(options, common, terminal);
  if (code != kExitDone && code != kExitSomeSourcesBad) return code;
  CaseWriter writer(options.case_folder, common, terminal);
  const ExitCode named = writer.End(OfferNames(options.case_folder, writer, terminal), "");
  return named == kExitDone ? code : named;
}

}  // namespace crossface
