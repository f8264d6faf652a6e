#include "crossface/curation/review.h"

#include <algorithm>

namespace crossface {
namespace {

bool AreParted(const CurationState& state, int64_t person, int64_t other) {
  const auto owned_by = [&](size_t track, int64_t id) { return state.owner[track].person == id; };
  for (const auto& parting : state.partings) {
    for (const size_t some : parting.some) {
      for (const size_t others : parting.others) {
        const bool between = (owned_by(some, person) && owned_by(others, other)) ||
                             (owned_by(some, other) && owned_by(others, person));
        if (between && state.IsParted(parting, some, others)) return true;
      }
    }
  }
  return false;
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

Status SettleSuggestions(Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> suggestions, gallery.ReadSuggestions());
  if (suggestions.empty()) return Status();
  CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(gallery));
  std::vector<int64_t> settled;
  for (const SuggestionRecord& suggestion : suggestions) {
    if (IsSettled(state, suggestion)) settled.push_back(suggestion.rank);
  }
  return gallery.SettleSuggestions(settled);
}

}  // namespace crossface
