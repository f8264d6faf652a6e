// CaseBrowser: corrections so far, and what the last grouping would ask.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "crossface/app/case_browser.h"
#include "crossface/app/history.h"
#include "crossface/app/look.h"
#include "crossface/app/pair_evidence.h"
#include "crossface/curation/curation_state.h"
#include "crossface/export/case_view.h"

namespace crossface {
namespace {

// The last correction of a version; nothing for what is none.
std::optional<int64_t> CorrectionOf(std::string_view version) {
  int64_t id = 0;
  if (!version.starts_with('c')) return std::nullopt;
  const auto [end, error] = std::from_chars(version.data() + 1, version.data() + version.size(), id);
  if (error != std::errc() || !std::string_view(end, version.data() + version.size()).starts_with("-g"))
    return std::nullopt;
  return id;
}

ShownSuggestion::Side SideOf(const CaseView& view, FacePlace place) {
  const FaceRecord& face = view.Face(place);
  const TrackRecord& track = view.tracks[place.track];
  if (face.jpeg_bytes == 0) return {};
  return {.face = face.id, .track_id = track.id, .source_id = track.source_id, .time_us = face.time_us};
}

ShownSuggestion Show(const CaseView& view, const SuggestionView& suggestion) {
  const auto who = [&](size_t person) {
    return SuggestionAnswer::Who{view.persons[person].record.id, view.persons[person].record.name};
  };
  ShownSuggestion shown{.question = {.rank = suggestion.record.rank,
                                     .kind = std::string(SuggestionName(suggestion.record.kind)),
                                     .person = who(suggestion.person),
                                     .probability = suggestion.record.probability,
                                     .gain = suggestion.record.gain,
                                     .picture = view.ImagePath(suggestion.face),
                                     .other_picture = view.ImagePath(suggestion.other_face)},
                        .side = SideOf(view, suggestion.face),
                        .other_side = SideOf(view, suggestion.other_face)};
  if (suggestion.other >= 0) shown.question.other = who(static_cast<size_t>(suggestion.other));
  for (const size_t track : suggestion.tracks) shown.question.tracks.push_back(view.TrackName(track));
  return shown;
}

std::set<size_t> SourcesOf(const CaseView& view, const std::vector<size_t>& tracks) {
  std::set<size_t> sources;
  for (const size_t track : tracks) sources.insert(view.source_of[track]);
  return sources;
}

// Beside the grouping's own probability.
Status AddEvidence(const Gallery& gallery, const CaseView& view, const SuggestionView& suggestion,
                   ShownSuggestion* shown) {
  const int64_t one = view.tracks[suggestion.face.track].id,
                two = view.tracks[suggestion.other_face.track].id;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> pair,
                             gallery.ReadTracks({.templates = true}, {one, two}));
  if (pair.size() == 2) shown->scores = ScoresOf(pair[0], pair[1]);
  std::vector<size_t> tracks = view.persons[suggestion.person].tracks, others = suggestion.tracks;
  if (suggestion.other >= 0) others = view.persons[static_cast<size_t>(suggestion.other)].tracks;
  std::erase_if(tracks,
                [&](size_t track) { return std::find(others.begin(), others.end(), track) != others.end(); });
  const std::set<size_t> sources = SourcesOf(view, tracks);
  for (const size_t source : SourcesOf(view, others))
    shown->shared_sources += static_cast<int64_t>(sources.count(source));
  std::set<int64_t> ids;
  for (const size_t track : others) ids.insert(view.tracks[track].id);
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TogetherWith> together,
                             gallery.ReadTogetherWith(view.persons[suggestion.person].record.id));
  shown->together = std::count_if(together.begin(), together.end(),
                                  [&](const TogetherWith& with) { return ids.contains(with.track_id); });
  return Status();
}

// Unanswered ones about persons who are there.
Result<std::vector<SuggestionRecord>> Open(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<SuggestionRecord> suggestions, gallery.ReadSuggestions());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  std::set<int64_t> there;
  for (const PersonRecord& person : persons) there.insert(person.id);
  std::erase_if(suggestions, [&](const SuggestionRecord& one) {
    const bool is_merge = one.kind == SuggestionRecord::Kind::kMerge;
    return one.settled || !there.contains(one.person_id) || (is_merge && !there.contains(one.other_id));
  });
  return suggestions;
}

}  // namespace

Result<CorrectionsPageAnswer> CaseBrowser::Corrections(Page page) const {
  return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Result<CorrectionsPageAnswer> {
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadOf(gallery, {}));
    std::vector<HistoryAnswer::Entry> entries = HistoryOf(state);
    std::reverse(entries.begin(), entries.end());
    CorrectionsPageAnswer answer{.corrections = StretchOf(entries, page),
                                 .can_undo = static_cast<int64_t>(state.in_force.size()),
                                 .can_redo = static_cast<int64_t>(state.undone.size())};
    CROSSFACE_ASSIGN_OR_RETURN(answer.version, VersionOfCase(gallery));
    return answer;
  });
}

Result<std::vector<HistoryAnswer::Entry>> CaseBrowser::CorrectionsSince(const std::string& version) const {
  return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Result<std::vector<HistoryAnswer::Entry>> {
    const std::optional<int64_t> last = CorrectionOf(version);
    if (!last) return Status(StatusCode::kInvalidArgument, "this is no version of a case");
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadOf(gallery, {}));
    std::vector<HistoryAnswer::Entry> entries = HistoryOf(state);
    std::erase_if(entries, [&](const HistoryAnswer::Entry& entry) { return entry.event.id <= *last; });
    return entries;
  });
}

Result<SuggestionsPageAnswer> CaseBrowser::Suggestions(Page page) const {
  return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Result<SuggestionsPageAnswer> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> open, Open(gallery));
    const Stretch<SuggestionRecord> rows = StretchOf(open, page);
    std::vector<int64_t> persons;
    for (const SuggestionRecord& one : rows.rows) {
      persons.push_back(one.person_id);
      if (one.kind == SuggestionRecord::Kind::kMerge) persons.push_back(one.other_id);
    }
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> tracks, gallery.TracksOfPersons(persons));
    CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::ReadSome(gallery, tracks));
    SuggestionsPageAnswer answer{.suggestions = {.first = rows.first, .total = rows.total}};
    CROSSFACE_ASSIGN_OR_RETURN(answer.version, VersionOfCase(gallery));
    for (const SuggestionRecord& one : rows.rows) {
      const auto found = view.Show(one);
      if (!found) continue;
      ShownSuggestion shown = Show(view, *found);
      CROSSFACE_RETURN_IF_ERROR(AddEvidence(gallery, view, *found, &shown));
      answer.suggestions.rows.push_back(std::move(shown));
    }
    return answer;
  });
}

}  // namespace crossface
