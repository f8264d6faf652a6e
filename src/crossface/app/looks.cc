// What CaseService answers about who is who, without changing anything.
#include <set>

#include "crossface/app/case_service.h"
#include "crossface/app/history.h"
#include "crossface/app/look_at.h"
#include "crossface/curation/curation_state.h"
#include "crossface/curation/people_list.h"
#include "crossface/curation/review.h"
#include "crossface/export/case_view.h"

namespace crossface {
namespace {

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
  return LookAt(case_folder_, [&](const Gallery& gallery) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const PeoplePage page, ListPeople(gallery));
    for (const ListedPerson& person : page.persons) answer->persons.push_back(AnswerOf(person));
    answer->unassigned_tracks = page.unassigned_tracks;
    answer->unassigned_by_reason = page.unassigned_by_reason;
    answer->warnings = page.warnings;
    return Status();
  });
}

Ending CaseService::Person(const std::string& person, PersonDetailAnswer* answer) const {
  return LookAt(case_folder_, [&](const Gallery& gallery) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const PersonAppearances shown, ShowPerson(gallery, person));
    answer->person = AnswerOf(shown.person);
    answer->appearances = shown.appearances;
    answer->warnings = shown.warnings;
    return Status();
  });
}

Ending CaseService::Suggestions(SuggestionsAnswer* answer) const {
  return LookAt(case_folder_, [&](const Gallery& gallery) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::Read(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> suggestions, gallery.ReadSuggestions());
    for (const SuggestionRecord& suggestion : suggestions) {
      if (IsSettled(state, suggestion)) continue;
      if (const auto shown = view.Show(suggestion))
        answer->suggestions.push_back(Answer(gallery, view, *shown));
    }
    answer->warnings = state.warnings;
    return Status();
  });
}

std::vector<HistoryAnswer::Entry> HistoryOf(const CurationState& state) {
  const std::set<size_t> in_force(state.in_force.begin(), state.in_force.end()),
      undone(state.undone.begin(), state.undone.end());
  std::vector<HistoryAnswer::Entry> entries;
  for (size_t i = 0; i < state.history.size(); ++i) {
    const CurationEvent& event = state.history[i];
    const bool step = event.IsUndo() || event.IsRedo();
    entries.push_back({event, step                   ? ""
                              : in_force.contains(i) ? "in force"
                              : undone.contains(i)   ? "undone"
                                                     : "dropped"});
  }
  return entries;
}

Ending CaseService::History(HistoryAnswer* answer) const {
  return LookAt(case_folder_, [&](const Gallery& gallery) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadOf(gallery, {}));
    answer->entries = HistoryOf(state);
    answer->warnings = state.warnings;
    return Status();
  });
}

}  // namespace crossface
