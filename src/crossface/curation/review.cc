#include "crossface/curation/review.h"

#include <algorithm>
#include <functional>
#include <set>

namespace crossface {
namespace {

bool AreParted(const CurationState& state, int64_t person, int64_t other) {
  const auto owned_by = [&](const std::vector<size_t>& tracks, int64_t id) {
    std::vector<size_t> own;
    for (const size_t track : tracks) {
      if (state.owner[track].person == id) own.push_back(track);
    }
    return own;
  };
  const auto are_parted = [&](const auto& parting, int64_t one, int64_t two) {
    const std::vector<size_t> some = owned_by(parting.some, one), others = owned_by(parting.others, two);
    return std::any_of(some.begin(), some.end(), [&](size_t a) {
      return std::any_of(others.begin(), others.end(),
                         [&](size_t b) { return state.IsParted(parting, a, b); });
    });
  };
  return std::any_of(state.partings.begin(), state.partings.end(), [&](const auto& parting) {
    return are_parted(parting, person, other) || are_parted(parting, other, person);
  });
}

bool IsMixtureSettled(const CurationState& state, const SuggestionRecord& suggestion) {
  size_t still_there = 0, confirmed = 0, all = 0;
  for (size_t i = 0; i < state.tracks.size(); ++i) {
    if (state.owner[i].person != suggestion.person_id) continue;
    ++all;
    if (!std::binary_search(suggestion.tracks.begin(), suggestion.tracks.end(), state.tracks[i].id)) continue;
    ++still_there;
    const auto pin = state.pins.find(i);
    confirmed += pin != state.pins.end() && !pin->second.anchor && pin->second.person == suggestion.person_id;
  }
  return still_there == confirmed || still_there == all;
}

}  // namespace

bool IsSettled(const CurationState& state, const SuggestionRecord& suggestion) {
  if (!state.persons.contains(suggestion.person_id)) return true;
  if (suggestion.kind == SuggestionRecord::Kind::kMixture) return IsMixtureSettled(state, suggestion);
  return !state.persons.contains(suggestion.other_id) ||
         AreParted(state, suggestion.person_id, suggestion.other_id);
}

namespace {

Status Settle(Gallery& gallery, const std::function<bool(const SuggestionRecord&)>& is_asked) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> suggestions, gallery.ReadSuggestions());
  std::vector<int64_t> persons;
  for (const SuggestionRecord& suggestion : suggestions) {
    if (is_asked(suggestion)) persons.insert(persons.end(), {suggestion.person_id, suggestion.other_id});
  }
  if (persons.empty()) return Status();
  CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadOf(gallery, persons));
  std::vector<int64_t> settled;
  for (const SuggestionRecord& suggestion : suggestions) {
    if (is_asked(suggestion) ? IsSettled(state, suggestion) : suggestion.settled)
      settled.push_back(suggestion.rank);
  }
  return gallery.SettleSuggestions(settled);
}

}  // namespace

Status SettleSuggestions(Gallery& gallery) {
  return Settle(gallery, [](const SuggestionRecord&) { return true; });
}

Status SettleSuggestions(Gallery& gallery, const CurationEvent& correction) {
  // Whom it parts is not said by number, and what it takes back may have parted anybody.
  if (!correction.partings.empty() || correction.IsUndo() || correction.IsRedo())
    return SettleSuggestions(gallery);
  std::set<int64_t> persons;
  for (const auto& person : correction.persons) persons.insert(person.id);
  for (const auto& move : correction.moves) persons.insert({move.from, move.to});
  for (const auto& pin : correction.pins) persons.insert(pin.person);
  return Settle(gallery, [&](const SuggestionRecord& suggestion) {
    return persons.contains(suggestion.person_id) || persons.contains(suggestion.other_id);
  });
}

}  // namespace crossface
