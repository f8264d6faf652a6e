#include "crossface/pipeline/forget.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>

#include "crossface/export/case_exporter.h"
#include "crossface/gallery/template_index.h"
#include "crossface/media/text.h"
#include "crossface/pipeline/curation_plan.h"
#include "crossface/pipeline/curation_state.h"
#include "crossface/pipeline/review.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

constexpr char kForgottenName[] = "(forgotten)";
// A piece long enough never to stand anywhere by chance. Several of each thing: the database may break it at
// the end of a page.
constexpr size_t kPieceBytes = 24;
constexpr size_t kPieces = 4;
constexpr size_t kJpegTables = 640;
// Shorter names stand in other words.
constexpr size_t kShortestName = 4;

using Needles = std::set<std::string>;

void AddPieces(std::string_view bytes, Needles* needles) {
  if (bytes.size() < kPieceBytes) return;
  needles->insert(std::string(bytes.substr(bytes.size() - kPieceBytes)));
  for (size_t i = 1; i <= kPieces; ++i)
    needles->insert(std::string(bytes.substr((bytes.size() - kPieceBytes) * i / (kPieces + 1), kPieceBytes)));
}

void AddVectors(const std::vector<FaceEmbedding>& embeddings, Needles* needles) {
  for (const FaceEmbedding& embedding : embeddings)
    AddPieces(
        {reinterpret_cast<const char*>(embedding.vector.data()), embedding.vector.size() * sizeof(float)},
        needles);
}

Result<Needles> PiecesOf(const Gallery& gallery, const std::set<int64_t>& track_ids, bool of_others) {
  Needles needles;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                             gallery.ReadTracks({.faces = true, .embeddings = true, .templates = true}));
  for (const TrackRecord& track : tracks) {
    if (track_ids.contains(track.id) == of_others) continue;
    AddVectors(track.templates, &needles);
    for (const FaceRecord& face : track.faces) {
      AddVectors(face.embeddings, &needles);
      CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, gallery.ReadFacePicture(face.id));
      // All JPEGs of one quality begin with the same tables.
      if (jpeg.size() > kJpegTables) AddPieces(std::string_view(jpeg).substr(kJpegTables), &needles);
    }
  }
  return needles;
}

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

// Looks for many strings at once: by their first eight bytes, then whole.
class Searcher {
 public:
  explicit Searcher(const Needles& needles) {
    for (const std::string& needle : needles) {
      if (needle.size() >= kKeyBytes) {
        by_key_[Key(needle.data())].push_back(&needle);
      } else {
        short_.push_back(&needle);
      }
    }
  }
  std::vector<std::string> FoundIn(std::string_view text) const {
    std::vector<std::string> found;
    for (const std::string* needle : short_) {
      if (text.find(*needle) != std::string_view::npos) found.push_back(*needle);
    }
    if (by_key_.empty()) return found;
    for (size_t i = 0; i + kKeyBytes <= text.size(); ++i) {
      const auto candidates = by_key_.find(Key(text.data() + i));
      if (candidates == by_key_.end()) continue;
      for (const std::string* needle : candidates->second) {
        if (text.substr(i, needle->size()) == *needle) found.push_back(*needle);
      }
    }
    return found;
  }

 private:
  static constexpr size_t kKeyBytes = 8;
  static uint64_t Key(const char* bytes) {
    uint64_t key;
    std::memcpy(&key, bytes, sizeof key);
    return key;
  }
  std::unordered_map<uint64_t, std::vector<const std::string*>> by_key_;
  std::vector<const std::string*> short_;
};

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
bool Redact(const CurationState& state, const ForgetPlan& plan, TrackFinder& finder, CurationEvent* event) {
  const auto is_forgotten = [&](int64_t person) {
    return std::find(plan.persons.begin(), plan.persons.end(), person) != plan.persons.end();
  };
  const std::string before = ToRecord(*event).body;
  std::vector<int> number;  // new numbers of tracks, -1 for those that go
  std::vector<TrackReference> kept;
  const std::set<int> theirs = PinnedTo(is_forgotten, *event);
  for (size_t i = 0; i < event->tracks.size(); ++i) {
    const TrackReference& track = event->tracks[i];
    const auto found = finder.Find(track);
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
  for (const std::string& name : plan.names) {
    for (size_t place = event->told.find(name); place != std::string::npos;
         place = event->told.find(name, place))
      event->told.replace(place, name.size(), kForgottenName);
  }
  return ToRecord(*event).body != before;
}

Result<std::vector<CorrectionRecord>> RedactHistory(const CurationState& state, const ForgetPlan& plan) {
  TrackFinder finder(state.sources, state.tracks, state.templates);
  std::vector<CorrectionRecord> redacted;
  for (CurationEvent event : state.history) {
    if (Redact(state, plan, finder, &event)) redacted.push_back(ToRecord(event));
  }
  return redacted;
}

Status Search(const Gallery& gallery, const Searcher& searcher, const std::set<std::string>& allowed,
              ForgetSummary* summary) {
  std::error_code error;
  fs::recursive_directory_iterator entry(gallery.case_folder(), error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    if (!entry->is_regular_file()) continue;
    CROSSFACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(entry->path()));
    ++summary->searched_files;
    summary->searched_bytes += static_cast<int64_t>(text.size());
    const std::string name = entry->path().lexically_relative(gallery.case_folder()).generic_string();
    for (const std::string& needle : searcher.FoundIn(name + '\n' + text)) {
      if (allowed.contains(needle)) continue;
      summary->found_in.push_back(name);
      break;
    }
  }
  if (!error) return Status();
  return ErrnoStatus(error.value(),
                     fmt::format("cannot read the case folder {}", DisplayPath(gallery.case_folder())));
}

void Count(const CurationState& state, ForgetPlan* plan) {
  for (const size_t track : plan->tracks)
    plan->faces += static_cast<int64_t>(state.tracks[track].faces.size());
}

}  // namespace

ForgetPlan PlanForgetPerson(const CurationState& state, int64_t person) {
  ForgetPlan plan{.persons = {person}, .tracks = state.TracksOf(person)};
  const auto add_name = [&](const std::string& name) {
    if (!HasOwnName(person, name) && name.size() >= kShortestName) plan.names.push_back(name);
  };
  add_name(state.persons.at(person).name);
  for (const CurationEvent& event : state.history) {
    for (const auto& change : event.persons) {
      if (change.id != person) continue;
      if (change.before) add_name(change.before->name);
      if (change.after) add_name(change.after->name);
    }
  }
  std::sort(plan.names.begin(), plan.names.end());
  plan.names.erase(std::unique(plan.names.begin(), plan.names.end()), plan.names.end());
  Count(state, &plan);
  return plan;
}

ForgetPlan PlanForgetSource(const CurationState& state, int64_t source_id) {
  ForgetPlan plan{.sources = {source_id}};
  for (size_t i = 0; i < state.tracks.size(); ++i) {
    if (state.tracks[i].source_id == source_id) plan.tracks.push_back(i);
  }
  Count(state, &plan);
  return plan;
}

Result<ForgetSummary> Forget(Gallery& gallery, const CurationState& state, const ForgetPlan& plan) {
  ForgetSummary summary{.tracks = static_cast<int64_t>(plan.tracks.size()), .faces = plan.faces};
  Gallery::Forgotten forgotten{.sources = plan.sources, .persons = plan.persons};
  for (const size_t track : plan.tracks) forgotten.tracks.push_back(state.tracks[track].id);
  // A person who appeared in nothing else goes with the source.
  std::set<int64_t> left;
  const std::set<size_t> gone(plan.tracks.begin(), plan.tracks.end());
  for (size_t i = 0; i < state.tracks.size(); ++i) {
    if (!gone.contains(i)) left.insert(state.owner[i].person);
  }
  for (const auto& [id, facts] : state.persons) {
    if (!left.contains(id) && !std::count(forgotten.persons.begin(), forgotten.persons.end(), id))
      forgotten.persons.push_back(id);
  }
  CROSSFACE_ASSIGN_OR_RETURN(forgotten.corrections, RedactHistory(state, plan));
  summary.corrections = static_cast<int64_t>(forgotten.corrections.size());

  const std::set<int64_t> ids(forgotten.tracks.begin(), forgotten.tracks.end());
  CROSSFACE_ASSIGN_OR_RETURN(Needles needles, PiecesOf(gallery, ids, false));
  const std::set<int64_t> source_ids(plan.sources.begin(), plan.sources.end());
  CROSSFACE_RETURN_IF_ERROR(AddFingerprints(gallery, source_ids, false, &needles));
  needles.insert(plan.names.begin(), plan.names.end());
  summary.needles = static_cast<int64_t>(needles.size());

  // It holds vectors too. The next search makes it anew.
  CROSSFACE_RETURN_IF_ERROR(DeleteTemplateIndex(gallery.case_folder()));
  CROSSFACE_RETURN_IF_ERROR(gallery.Forget(forgotten));
  CROSSFACE_RETURN_IF_ERROR(SettleSuggestions(gallery));
  CROSSFACE_RETURN_IF_ERROR(ExportCase(gallery).status());
  CROSSFACE_RETURN_IF_ERROR(gallery.Compact());
  const Searcher searcher(needles);
  CROSSFACE_RETURN_IF_ERROR(Search(gallery, searcher, {}, &summary));
  if (summary.found_in.empty()) return summary;
  // A second copy of the same footage has the same faces: what belongs to it too is rightly there.
  CROSSFACE_ASSIGN_OR_RETURN(Needles of_others, PiecesOf(gallery, {}, true));
  CROSSFACE_RETURN_IF_ERROR(AddFingerprints(gallery, {}, true, &of_others));
  summary.found_in.clear();
  summary.searched_files = summary.searched_bytes = 0;
  CROSSFACE_RETURN_IF_ERROR(Search(gallery, searcher, of_others, &summary));
  return summary;
}

}  // namespace crossface
