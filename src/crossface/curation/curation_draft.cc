#include "crossface/curation/curation_draft.h"

#include <fmt/format.h>

#include <algorithm>

#include "crossface/gallery/file_name.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

std::optional<PersonFacts> Find(const std::map<int64_t, PersonFacts>& persons, int64_t id) {
  const auto found = persons.find(id);
  return found == persons.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

CurationDraft::CurationDraft(const CurationState& state, std::string verb)
    : state_(state), owner_(state.owner), persons_(state.persons) {
  event_.id = state.next_correction;
  event_.verb = std::move(verb);
}

void CurationDraft::RemoveEmptyPersons() {
  std::set<int64_t> used, had;
  for (const auto& owner : owner_) used.insert(owner.person);
  for (const auto& owner : state_.owner) had.insert(owner.person);
  std::erase_if(persons_, [&](const auto& person) {
    const bool is_known = state_.persons.contains(person.first);
    return !used.contains(person.first) && (had.contains(person.first) || !is_known || !state_.is_part);
  });
}

void CurationDraft::Own(size_t track, int64_t person, float confidence, UnassignedReason reason) {
  owner_[track].person = person;
  owner_[track].confidence = confidence;
  owner_[track].reason = reason;
}

void CurationDraft::Pin(size_t track, int64_t person) {
  event_.pins.push_back({Reference(track), person, false});
  pinned_[track] = person;
  Own(track, person, person == 0 ? 0.0f : 1.0f);
}

void CurationDraft::Part(const std::vector<size_t>& some, const std::vector<size_t>& others) {
  if (some.empty() || others.empty()) return;
  CurationEvent::Parting parting;
  for (const size_t track : some) parting.some.push_back(Reference(track));
  for (const size_t track : others) parting.others.push_back(Reference(track));
  event_.partings.push_back(std::move(parting));
}

int CurationDraft::Reference(size_t track) {
  const auto [found, added] = references_.try_emplace(track, static_cast<int>(event_.tracks.size()));
  if (added) event_.tracks.push_back(ReferTo(state_.sources[state_.source_of[track]], state_.tracks[track]));
  return found->second;
}

Result<CurationPlan> CurationDraft::Finish(std::string told, bool override_earlier) {
  RemoveEmptyPersons();
  CROSSFACE_RETURN_IF_ERROR(CheckScreen(override_earlier));
  CROSSFACE_RETURN_IF_ERROR(CheckEarlier(told, override_earlier));
  for (const int64_t person : touched_) Anchor(person);
  return Close(std::move(told));
}

Result<CurationPlan> CurationDraft::Close(std::string told) {
  CROSSFACE_RETURN_IF_ERROR(CheckNames());
  event_.told = std::move(told);
  CurationPlan plan{.notes = std::move(notes_)};
  std::map<int64_t, PersonFacts> all = state_.persons;
  all.insert(persons_.begin(), persons_.end());
  for (const auto& [id, ignored] : all) {
    const auto before = Find(state_.persons, id), after = Find(persons_, id);
    if (before == after) continue;
    event_.persons.push_back({id, before, after});
    after ? plan.change.persons.push_back({id, after->name, after->ignored, after->by_reference})
          : plan.change.removed.push_back(id);
  }
  for (size_t i = 0; i < owner_.size(); ++i) {
    const auto &before = state_.owner[i], &after = owner_[i];
    if (before == after) continue;
    event_.moves.push_back({Reference(i), before.person, after.person, before.confidence, after.confidence,
                            before.reason, after.reason});
    plan.change.assignments.push_back({.track_id = state_.tracks[i].id,
                                       .person_id = after.person,
                                       .confidence = after.confidence,
                                       .reason = after.reason});
  }
  plan.event = std::move(event_);
  return plan;
}

Status CurationDraft::CheckNames() const {
  std::map<std::string, int64_t> taken;
  for (const auto& [id, facts] : persons_) {
    CROSSFACE_RETURN_IF_ERROR(CheckPersonName(facts.name, id));
    const auto [other, free] = taken.try_emplace(CaseFolded(facts.name), id);
    if (!free)
      return Status(
          StatusCode::kInvalidArgument,
          fmt::format("the name '{}' is taken by person {}", persons_.at(other->second).name, other->second),
          Remedy::kMergePersons);
  }
  return Status();
}

// Who is on the screen together is two people, unless a mirror or a split screen shows one of them twice:
// that the user has to say, and then holds for both tracks in every later grouping.
Status CurationDraft::CheckScreen(bool override_earlier) {
  for (const auto& [a, b] : state_.on_screen_together) {
    const auto one = static_cast<size_t>(a), other = static_cast<size_t>(b);
    const int64_t person = owner_[one].person;
    if (person == 0 || person != owner_[other].person ||
        state_.owner[one].person == state_.owner[other].person)
      continue;
    if (!pinned_.contains(one) && !pinned_.contains(other)) continue;
    const std::string seen = fmt::format(
        "{} and {} are on the screen together at {}", state_.TrackName(one), state_.TrackName(other),
        Timecode(std::max(state_.tracks[one].start_us, state_.tracks[other].start_us) / 1000));
    if (!override_earlier)
      return Status(
          StatusCode::kInvalidArgument,
          fmt::format("{}: they are two people, unless a mirror or a split screen shows one person twice. "
                      "Move one of them to nobody first, or insist",
                      seen),
          Remedy::kOverride);
    for (const size_t track : {one, other}) {
      if (!pinned_.contains(track)) Pin(track, person);
    }
    Note(fmt::format("{}, and are one person all the same, as you say", seen));
  }
  return Status();
}

std::set<int64_t> CurationDraft::Contradicted() const {
  std::set<int64_t> earlier;
  for (const auto& [track, person] : pinned_) {
    const auto pin = state_.pins.find(track);
    if (pin == state_.pins.end() || pin->second.anchor || pin->second.person == person) continue;
    // All that is pinned to a person who is merged into another goes with it.
    if (persons_.contains(pin->second.person) || pin->second.person == 0)
      earlier.insert(pin->second.correction);
  }
  for (const auto& parting : state_.partings) {
    std::map<int64_t, std::vector<size_t>> others;  // by person: only who is one person now contradicts
    for (const size_t other : parting.others) others[owner_[other].person].push_back(other);
    for (const size_t some : parting.some) {
      if (owner_[some].person == 0 || !others.contains(owner_[some].person)) continue;
      for (const size_t other : others.at(owner_[some].person)) {
        if (!pinned_.contains(some) && !pinned_.contains(other)) continue;
        if (state_.IsParted(parting, some, other)) earlier.insert(parting.correction);
      }
    }
  }
  return earlier;
}

Status CurationDraft::CheckEarlier(const std::string& told, bool override_earlier) {
  for (const int64_t id : Contradicted()) {
    const CurationEvent& earlier = state_.Correction(id);
    if (!override_earlier) {
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("\"{}\" contradicts correction {} of {}, \"{}\". Undo that one, or insist",
                                told, id, earlier.time, earlier.told),
                    Remedy::kOverride);
    }
    event_.overrides.push_back(id);
    notes_.push_back(fmt::format("this goes before correction {}, \"{}\"", id, earlier.told));
  }
  return Status();
}

void CurationDraft::Anchor(int64_t person) {
  if (!persons_.contains(person)) return;
  std::optional<size_t> best;
  for (size_t i = 0; i < owner_.size(); ++i) {
    if (owner_[i].person != person) continue;
    const auto now = pinned_.find(i);
    const auto before = state_.pins.find(i);
    if (now != pinned_.end() || (before != state_.pins.end() && before->second.person == person)) return;
    if (!best || state_.tracks[i].quality > state_.tracks[*best].quality) best = i;
  }
  if (best) event_.pins.push_back({Reference(*best), person, true});
}

}  // namespace crossface
