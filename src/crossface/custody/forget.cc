#include "crossface/custody/forget.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "crossface/curation/curation_plan.h"
#include "crossface/curation/curation_state.h"
#include "crossface/curation/review.h"
#include "crossface/custody/forget_search.h"
#include "crossface/custody/forgotten_names.h"
#include "crossface/export/case_exporter.h"
#include "crossface/gallery/file_name.h"
#include "crossface/gallery/template_index.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

// The fingerprints of these sources, or of all others.
Status AddFingerprints(const Gallery& gallery, const std::set<int64_t>& source_ids, bool of_others,
                       Needles* needles) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<FingerprintRecord> fingerprints, gallery.ReadFingerprints());
  for (const FingerprintRecord& record : fingerprints) {
    // A few bytes stand elsewhere by chance.
    if (source_ids.contains(record.source_id) == of_others || record.fingerprint == Fingerprint()) continue;
    AddPieces(Serialise(record.fingerprint), needles);
  }
  return Status();
}

// Takes those that faces of the case have out of the pieces that were found somewhere. A few tracks at a
// time: all of a case's pieces may not fit in memory.
Status RemovePiecesOfOthers(const Gallery& gallery, const std::set<std::string>& found, Needles* pieces) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({}));
  Needles of_others;
  CROSSFACE_RETURN_IF_ERROR(AddFingerprints(gallery, {}, true, &of_others));
  const auto take = [&] {
    for (const std::string& piece : found) {
      if (of_others.contains(piece)) pieces->erase(piece);
    }
    of_others.clear();
  };
  std::vector<int64_t> ids;
  for (const TrackRecord& track : tracks) {
    ids.push_back(track.id);
    if (ids.size() < kTracksAtOnce) continue;
    CROSSFACE_RETURN_IF_ERROR(AddPiecesOfTracks(gallery, ids, &of_others));
    take();
    ids.clear();
  }
  CROSSFACE_RETURN_IF_ERROR(AddPiecesOfTracks(gallery, ids, &of_others));
  take();
  return Status();
}

// The tracks that the correction says are a forgotten person's, or were.
template <typename IsForgotten>
std::set<int> PinnedTo(IsForgotten is_forgotten, const CurationEvent& event) {
  std::set<int> tracks;
  for (const auto& pin : event.pins) {
    if (is_forgotten(pin.person)) tracks.insert(pin.track);
  }
  for (const auto& move : event.moves) {
    if (is_forgotten(move.from) || is_forgotten(move.to)) tracks.insert(move.track);
  }
  return tracks;
}

bool IsOfForgottenSource(const CurationState& state, const ForgetPlan& plan, const TrackReference& track) {
  return std::any_of(state.sources.begin(), state.sources.end(), [&](const SourceRecord& source) {
    return std::find(plan.sources.begin(), plan.sources.end(), source.id) != plan.sources.end() &&
           (source.name == track.source || (source.sha256 == track.sha256 && source.info.part == track.part));
  });
}

// The correction without what it says of these tracks and persons.
bool Redact(const CurationState& state, const ForgetPlan& plan, const ForgottenNames& names,
            const std::vector<std::optional<size_t>>& meant, CurationEvent* event) {
  const auto is_forgotten = [&](int64_t person) {
    return std::find(plan.persons.begin(), plan.persons.end(), person) != plan.persons.end();
  };
  const CorrectionRecord before = ToRecord(*event);
  std::vector<int> number;  // new numbers of tracks, -1 for those that go
  std::vector<TrackReference> kept;
  const std::set<int> theirs = PinnedTo(is_forgotten, *event);
  for (size_t i = 0; i < event->tracks.size(); ++i) {
    const TrackReference& track = event->tracks[i];
    const std::optional<size_t>& found = meant[i];
    // What is not found any more may be found again, and says how somebody looks: it goes with its source,
    // and with the person whose the correction made it.
    const bool goes = found ? std::find(plan.tracks.begin(), plan.tracks.end(), *found) != plan.tracks.end()
                            : IsOfForgottenSource(state, plan, track) || theirs.contains(static_cast<int>(i));
    number.push_back(goes ? -1 : static_cast<int>(kept.size()));
    if (!goes) kept.push_back(track);
  }
  event->tracks = std::move(kept);
  const auto renumber = [&](auto* list) {
    for (auto& item : *list) item.track = number[static_cast<size_t>(item.track)];
    std::erase_if(*list, [](const auto& item) { return item.track < 0; });
  };
  renumber(&event->moves);
  renumber(&event->pins);
  for (auto& parting : event->partings) {
    for (auto* list : {&parting.some, &parting.others}) {
      for (int& track : *list) track = number[static_cast<size_t>(track)];
      std::erase(*list, -1);
    }
  }
  std::erase_if(event->persons, [&](const auto& person) { return is_forgotten(person.id); });
  event->told = names.Without(event->told);
  const CorrectionRecord after = ToRecord(*event);
  return after.body != before.body || after.looks != before.looks;
}

Result<std::vector<CorrectionRecord>> RedactHistory(const Gallery& gallery, const CurationState& state,
                                                    const ForgetPlan& plan, const ForgottenNames& names) {
  std::vector<CorrectionRecord> redacted;
  for (size_t i = 0; i < state.history.size(); ++i) {
    CurationEvent event = state.history[i];
    CROSSFACE_ASSIGN_OR_RETURN(const std::string looks, gallery.ReadLooks(event.id));
    CROSSFACE_RETURN_IF_ERROR(AddLooks(looks, &event));
    if (Redact(state, plan, names, state.found[i], &event)) redacted.push_back(ToRecord(event));
  }
  return redacted;
}

// All that this person was ever called.
void AddNamesOf(const CurationState& state, int64_t person, ForgetPlan* plan) {
  const auto add = [&](const std::string& name) {
    if (name.empty() || HasOwnName(person, name)) return;
    plan->names.push_back(name);
    if (const std::string own = WithoutReferenceMark(name); own != name) plan->names.push_back(own);
  };
  if (const auto now = state.persons.find(person); now != state.persons.end()) add(now->second.name);
  for (const CurationEvent& event : state.history) {
    for (const auto& change : event.persons) {
      if (change.id != person) continue;
      if (change.before) add(change.before->name);
      if (change.after) add(change.after->name);
    }
  }
}

// Persons whose tracks all go, and those who were merged into them: these are the same people.
void AddPersonsOfTracks(const CurationState& state, ForgetPlan* plan) {
  const std::set<size_t> gone(plan->tracks.begin(), plan->tracks.end());
  std::set<int64_t> left, persons(plan->persons.begin(), plan->persons.end());
  for (size_t i = 0; i < state.tracks.size(); ++i) {
    if (!gone.contains(i)) left.insert(state.owner[i].person);
  }
  for (const auto& [id, facts] : state.persons) {
    if (!left.contains(id)) persons.insert(id);
  }
  for (size_t i = 0; i < state.history.size(); ++i) {
    for (const auto& move : state.history[i].moves) {
      const auto& track = state.found[i][static_cast<size_t>(move.track)];
      if (!track || !gone.contains(*track)) continue;
      for (const int64_t person : {move.from, move.to}) {
        if (person != 0 && !left.contains(person) && !state.persons.contains(person)) persons.insert(person);
      }
    }
  }
  plan->persons.assign(persons.begin(), persons.end());
  for (const int64_t person : plan->persons) AddNamesOf(state, person, plan);
}

// The source's names, as the case and messages say them.
void AddNamesOfSource(const CurationState& state, const SourceRecord& source, ForgetPlan* plan) {
  plan->names.push_back(source.name);
  const fs::path file = fs::path(source.name).filename();
  const bool shared = std::any_of(state.sources.begin(), state.sources.end(), [&](const SourceRecord& other) {
    return other.id != source.id && fs::path(other.name).filename() == file;
  });
  if (!shared) plan->names.push_back(file.string());
}

// Names that are rightly there afterwards.
std::vector<std::string> NamesThatStay(const CurationState& state, const ForgetPlan& plan) {
  std::vector<std::string> names;
  for (const auto& [id, facts] : state.persons) {
    if (std::find(plan.persons.begin(), plan.persons.end(), id) == plan.persons.end())
      names.push_back(facts.name);
  }
  for (const SourceRecord& source : state.sources) {
    if (std::find(plan.sources.begin(), plan.sources.end(), source.id) == plan.sources.end())
      names.push_back(source.name);
  }
  return names;
}

void Complete(const CurationState& state, ForgetPlan* plan) {
  AddPersonsOfTracks(state, plan);
  std::sort(plan->names.begin(), plan->names.end());
  plan->names.erase(std::unique(plan->names.begin(), plan->names.end()), plan->names.end());
  plan->staying = NamesThatStay(state, *plan);
  for (const size_t track : plan->tracks) plan->faces += state.tracks[track].face_count;
}

}  // namespace

ForgetPlan PlanForgetPerson(const CurationState& state, int64_t person) {
  ForgetPlan plan{.persons = {person}, .tracks = state.TracksOf(person)};
  Complete(state, &plan);
  return plan;
}

ForgetPlan PlanForgetSource(const CurationState& state, int64_t source_id) {
  ForgetPlan plan{.sources = {source_id}};
  for (size_t i = 0; i < state.tracks.size(); ++i) {
    if (state.tracks[i].source_id == source_id) plan.tracks.push_back(i);
  }
  for (const SourceRecord& source : state.sources) {
    if (source.id == source_id) AddNamesOfSource(state, source, &plan);
  }
  Complete(state, &plan);
  return plan;
}

Result<ForgetSummary> Forget(Gallery& gallery, const CurationState& state, const ForgetPlan& plan,
                             RunLog* log) {
  ForgetSummary summary{.tracks = static_cast<int64_t>(plan.tracks.size()), .faces = plan.faces};
  const ForgottenNames names(plan.names, plan.staying);
  Gallery::Forgotten forgotten{.sources = plan.sources, .persons = plan.persons, .names = plan.names};
  for (const size_t track : plan.tracks) forgotten.tracks.push_back(state.tracks[track].id);
  CROSSFACE_ASSIGN_OR_RETURN(forgotten.corrections, RedactHistory(gallery, state, plan, names));
  summary.corrections = static_cast<int64_t>(forgotten.corrections.size());

  Needles pieces;
  CROSSFACE_RETURN_IF_ERROR(AddPiecesOfTracks(gallery, forgotten.tracks, &pieces));
  const std::set<int64_t> source_ids(plan.sources.begin(), plan.sources.end());
  CROSSFACE_RETURN_IF_ERROR(AddFingerprints(gallery, source_ids, false, &pieces));
  summary.needles = static_cast<int64_t>(pieces.size() + names.size());

  // It holds vectors too. The next search makes it anew.
  CROSSFACE_RETURN_IF_ERROR(DeleteTemplateIndex(gallery.directory()));
  CROSSFACE_RETURN_IF_ERROR(gallery.Forget(forgotten));
  CROSSFACE_RETURN_IF_ERROR(SettleSuggestions(gallery));
  CROSSFACE_RETURN_IF_ERROR(ExportCase(gallery).status());
  if (log != nullptr) {
    CROSSFACE_ASSIGN_OR_RETURN(summary.log_lines,
                               log->Rewrite([&](std::string_view text) { return names.Without(text); }));
    CROSSFACE_RETURN_IF_ERROR(log->Seal(gallery));
  }
  const Status compacted = gallery.Compact();
  if (!compacted.ok()) summary.unfinished = compacted.message();
  CROSSFACE_ASSIGN_OR_RETURN(FileSearch search, SearchCase(gallery, pieces, names));
  if (!search.pieces.empty()) {
    // A second copy of the same footage has the same faces: what belongs to it too is rightly there.
    CROSSFACE_RETURN_IF_ERROR(RemovePiecesOfOthers(gallery, search.pieces, &pieces));
    CROSSFACE_ASSIGN_OR_RETURN(search, SearchCase(gallery, pieces, names));
  }
  summary.searched_files = search.files;
  summary.searched_bytes = search.bytes;
  summary.found_in = std::move(search.found_in);
  return summary;
}

Status FinishForgetting(Gallery& gallery) {
  CROSSFACE_RETURN_IF_ERROR(DeleteTemplateIndex(gallery.directory()));
  CROSSFACE_RETURN_IF_ERROR(SettleSuggestions(gallery));
  CROSSFACE_RETURN_IF_ERROR(ExportCase(gallery).status());
  return gallery.Compact();
}

}  // namespace crossface
