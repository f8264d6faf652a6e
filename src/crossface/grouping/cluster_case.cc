#include "crossface/grouping/cluster_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "crossface/cluster/graph/cohort.h"
#include "crossface/cluster/graph/product_search.h"
#include "crossface/cluster/persons/incremental.h"
#include "crossface/curation/curation_state.h"
#include "crossface/gallery/facts.h"
#include "crossface/grouping/case_vectors.h"
#include "crossface/grouping/copied_faces.h"
#include "crossface/grouping/name_by_reference.h"
#include "crossface/grouping/person_naming.h"
#include "crossface/util/counted.h"
#include "crossface/util/hash.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

constexpr char kGroundsFact[] = "grouped_on";  // what the grouping depends on beside tracks and corrections
constexpr char kCorrectionsFact[] = "grouped_after";  // how many corrections there were
constexpr char kGroupedFact[] = "grouped";            // by which program, and what the case was after that
const std::array<std::string, 3> kProfileNames = {"strict", "balanced", "loose"};  // in the order of Profile

// What must be as it was for new tracks to be added to a grouping.
std::string GroundsOf(const std::vector<ModelVersion>& versions, const std::vector<FittedCalibration>& fitted,
                      const std::string& method, Profile profile) {
  std::string grounds = fmt::format("{} {} ", method, kProfileNames.at(static_cast<size_t>(profile)));
  for (const ModelVersion& version : versions) grounds += version.second + " ";
  for (const FittedCalibration& each : fitted) grounds += Sha256Hex(FittedCalibrationToJson(each)) + " ";
  return grounds;
}

// Whose say rests on what: a grouping that another computer does not repeat must show why.
std::vector<std::string> AboutCalibrations(const PairScorer& scorer,
                                           const std::vector<FittedCalibration>& fitted) {
  std::vector<std::string> told;
  for (const std::string& silent : scorer.silent_models())
    told.push_back(silent +
                   " has no calibration, and no say in who is the same person: calibrate it with photos of "
                   "people whom you "
                   "know");
  for (const FittedCalibration& each : fitted)
    told.push_back(fmt::format(
        "{} votes by a calibration of this computer's, fitted on {} to {} (SHA-256 {})", each.numbers.model,
        each.made, Counted(each.people, "person", "people"), Sha256Hex(FittedCalibrationToJson(each))));
  return told;
}

// What corrections have done to the grouping since it was made.
struct Corrected {
  std::set<int64_t> persons;  // who got or lost tracks
  std::set<size_t> released;  // tracks that are nobody's, until grouping finds whose they are
};

Corrected CorrectedSince(const CurationState& state, size_t corrections) {
  Corrected corrected;
  for (size_t i = corrections; i < state.history.size(); ++i) {
    const CurationEvent& event = state.history[i];
    for (const auto& move : event.moves) {
      if (move.from == move.to) continue;
      corrected.persons.insert({move.from, move.to});
      const auto& track = state.found[i][static_cast<size_t>(move.track)];
      if (track && state.owner[*track].person == 0 && !state.pins.contains(*track))
        corrected.released.insert(*track);
    }
  }
  return corrected;
}

// The last grouping with what corrections made of it: persons as positions of what it named; kNew for tracks
// scanned since and for those that were released.
struct Standing {
  std::vector<int> before;
  std::set<int> changed;
  int64_t fresh = 0;
};

Standing StandingOf(const CurationState& state, const Corrected& corrected) {
  Standing standing;
  std::map<int64_t, int> number;
  for (size_t i = 0; i < state.owner.size(); ++i) {
    const CurationState::Owner& owner = state.owner[i];
    if (!owner.grouped || corrected.released.contains(i)) {
      standing.before.push_back(kNew);
      ++standing.fresh;
    } else if (owner.person == 0) {
      standing.before.push_back(kUnassigned);
    } else {
      standing.before.push_back(
          number.try_emplace(owner.person, static_cast<int>(number.size())).first->second);
    }
  }
  for (const int64_t person : corrected.persons) {
    if (const auto there = number.find(person); there != number.end()) standing.changed.insert(there->second);
  }
  return standing;
}

// Groups what is new and whom corrections have changed; everybody else stays.
Result<ClusterAnswer> Add(const Clusterer& clusterer, const CurationState& state, const Standing& standing,
                          const ClusterProblem& problem, const PairScorer& scorer) {
  CROSSFACE_ASSIGN_OR_RETURN(ClusterAnswer answer,
                             clusterer.ClusterAdded(problem, scorer, standing.before, standing.changed));
  for (size_t i = 0; i < standing.before.size(); ++i) {
    if (answer.confidence[i] >= 0) continue;
    answer.confidence[i] = state.owner[i].confidence;
    answer.reason[i] = state.owner[i].reason;
  }
  return answer;
}

std::vector<Gallery::NewSuggestion> ToStore(const ClusterAnswer& answer,
                                            const std::vector<TrackRecord>& tracks) {
  std::vector<Gallery::NewSuggestion> suggestions;
  for (const ClusterSuggestion& suggestion : answer.suggestions) {
    const bool merge = suggestion.kind == ClusterSuggestion::Kind::kMerge;
    Gallery::NewSuggestion stored{
        .kind = merge ? SuggestionRecord::Kind::kMerge : SuggestionRecord::Kind::kMixture,
        .person = suggestion.person,
        .other = merge ? suggestion.other : -1,
        .tracks = {},
        .probability = static_cast<float>(suggestion.probability),
        .gain = static_cast<float>(suggestion.gain)};
    if (!merge) {
      for (const int item : suggestion.items) stored.tracks.push_back(tracks[static_cast<size_t>(item)].id);
      std::sort(stored.tracks.begin(), stored.tracks.end());
    }
    suggestions.push_back(std::move(stored));
  }
  return suggestions;
}

// Why a track that has no person has none.
UnassignedReason ReasonOf(const TrackRecord& track, bool dismissed, UnassignedReason grouping) {
  if (dismissed) return UnassignedReason::kNone;
  return track.reason != UnassignedReason::kNone ? track.reason : grouping;
}

// Without links and vectors.
ClusterProblem ProblemOf(const std::vector<TrackRecord>& tracks, const std::vector<uint8_t>& dismissed) {
  ClusterProblem problem{.items = static_cast<int>(tracks.size())};
  for (size_t i = 0; i < tracks.size(); ++i) {
    problem.quality.push_back(tracks[i].quality);
    problem.evidence.push_back(tracks[i].evidence);
    problem.may_form.push_back(tracks[i].may_form && !dismissed[i]);
  }
  return problem;
}

// Pairs that may not be one person.
int64_t CountApart(const ClusterProblem& problem) {
  auto pairs = static_cast<int64_t>(problem.cannot_links.size());
  for (const Parting& parting : problem.partings) {
    int64_t before = 0;
    for (const auto& side : parting) {
      pairs += before * static_cast<int64_t>(side.size());
      before += static_cast<int64_t>(side.size());
    }
  }
  return pairs;
}

// Another one where other tracks are copies; empty where none are.
std::string OfCopies(const CopiedFaces& faces, const std::vector<TrackRecord>& tracks) {
  std::string text;
  for (const std::vector<int>& face : faces) {
    for (const int item : face) text += fmt::format("{} ", tracks[static_cast<size_t>(item)].id);
    text += '\n';
  }
  return text.empty() ? text : "copies " + Sha256Hex(text) + " ";
}

std::vector<int64_t> IdsOf(const std::vector<TrackRecord>& tracks) {
  std::vector<int64_t> ids;
  ids.reserve(tracks.size());
  for (const TrackRecord& track : tracks) ids.push_back(track.id);
  return ids;
}

}  // namespace

std::vector<std::string> SplitNames(const std::string& names) {
  std::vector<std::string> list;
  std::istringstream stream(names);
  for (std::string name; std::getline(stream, name, ',');) list.push_back(name);
  return list;
}

Result<std::vector<std::string>> EmbeddersInUse(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string names, gallery.ReadFact(kEmbeddersFact));
  return SplitNames(names);
}

std::vector<ModelVersion> MostUsedVersions(const std::map<ModelVersion, int64_t>& uses) {
  std::vector<ModelVersion> models;
  int64_t most = 0;
  for (const auto& [version, count] : uses) {
    const bool another = models.empty() || models.back().first != version.first;
    if (another) {
      models.push_back(version);
    } else if (count > most) {
      models.back() = version;
    }
    most = another ? count : std::max(most, count);
  }
  return models;
}

namespace {

// After how many corrections the last grouping was made; nothing where it was made on other grounds.
Result<std::optional<size_t>> CorrectionsGrouped(const Gallery& gallery, const std::string& grounds) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string last_grounds, gallery.ReadFact(kGroundsFact));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string text, gallery.ReadFact(kCorrectionsFact));
  size_t corrections = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), corrections);
  if (last_grounds != grounds || text.empty() || error != std::errc() || end != text.data() + text.size())
    return std::optional<size_t>();
  return std::optional(corrections);
}

// Another one when anything has been written to the case that grouping reads, and with another version of the
// program. Empty with enrolled photos: what they say of the persons is told, and not kept.
Result<std::string> StampOf(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> references, gallery.ReadReferences());
  if (!references.empty()) return std::string();
  CROSSFACE_ASSIGN_OR_RETURN(const CaseTide tide, gallery.ReadTide());
  CROSSFACE_ASSIGN_OR_RETURN(const std::string written, gallery.ReadFact(kSourcesFact));
  return fmt::format("{} {} {} {} {} {}", kVersion, tide.correction, tide.grouping, tide.last_track,
                     tide.tracks, written);
}

// Whether grouping on these grounds would give what is there.
Result<bool> StandsUnchanged(const Gallery& gallery, const std::string& grounds, size_t corrections) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<size_t> before, CorrectionsGrouped(gallery, grounds));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string stamp, gallery.ReadFact(kGroupedFact));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string now, StampOf(gallery));
  return before == corrections && !now.empty() && stamp == now;
}

Status CountStanding(const Gallery& gallery, const CurationState& state, ClusterSummary* summary) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  summary->persons = static_cast<int64_t>(persons.size());
  for (const CurationState::Owner& owner : state.owner) {
    if (owner.person != 0) continue;
    ++summary->unassigned;
    if (owner.reason != UnassignedReason::kNone) ++summary->unassigned_by_reason[owner.reason];
  }
  return Status();
}

}  // namespace

Result<LastGrouping> ReadLastGrouping(const Gallery& gallery) {
  LastGrouping last;
  CROSSFACE_ASSIGN_OR_RETURN(last.method, gallery.ReadFact(kMethodFact));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string profile, gallery.ReadFact(kProfileFact));
  const auto known = std::find(kProfileNames.begin(), kProfileNames.end(), profile);
  if (known != kProfileNames.end()) last.profile = static_cast<Profile>(known - kProfileNames.begin());
  return last;
}

Result<ClusterSummary> ClusterAgain(Gallery& gallery, ClusterOptions options) {
  CROSSFACE_ASSIGN_OR_RETURN(const LastGrouping last, ReadLastGrouping(gallery));
  options.profile = last.profile;
  return ClusterCase(gallery, last.method.empty() ? kDefaultClustering : last.method, options);
}

namespace {

Result<ClusterSummary> Group(Gallery& gallery, const std::string& method, const ClusterOptions& options,
                             int64_t add_from, bool keep_unchanged) {
  ClusterSummary summary{.method = method};
  if (options.products) summary.device = options.products->device();
  CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<Clusterer> clusterer, CreateClusterer(method, options));
  CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(gallery));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({}));
  std::vector<uint8_t> dismissed(tracks.size(), 0);
  for (const auto& [track, pin] : state.pins) dismissed[track] = pin.person == 0;
  ClusterProblem problem = ProblemOf(tracks, dismissed);
  CROSSFACE_ASSIGN_OR_RETURN(CaseVectors vectors, ReadCaseVectors(gallery, IdsOf(tracks), dismissed));
  problem.templates = std::move(vectors.matrices);
  CurationLinks links = LinksFor(state);
  problem.must_links = std::move(links.must);
  problem.cannot_links = std::move(links.cannot);
  problem.partings = std::move(links.partings);
  summary.tracks = problem.items;
  summary.must_links = static_cast<int64_t>(problem.must_links.size());
  summary.cannot_links = CountApart(problem);
  summary.models = vectors.models;
  const auto tell = [&](const std::vector<std::string>& warnings) {
    summary.warnings.insert(summary.warnings.end(), warnings.begin(), warnings.end());
  };
  tell(state.warnings);
  tell(links.warnings);
  tell(vectors.warnings);

  CROSSFACE_ASSIGN_OR_RETURN(const KnownCalibration known, CalibrationOf(vectors.versions));
  std::string grounds = GroundsOf(vectors.versions, known.fitted, method, options.profile);
  std::optional<PairScorer> scorer;
  ClusterAnswer answer;
  bool added = false;
  if (!vectors.models.empty()) {
    CROSSFACE_ASSIGN_OR_RETURN(scorer, PairScorer::Create(vectors.models, known.calibration));
    tell(AboutCalibrations(*scorer, known.fitted));
    CROSSFACE_ASSIGN_OR_RETURN(const CopiedFaces copies, FindCopiedFaces(gallery, tracks, problem, *scorer));
    grounds += OfCopies(copies, tracks);
    summary.copied_tracks = CountCopied(copies);
    if (keep_unchanged) {
      CROSSFACE_ASSIGN_OR_RETURN(const bool stands, StandsUnchanged(gallery, grounds, state.history.size()));
      if (stands) {
        CROSSFACE_RETURN_IF_ERROR(CountStanding(gallery, state, &summary));
        return summary;
      }
    }
    CROSSFACE_ASSIGN_OR_RETURN(problem.cohort, MeasureCohorts(problem, RuleOf(*scorer), options.stop));
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<size_t> corrections, CorrectionsGrouped(gallery, grounds));
    added = summary.tracks >= add_from && corrections && *corrections <= state.history.size();
    const Standing standing = added ? StandingOf(state, CorrectedSince(state, *corrections)) : Standing();
    added = added && standing.fresh < summary.tracks;
    summary.added = added ? standing.fresh : 0;
    CROSSFACE_ASSIGN_OR_RETURN(answer, added ? Add(*clusterer, state, standing, problem, *scorer)
                                             : clusterer->Cluster(problem, *scorer));
    CROSSFACE_RETURN_IF_ERROR(FollowCopies(copies, problem, &answer));
  } else {
    answer.person_of.assign(tracks.size(), -1);
    answer.confidence.assign(tracks.size(), 0);
    answer.reason.assign(tracks.size(), UnassignedReason::kAlone);
  }

  PersonNaming naming(state, &answer);
  std::vector<PersonRecord> persons = naming.Name();
  std::vector<Gallery::NewSuggestion> suggestions = ToStore(answer, tracks);
  if (added) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> before, gallery.ReadSuggestions());
    CROSSFACE_ASSIGN_OR_RETURN(const auto cohesion, gallery.ReadCohesion());
    suggestions = naming.KeepWhatIsUnchanged(before, cohesion, &persons);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> references, gallery.ReadReferences());
  const ReferenceNaming by_reference(references, vectors.versions);
  tell(by_reference.Name(problem, scorer ? RuleOf(*scorer) : ScoreRule(), options.profile, answer.person_of,
                         &persons, &suggestions));
  std::vector<Gallery::NewAssignment> assignments;
  for (size_t i = 0; i < tracks.size(); ++i) {
    Gallery::NewAssignment& assignment = assignments.emplace_back();
    assignment = {tracks[i].id, answer.person_of[i], answer.confidence[i]};
    if (answer.person_of[i] >= 0) continue;
    assignment.reason = ReasonOf(tracks[i], dismissed[i], answer.reason[i]);
    ++summary.unassigned;
    if (assignment.reason != UnassignedReason::kNone) ++summary.unassigned_by_reason[assignment.reason];
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                             gallery.ReplaceGrouping(persons, assignments, suggestions));
  summary.persons = static_cast<int64_t>(ids.size());
  CROSSFACE_RETURN_IF_ERROR(gallery.KeepFoundTracks(state.newly_found));
  CROSSFACE_RETURN_IF_ERROR(gallery.WriteFact(kGroundsFact, grounds));
  CROSSFACE_RETURN_IF_ERROR(gallery.WriteFact(kCorrectionsFact, fmt::format("{}", state.history.size())));
  CROSSFACE_RETURN_IF_ERROR(gallery.WriteFact(kMethodFact, method));
  CROSSFACE_RETURN_IF_ERROR(
      gallery.WriteFact(kProfileFact, kProfileNames.at(static_cast<size_t>(options.profile))));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string stamp, StampOf(gallery));
  CROSSFACE_RETURN_IF_ERROR(gallery.WriteFact(kGroupedFact, stamp));
  return summary;
}

}  // namespace

Result<ClusterSummary> ClusterCase(Gallery& gallery, const std::string& method, const ClusterOptions& options,
                                   int64_t add_from) {
  return Group(gallery, method, options, add_from, false);
}

Result<ClusterSummary> ClusterWhatIsNew(Gallery& gallery, const std::string& method,
                                        const ClusterOptions& options) {
  return Group(gallery, method, options, kAddFrom, true);
}

Result<std::optional<ClusterSummary>> ClusterSoFar(Gallery& gallery, const std::string& method,
                                                   const ClusterOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const CaseTide tide, gallery.ReadTide());
  if (tide.tracks == 0 || tide.tracks >= kAddFrom) return std::optional<ClusterSummary>();
  CROSSFACE_ASSIGN_OR_RETURN(ClusterSummary summary, ClusterCase(gallery, method, options));
  CROSSFACE_RETURN_IF_ERROR(gallery.WriteFact(kGroundsFact, ""));
  return std::optional(std::move(summary));
}

}  // namespace crossface
