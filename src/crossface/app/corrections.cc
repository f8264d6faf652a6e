// CaseService's corrections of who is who.
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "crossface/app/case_run.h"
#include "crossface/app/case_service.h"
#include "crossface/app/correction_run.h"
#include "crossface/app/look.h"
#include "crossface/curation/curation_names.h"
#include "crossface/curation/curation_plan.h"
#include "crossface/curation/review.h"

namespace crossface {
namespace {

// Plans what a correction asks for.
class Planning {
 public:
  Planning(const CurationState& state, bool override_earlier)
      : state_(state), planner_(state, override_earlier) {}

  Result<CurationPlan> operator()(const RenamePerson& rename) const {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state_, rename.person));
    return planner_.Rename(person, rename.name);
  }
  Result<CurationPlan> operator()(const MergePersons& merge) const {
    std::vector<int64_t> persons;
    for (const std::string& word : merge.persons) {
      CROSSFACE_ASSIGN_OR_RETURN(persons.emplace_back(), FindPerson(state_, word));
    }
    return planner_.Merge(persons);
  }
  Result<CurationPlan> operator()(const SplitTracks& split) const {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state_, split.person));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<size_t> tracks, FindTracks(state_, split.tracks));
    return planner_.Split(person, tracks, split.name);
  }
  Result<CurationPlan> operator()(const MoveTracks& move) const {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<size_t> tracks, FindTracks(state_, move.tracks));
    if (move.to_nobody) return planner_.Move(tracks, 0);
    const auto person = FindPerson(state_, move.to);
    if (!person.ok() && (move.to == "nobody" || move.to == "unassigned")) return planner_.Move(tracks, 0);
    if (!person.ok()) return person.status();
    return planner_.Move(tracks, *person);
  }
  Result<CurationPlan> operator()(const NotTheSame& parted) const {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state_, parted.person));
    if (parted.others.size() == 1) {
      if (const auto other = FindPerson(state_, parted.others.front()); other.ok())
        return planner_.NotSame(person, *other);
    }
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<size_t> tracks, FindTracks(state_, parted.others));
    return planner_.NotThisPerson(person, tracks);
  }
  Result<CurationPlan> operator()(const ConfirmTracks& confirm) const {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state_, confirm.person));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<size_t> tracks, FindTracks(state_, confirm.tracks));
    return planner_.Confirm(person, tracks);
  }
  Result<CurationPlan> operator()(const IgnorePerson& ignore) const {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t person, FindPerson(state_, ignore.person));
    return planner_.Ignore(person, ignore.ignored);
  }
  Result<CurationPlan> operator()(const UndoCorrections& undo) const {
    return planner_.Undo(undo.all ? state_.in_force.size() : undo.count);
  }
  Result<CurationPlan> operator()(const RedoCorrections& redo) const {
    return planner_.Redo(redo.all ? state_.undone.size() : redo.count);
  }

 private:
  const CurationState& state_;
  const CurationPlanner planner_;
};

// Whom a correction names that changes whole persons alone; nothing for one that may touch anybody's tracks.
struct WholePersons {
  using Names = std::optional<std::vector<std::string>>;
  Names operator()(const RenamePerson& rename) const { return Names({rename.person}); }
  Names operator()(const MergePersons& merge) const { return merge.persons; }
  Names operator()(const IgnorePerson& ignore) const { return Names({ignore.person}); }
  template <typename Other>
  Names operator()(const Other&) const {
    return std::nullopt;
  }
};

// What changes whole persons need not read the others' tracks.
Result<CurationState> ReadStateFor(const Correction& correction, const Gallery& gallery) {
  const auto names = std::visit(WholePersons(), correction);
  if (!names) return CurationState::Read(gallery);
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> records, gallery.ReadPersons());
  const std::map<int64_t, PersonFacts> facts = FactsOf(records);
  std::vector<int64_t> persons;
  for (const std::string& name : *names) {
    if (const auto person = FindPerson(facts, name); person.ok()) persons.push_back(*person);
  }
  return CurationState::ReadOf(gallery, persons);
}

// The state is not held any longer: the export needs the room.
Result<CurationPlan> PlanFor(const Correction& correction, bool override_earlier, const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, ReadStateFor(correction, gallery));
  return std::visit(Planning(state, override_earlier), correction);
}

CaseChange ChangeOf(const CurationPlan& plan) {
  std::set<int64_t> persons;
  for (const auto& person : plan.event.persons) persons.insert(person.id);
  for (const auto& move : plan.event.moves) persons.insert({move.from, move.to});
  CaseChange change{.persons = {persons.begin(), persons.end()}};
  for (const Assignment& assignment : plan.change.assignments) change.tracks.push_back(assignment.track_id);
  return change;
}

struct Verbs {
  std::string_view operator()(const RenamePerson&) const { return "rename"; }
  std::string_view operator()(const MergePersons&) const { return "merge"; }
  std::string_view operator()(const SplitTracks&) const { return "split"; }
  std::string_view operator()(const MoveTracks&) const { return "move"; }
  std::string_view operator()(const NotTheSame&) const { return "not-same"; }
  std::string_view operator()(const ConfirmTracks&) const { return "confirm"; }
  std::string_view operator()(const IgnorePerson&) const { return "ignore"; }
  std::string_view operator()(const UndoCorrections&) const { return "undo"; }
  std::string_view operator()(const RedoCorrections&) const { return "redo"; }
};

}  // namespace

std::string_view VerbOf(const Correction& correction) { return std::visit(Verbs(), correction); }

Result<std::optional<MadeCorrection>> MakeCorrection(CaseRun& run, const Correction& correction,
                                                     const CorrectionOptions& options,
                                                     CorrectionAnswer* answer,
                                                     const std::function<Status(Gallery&)>& prepare) {
  answer->dry_run = options.dry_run;
  CROSSFACE_RETURN_IF_ERROR(options.dry_run ? run.OpenToLook()
                                            : run.Open("people " + std::string(VerbOf(correction))));
  if (!options.based_on.empty()) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::string version, VersionOfCase(run.gallery()));
    if (version != options.based_on)
      return Status(StatusCode::kMismatch, "the case was changed after you looked at it: look again");
  }
  CROSSFACE_ASSIGN_OR_RETURN(CurationPlan plan, PlanFor(correction, options.override_earlier, run.gallery()));
  plan.event.by = options.by;
  answer->event = plan.event;
  answer->notes = plan.notes;
  if (options.dry_run) return std::optional<MadeCorrection>();
  if (prepare) CROSSFACE_RETURN_IF_ERROR(prepare(run.gallery()));
  MadeCorrection made{.change = ChangeOf(plan)};
  CROSSFACE_ASSIGN_OR_RETURN(made.logs_before, run.gallery().ReadExportedLogs());
  CROSSFACE_RETURN_IF_ERROR(CarryOut(run.gallery(), plan));
  CROSSFACE_RETURN_IF_ERROR(SettleSuggestions(run.gallery(), plan.event));
  // Without names: these can be forgotten, the log cannot.
  nlohmann::json line = {{"correction", plan.event.id}, {"verb", plan.event.verb}};
  if (!options.by.empty()) line["by"] = options.by;
  CROSSFACE_RETURN_IF_ERROR(run.Log("correction", line));
  return std::optional(std::move(made));
}

Ending CaseService::Correct(const Correction& correction, const CorrectionOptions& options,
                            const Watch& watch, CorrectionAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  const auto made = MakeCorrection(run, correction, options, answer);
  if (!made.ok() || !*made) return run.End(made.status());
  return run.End(run.ExportChange((*made)->logs_before, (*made)->change));
}

}  // namespace crossface
