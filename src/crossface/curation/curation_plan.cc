#include "crossface/curation/curation_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "crossface/curation/curation_draft.h"
#include "crossface/curation/refusal.h"
#include "crossface/gallery/file_name.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

std::string Tracks(size_t count) { return count == 1 ? "1 track" : fmt::format("{} tracks", count); }

Status CheckOwn(const CurationState& state, int64_t person, const std::vector<size_t>& tracks) {
  for (const size_t track : tracks) {
    if (state.owner[track].person == person) continue;
    return Refusal(
        fmt::format("{} is not of {} ({})", state.TrackName(track), state.persons.at(person).name, person),
        Remedy::kShowPerson);
  }
  return Status();
}

std::vector<size_t> Without(std::vector<size_t> tracks, const std::vector<size_t>& gone) {
  std::erase_if(tracks,
                [&](size_t track) { return std::find(gone.begin(), gone.end(), track) != gone.end(); });
  return tracks;
}

}  // namespace

bool HasOwnName(int64_t person, const std::string& name) {
  return name == fmt::format("person-{:04}", person);
}

CurationPlanner::CurationPlanner(const CurationState& state, bool override_earlier)
    : state_(state), override_earlier_(override_earlier) {}

Result<CurationPlan> CurationPlanner::Rename(int64_t person, const std::string& name) const {
  CROSSFACE_RETURN_IF_ERROR(CheckPersonName(name));
  CurationDraft draft(state_, "rename");
  const std::string before = draft.NameOf(person);
  if (before == name) return Refusal(fmt::format("{} is called so already", name));
  PersonFacts& facts = draft.Facts(person);
  facts.name = name;
  facts.by_reference = false;
  draft.Touch(person);
  return draft.Finish(fmt::format("rename {} to {}", before, name), override_earlier_);
}

Result<CurationPlan> CurationPlanner::Merge(const std::vector<int64_t>& persons) const {
  const int64_t kept = persons.front();
  if (std::set<int64_t>(persons.begin(), persons.end()).size() < persons.size() || persons.size() < 2)
    return Refusal("a merge needs two different persons or more");
  CurationDraft draft(state_, "merge");
  std::vector<std::string> others;
  std::string name = draft.NameOf(kept);
  bool by_reference = draft.Facts(kept).by_reference;
  for (const int64_t person : persons) {
    if (person != kept) others.push_back(draft.NameOf(person));
    for (const size_t track : state_.TracksOf(person)) draft.Pin(track, kept);
    const auto& [own, ignored, own_by_reference] = state_.persons.at(person);
    if (HasOwnName(person, own) || person == kept) continue;
    if (HasOwnName(kept, name) || (by_reference && !own_by_reference)) {
      name = own;
      by_reference = own_by_reference;
      draft.Note(fmt::format("the name {} stays", own));
    } else {
      draft.Note(fmt::format("the name {} is given up for {}", own, name));
    }
  }
  draft.Facts(kept).name = name;
  draft.Facts(kept).by_reference = by_reference;
  return draft.Finish(fmt::format("merge {} into {}", fmt::join(others, ", "), state_.persons.at(kept).name),
                      override_earlier_);
}

Result<CurationPlan> CurationPlanner::Split(int64_t person, const std::vector<size_t>& tracks,
                                            const std::string& name) const {
  CROSSFACE_RETURN_IF_ERROR(CheckOwn(state_, person, tracks));
  const std::vector<size_t> rest = Without(state_.TracksOf(person), tracks);
  CurationDraft draft(state_, "split");
  if (rest.empty()) return Refusal(fmt::format("that is all of {}: rename it instead", draft.NameOf(person)));
  const int64_t added = state_.next_person;
  draft.Facts(added).name = name.empty() ? fmt::format("person-{:04}", added) : name;
  for (const size_t track : tracks) draft.Pin(track, added);
  draft.Part(tracks, rest);
  draft.Touch(person);
  return draft.Finish(
      fmt::format("split {} off {} as {}", Tracks(tracks.size()), draft.NameOf(person), draft.NameOf(added)),
      override_earlier_);
}

Result<CurationPlan> CurationPlanner::Move(const std::vector<size_t>& tracks, int64_t person) const {
  CurationDraft draft(state_, "move");
  // Without it the tracks alone would be the person in the next grouping.
  if (person != 0) draft.Anchor(person);
  for (const size_t track : tracks) {
    if (person != 0 && state_.owner[track].person == person)
      return Refusal(fmt::format("{} is of {} already; to make sure that it stays, use confirm",
                                 state_.TrackName(track), draft.NameOf(person)));
    if (state_.owner[track].person != 0) draft.Touch(state_.owner[track].person);
    draft.Pin(track, person);
  }
  const std::string target = person == 0 ? "nobody" : draft.NameOf(person);
  return draft.Finish(fmt::format("move {} to {}", Tracks(tracks.size()), target), override_earlier_);
}

Result<CurationPlan> CurationPlanner::NotSame(int64_t person, int64_t other) const {
  CurationDraft draft(state_, "not-same");
  if (person == other)
    return Refusal("a person cannot be kept apart from itself; to take tracks out, use split or move");
  draft.Part(state_.TracksOf(person), state_.TracksOf(other));
  draft.Touch(person);
  draft.Touch(other);
  return draft.Finish(fmt::format("{} is not {}", draft.NameOf(person), draft.NameOf(other)),
                      override_earlier_);
}

Result<CurationPlan> CurationPlanner::NotThisPerson(int64_t person, const std::vector<size_t>& tracks) const {
  CROSSFACE_RETURN_IF_ERROR(CheckOwn(state_, person, tracks));
  CurationDraft draft(state_, "not-same");
  const std::vector<size_t> rest = Without(state_.TracksOf(person), tracks);
  if (rest.empty())
    return Refusal(
        fmt::format("that is all of {}: nobody would be left to keep them apart from", draft.NameOf(person)));
  for (const size_t track : tracks) {
    const auto pin = state_.pins.find(track);
    if (pin != state_.pins.end() && pin->second.person == person && !pin->second.anchor)
      return Status(
          StatusCode::kInvalidArgument,
          fmt::format("correction {}, \"{}\", says that {} is {}: move it to whose it is, and insist",
                      pin->second.correction, state_.Correction(pin->second.correction).told,
                      state_.TrackName(track), draft.NameOf(person)));
    draft.Own(track, 0, 0);
  }
  draft.Part(tracks, rest);
  draft.Touch(person);
  draft.Note("the next clustering finds out whose they are");
  return draft.Finish(
      fmt::format("{} of {} are not {}", Tracks(tracks.size()), draft.NameOf(person), draft.NameOf(person)),
      override_earlier_);
}

Result<CurationPlan> CurationPlanner::Confirm(int64_t person, const std::vector<size_t>& tracks) const {
  CROSSFACE_RETURN_IF_ERROR(CheckOwn(state_, person, tracks));
  CurationDraft draft(state_, "confirm");
  const std::vector<size_t> confirmed = tracks.empty() ? state_.TracksOf(person) : tracks;
  for (const size_t track : confirmed) draft.Pin(track, person);
  if (PersonFacts& facts = draft.Facts(person); facts.by_reference) {
    facts.name = WithoutReferenceMark(facts.name);
    facts.by_reference = false;
  }
  return draft.Finish(fmt::format("confirm {} of {}", Tracks(confirmed.size()), draft.NameOf(person)),
                      override_earlier_);
}

Result<CurationPlan> CurationPlanner::Ignore(int64_t person, bool ignored) const {
  CurationDraft draft(state_, "ignore");
  if (draft.Facts(person).ignored == ignored)
    return Refusal(fmt::format("{} is {}ignored already", draft.NameOf(person), ignored ? "" : "not "));
  draft.Facts(person).ignored = ignored;
  // What is known to be a bystander must not drift into somebody who matters.
  if (ignored) {
    for (const size_t track : state_.TracksOf(person)) draft.Pin(track, person);
  } else {
    draft.Touch(person);
  }
  return draft.Finish(fmt::format("{} {}", ignored ? "ignore" : "no longer ignore", draft.NameOf(person)),
                      override_earlier_);
}

namespace {

// Gives every track of the correction back, or to whom the correction gave it, and the persons their facts.
void Replay(const CurationState& state, size_t position, bool forward, CurationDraft* draft) {
  const CurationEvent& event = state.history[position];
  for (const auto& person : event.persons) {
    const auto& facts = forward ? person.after : person.before;
    if (facts) draft->Facts(person.id) = *facts;
  }
  std::map<int64_t, std::map<int64_t, int>> came_from;  // person -> whom it got tracks from, and how many
  for (const auto& move : event.moves) {
    const auto& track = state.found[position][static_cast<size_t>(move.track)];
    if (track) {
      forward ? draft->Own(*track, move.to, move.to_confidence, move.to_reason)
              : draft->Own(*track, move.from, move.from_confidence, move.from_reason);
    }
    ++came_from[move.to][move.from];
  }
  for (const auto& person : event.persons) {
    if (forward ? person.after.has_value() : person.before.has_value()) continue;
    // What has joined the person since then goes where most of it came from, or, forward, went to.
    int64_t heir = 0;
    int most = 0;
    for (const auto& [to, sources] : came_from) {
      for (const auto& [from, count] : sources) {
        if ((forward ? from : to) != person.id || count <= most) continue;
        heir = forward ? to : from;
        most = count;
      }
    }
    for (size_t i = 0; i < state.tracks.size(); ++i) {
      if (draft->owner()[i].person == person.id)
        draft->Own(i, heir, heir == 0 ? 0 : draft->owner()[i].confidence);
    }
    draft->Remove(person.id);
  }
}

Result<CurationPlan> TakeBack(const CurationState& state, const std::vector<size_t>& stack, size_t count,
                              bool forward) {
  if (count == 0 || count > stack.size()) {
    const char* verb = forward ? "redone" : "undone";
    return Refusal(stack.empty() ? fmt::format("there is nothing to be {}", verb)
                                 : fmt::format("only {} corrections can be {}", stack.size(), verb));
  }
  CurationDraft draft(state, forward ? "redo" : "undo");
  std::vector<std::string> told;
  for (size_t i = 0; i < count; ++i) {
    const size_t position = stack[stack.size() - 1 - i];
    const CurationEvent& event = state.history[position];
    Replay(state, position, forward, &draft);
    draft.TakeBack(event.id);
    told.push_back(fmt::format("{} ({})", event.id, event.told));
  }
  draft.RemoveEmptyPersons();  // their tracks have been forgotten, or are not found any more
  return draft.Close(fmt::format("{} {}", forward ? "redo" : "undo", fmt::join(told, ", ")));
}

}  // namespace

Result<CurationPlan> CurationPlanner::Undo(size_t count) const {
  return TakeBack(state_, state_.in_force, count, false);
}

Result<CurationPlan> CurationPlanner::Redo(size_t count) const {
  return TakeBack(state_, state_.undone, count, true);
}

Status CarryOut(Gallery& gallery, const CurationPlan& plan) {
  CurationEvent event = plan.event;
  event.time = UtcNow();
  std::vector<int64_t> ids;
  for (const TrackReference& reference : event.tracks) ids.push_back(reference.track_id);
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                             gallery.ReadTracks({.faces = true, .templates = true}, ids));
  std::unordered_map<int64_t, const TrackRecord*> by_id;
  for (const TrackRecord& track : tracks) by_id[track.id] = &track;
  for (TrackReference& reference : event.tracks) {
    if (const auto track = by_id.find(reference.track_id); track != by_id.end())
      AddLooks(*track->second, &reference);
  }
  return gallery.WriteCorrection(ToRecord(event), plan.change);
}

}  // namespace crossface
