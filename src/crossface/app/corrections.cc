// CaseService's corrections of who is who.
#include <algorithm>
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

// Whose tracks a correction may change, as far as persons and history tell; nothing where it may be
// anybody's.
class Concerned {
 public:
  using Persons = std::optional<std::vector<int64_t>>;
  explicit Concerned(const CurationState& known) : known_(known) {}

  Persons operator()(const RenamePerson& rename) const { return Named({rename.person}); }
  Persons operator()(const MergePersons& merge) const { return Named(merge.persons); }
  Persons operator()(const IgnorePerson& ignore) const { return Named({ignore.person}); }
  Persons operator()(const ConfirmTracks& confirm) const {
    return confirm.tracks.empty() ? Named({confirm.person}) : std::nullopt;
  }
  Persons operator()(const NotTheSame& parted) const {
    const bool is_person = parted.others.size() == 1 && FindPerson(known_, parted.others.front()).ok();
    return is_person ? Named({parted.person, parted.others.front()}) : std::nullopt;
  }
  Persons operator()(const UndoCorrections& undo) const {
    return undo.all ? std::nullopt : OfLast(known_.in_force, undo.count);
  }
  Persons operator()(const RedoCorrections& redo) const {
    return redo.all ? std::nullopt : OfLast(known_.undone, redo.count);
  }
  template <typename Other>
  Persons operator()(const Other&) const {
    return std::nullopt;
  }

 private:
  Persons Named(const std::vector<std::string>& names) const {
    std::vector<int64_t> persons;
    for (const std::string& name : names) {
      if (const auto person = FindPerson(known_, name); person.ok()) persons.push_back(*person);
    }
    return persons;
  }
  Persons OfLast(const std::vector<size_t>& stack, size_t count) const {
    std::set<int64_t> persons;
    for (size_t i = 0; i < std::min(count, stack.size()); ++i) {
      const CurationEvent& event = known_.history[stack[stack.size() - 1 - i]];
      for (const auto& person : event.persons) persons.insert(person.id);
      for (const auto& move : event.moves) persons.insert({move.from, move.to});
    }
    // All of nobody's tracks may be most of the case's.
    if (persons.contains(0)) return std::nullopt;
    return std::vector<int64_t>(persons.begin(), persons.end());
  }

  const CurationState& known_;
};

// Since a correction was made, a grouping may have given its tracks to others.
bool AreAllOf(const CurationState& state, const std::vector<size_t>& stack, size_t count,
              const std::vector<int64_t>& persons) {
  const std::set<int64_t> known(persons.begin(), persons.end());
  for (size_t i = 0; i < std::min(count, stack.size()); ++i) {
    const size_t position = stack[stack.size() - 1 - i];
    const auto& found = state.found[position];
    if (std::count(found.begin(), found.end(), std::nullopt) > state.missing[position]) return false;
    for (const auto& move : state.history[position].moves) {
      const auto& track = found[static_cast<size_t>(move.track)];
      if (track && !known.contains(state.owner[*track].person)) return false;
    }
  }
  return true;
}

// What changes some persons alone need not read the others' tracks.
Result<CurationState> ReadStateFor(const Correction& correction, const Gallery& gallery) {
  Concerned::Persons persons;
  CROSSFACE_ASSIGN_OR_RETURN(CurationState state,
                             CurationState::ReadChosen(gallery, [&](const CurationState& known) {
                               persons = std::visit(Concerned(known), correction);
                               return persons.value_or(std::vector<int64_t>());
                             }));
  const auto* undo = std::get_if<UndoCorrections>(&correction);
  const auto* redo = std::get_if<RedoCorrections>(&correction);
  const bool suffices = persons &&
                        (undo == nullptr || AreAllOf(state, state.in_force, undo->count, *persons)) &&
                        (redo == nullptr || AreAllOf(state, state.undone, redo->count, *persons));
  if (suffices) return state;
  return CurationState::Read(gallery);
}

// The state is not held any longer: the export needs the room. `found`: as CurationState::newly_found.
Result<CurationPlan> PlanFor(const Correction& correction, bool override_earlier, const Gallery& gallery,
                             std::vector<FoundTrack>* found) {
  CROSSFACE_ASSIGN_OR_RETURN(CurationState state, ReadStateFor(correction, gallery));
  *found = std::move(state.newly_found);
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
  std::vector<FoundTrack> found;
  CROSSFACE_ASSIGN_OR_RETURN(CurationPlan plan,
                             PlanFor(correction, options.override_earlier, run.gallery(), &found));
  plan.event.by = options.by;
  answer->event = plan.event;
  answer->notes = plan.notes;
  if (options.dry_run) return std::optional<MadeCorrection>();
  if (prepare) CROSSFACE_RETURN_IF_ERROR(prepare(run.gallery()));
  MadeCorrection made{.change = ChangeOf(plan)};
  CROSSFACE_ASSIGN_OR_RETURN(made.logs_before, run.gallery().ReadExportedLogs());
  CROSSFACE_RETURN_IF_ERROR(run.gallery().KeepFoundTracks(found));
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
