// What CaseService answers about who is who, without changing anything.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "crossface/app/case_service.h"
#include "crossface/curation/curation_names.h"
#include "crossface/curation/curation_state.h"
#include "crossface/curation/review.h"
#include "crossface/export/case_view.h"

namespace crossface {
namespace {

// By person; 0 is nobody.
std::map<int64_t, PersonAnswer> Summarise(const CurationState& state) {
  std::map<int64_t, PersonAnswer> summaries;
  std::map<int64_t, std::set<size_t>> sources;
  for (size_t i = 0; i < state.tracks.size(); ++i) {
    const int64_t person = state.owner[i].person;
    PersonAnswer& summary = summaries[person];
    ++summary.tracks;
    summary.faces += static_cast<int64_t>(state.tracks[i].faces.size());
    summary.screen_us += state.tracks[i].end_us - state.tracks[i].start_us;
    sources[person].insert(state.source_of[i]);
    const auto pin = state.pins.find(i);
    summary.confirmed_tracks += pin != state.pins.end() && !pin->second.anchor;
  }
  for (const auto& [id, facts] : state.persons) {
    PersonAnswer& summary = summaries[id];
    summary.id = id;
    summary.name = facts.name;
    summary.ignored = facts.ignored;
    summary.sources = static_cast<int64_t>(sources[id].size());
    if (const auto known = state.cohesion.find(id); known != state.cohesion.end()) summary.cohesion = known->second;
  }
  return summaries;
}

// `look` at one state of the case.
template <typename Look>
Ending LookAt(const std::filesystem::path& case_folder, std::vector<std::string>* warnings, const Look& look) {
  CaseRun run(case_folder, {});
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.OpenToLook());
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(run.gallery()));
    *warnings = state.warnings;
    return look(run.gallery(), state);
  };
  return run.End(all());
}

SuggestionAnswer Answer(const Gallery& gallery, const CaseView& view, const SuggestionView& suggestion) {
  // Empty where the last export has not written it.
  const auto picture = [&](FacePlace face) {
    const std::string path = view.ImagePath(face);
    return gallery.directory().Look(path).kind == Directory::Kind::kFile ? path : std::string();
  };
  const auto who = [&](size_t person) {
    return SuggestionAnswer::Who{view.persons[person].record.id, view.persons[person].record.name};
  };
  SuggestionAnswer answer{.rank = suggestion.record.rank,
                          .kind = std::string(SuggestionName(suggestion.record.kind)),
                          .person = who(suggestion.person),
                          .probability = suggestion.record.probability,
                          .gain = suggestion.record.gain,
                          .picture = picture(suggestion.face),
                          .other_picture = picture(suggestion.other_face)};
  if (suggestion.other >= 0) answer.other = who(static_cast<size_t>(suggestion.other));
  for (const size_t track : suggestion.tracks) answer.tracks.push_back(view.TrackName(track));
  return answer;
}

}  // namespace

Ending CaseService::People(PeopleAnswer* answer) const {
  return LookAt(case_folder_, &answer->warnings, [&](const Gallery&, const CurationState& state) {
    for (auto& [id, summary] : Summarise(state)) {
      if (id == 0) answer->unassigned_tracks = summary.tracks;
      if (state.persons.contains(id)) answer->persons.push_back(std::move(summary));
    }
    std::stable_sort(answer->persons.begin(), answer->persons.end(),
                     [](const auto& a, const auto& b) { return a.screen_us > b.screen_us; });
    for (const auto& owner : state.owner) {
      if (owner.reason != UnassignedReason::kNone) ++answer->unassigned_by_reason[owner.reason];
    }
    return Status();
  });
}

Ending CaseService::Person(const std::string& person, PersonDetailAnswer* answer) const {
  return LookAt(case_folder_, &answer->warnings, [&](const Gallery&, const CurationState& state) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t id, FindPerson(state, person));
    answer->person = Summarise(state)[id];
    for (const size_t i : state.TracksOf(id)) {
      const TrackRecord& track = state.tracks[i];
      const auto pin = state.pins.find(i);
      answer->appearances.push_back({.track = state.TrackName(i),
                                     .start_us = track.start_us,
                                     .end_us = track.end_us,
                                     .faces = static_cast<int64_t>(track.faces.size()),
                                     .confidence = state.owner[i].confidence,
                                     .confirmed = pin != state.pins.end() && !pin->second.anchor});
    }
    return Status();
  });
}

Ending CaseService::Suggestions(SuggestionsAnswer* answer) const {
  return LookAt(case_folder_, &answer->warnings, [&](const Gallery& gallery, const CurationState& state) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::Read(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> suggestions, gallery.ReadSuggestions());
    for (const SuggestionRecord& suggestion : suggestions) {
      if (IsSettled(state, suggestion)) continue;
      if (const auto shown = view.Show(suggestion)) answer->suggestions.push_back(Answer(gallery, view, *shown));
    }
    return Status();
  });
}

Ending CaseService::History(HistoryAnswer* answer) const {
  return LookAt(case_folder_, &answer->warnings, [&](const Gallery&, const CurationState& state) {
    const std::set<size_t> in_force(state.in_force.begin(), state.in_force.end()),
        undone(state.undone.begin(), state.undone.end());
    for (size_t i = 0; i < state.history.size(); ++i) {
      const CurationEvent& event = state.history[i];
      const bool step = event.IsUndo() || event.IsRedo();
      answer->entries.push_back({event, step                   ? ""
                                        : in_force.contains(i) ? "in force"
                                        : undone.contains(i)   ? "undone"
                                                               : "dropped"});
    }
    return Status();
  });
}

}  // namespace crossface
