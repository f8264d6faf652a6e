#include "crossface/pipeline/cluster_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "crossface/cluster/incremental.h"
#include "crossface/pipeline/curation_state.h"

namespace crossface {
namespace {

constexpr char kMethodFact[] = "clustering";
constexpr char kProfileFact[] = "profile";
constexpr char kGroundsFact[] = "grouped_on";  // what the grouping depends on beside the tracks
const std::array<std::string, 3> kProfileNames = {"strict", "balanced", "loose"};  // in the order of Profile

struct ClusterInput {
  ClusterProblem problem;
  std::vector<std::string> models;
  std::string versions;  // of the models
  std::vector<std::string> warnings;
};

std::vector<ModelVersion> ModelsInUse(const std::vector<TrackRecord>& tracks) {
  std::map<ModelVersion, int64_t> uses;
  for (const TrackRecord& track : tracks) {
    for (const FaceEmbedding& embedding : track.templates) ++uses[{embedding.model, embedding.model_sha256}];
  }
  return MostUsedVersions(uses);
}

void FillTemplates(const std::vector<TrackRecord>& tracks, ClusterInput* input) {
  const size_t items = tracks.size();
  for (const auto& [model, sha256] : ModelsInUse(tracks)) {
    TemplateMatrix matrix{.model = model};
    matrix.present.assign(items, 0);
    int64_t of_others = 0;
    for (size_t i = 0; i < items; ++i) {
      for (const FaceEmbedding& embedding : tracks[i].templates) {
        if (embedding.model != model) continue;
        if (embedding.model_sha256 != sha256) {
          ++of_others;
          continue;
        }
        if (matrix.dimensions == 0) {
          matrix.dimensions = static_cast<int>(embedding.vector.size());
          matrix.rows.assign(items * embedding.vector.size(), 0.0f);
        }
        std::copy(embedding.vector.begin(), embedding.vector.end(),
                  matrix.rows.begin() + static_cast<ptrdiff_t>(i * embedding.vector.size()));
        matrix.present[i] = 1;
      }
    }
    if (of_others > 0) {
      input->warnings.push_back(
          fmt::format("{} tracks have vectors of another version of {} than most: these were not compared; "
                      "crossface reembed makes them anew",
                      of_others, model));
    }
    input->models.push_back(model);
    input->versions += sha256 + " ";
    input->problem.templates.push_back(std::move(matrix));
  }
}

// The persons of the answer, after the corrections have had the last word.
class Persons {
 public:
  Persons(const CurationState& state, ClusterAnswer* answer) : state_(state), answer_(*answer) {}

  std::vector<PersonRecord> Name() {
    const std::vector<int> proposed = answer_.person_of;
    ObeyPins();
    persons_.resize(static_cast<size_t>(answer_.persons));
    NameCurated();
    NameOthers();
    TellCohesion(proposed);
    return std::move(persons_);
  }

 private:
  // The clusterer may leave tracks without vectors out: the user knows better.
  void ObeyPins() {
    for (const auto& [track, pin] : state_.pins) {
      if (pin.person != 0 && answer_.person_of[track] >= 0)
        cluster_of_.try_emplace(pin.person, answer_.person_of[track]);
    }
    for (const auto& [track, pin] : state_.pins) {
      if (pin.person == 0) {
        answer_.person_of[track] = -1;
        answer_.confidence[track] = 0;
        continue;
      }
      const auto [cluster, added] = cluster_of_.try_emplace(pin.person, answer_.persons);
      answer_.persons += added;
      answer_.person_of[track] = cluster->second;
      if (!pin.anchor) answer_.confidence[track] = 1;
    }
  }

  void NameCurated() {
    for (const auto& [id, cluster] : cluster_of_) {
      const PersonFacts facts = state_.FactsOf(id);
      persons_[static_cast<size_t>(cluster)] = {id, facts.name, facts.ignored};
      taken_.insert(id);
    }
  }

  // New persons take over the id of the old one that they share most tracks with, one to one. A track counts
  // for the person that it has now and for the first that it ever had: who vanishes in one grouping comes
  // back under the same number in another.
  void NameOthers() {
    struct Votes {
      int64_t now = 0, first = 0;
    };
    std::map<std::pair<int64_t, int>, Votes> common;  // (old person, new person)
    for (size_t i = 0; i < state_.tracks.size(); ++i) {
      const int cluster = answer_.person_of[i];
      if (cluster < 0) continue;
      if (state_.owner[i].person != 0) ++common[{state_.owner[i].person, cluster}].now;
      if (state_.owner[i].first_person != 0) ++common[{state_.owner[i].first_person, cluster}].first;
    }
    std::vector<std::tuple<int64_t, int64_t, int64_t, int>> best;  // most votes first, then the older person
    for (const auto& [pair, votes] : common)
      best.emplace_back(-votes.now - votes.first, -votes.now, pair.first, pair.second);
    std::sort(best.begin(), best.end());
    for (const auto& [votes, now, old_id, cluster] : best) {
      PersonRecord& person = persons_[static_cast<size_t>(cluster)];
      if (person.id != 0 || !taken_.insert(old_id).second) continue;
      const PersonFacts facts = state_.FactsOf(old_id);
      person = {old_id, facts.name, facts.ignored};
    }
  }

  // Of the persons that are as the clusterer made them.
  void TellCohesion(const std::vector<int>& proposed) {
    for (size_t i = 0; i < answer_.cohesion.size() && i < persons_.size(); ++i)
      persons_[i].cohesion = answer_.cohesion[i];
    for (size_t i = 0; i < proposed.size(); ++i) {
      if (proposed[i] == answer_.person_of[i]) continue;
      for (const int person : {proposed[i], answer_.person_of[i]}) {
        if (person >= 0) persons_[static_cast<size_t>(person)].cohesion.reset();
      }
    }
  }

  const CurationState& state_;
  ClusterAnswer& answer_;
  std::map<int64_t, int> cluster_of_;  // curated person -> its cluster
  std::vector<PersonRecord> persons_;
  std::set<int64_t> taken_;
};

// What must be as it was for new tracks to be added to a grouping.
std::string GroundsOf(const CurationState& state, const ClusterInput& input, const std::string& method,
                      Profile profile) {
  return fmt::format("{} {} corrections:{} {}", method, kProfileNames.at(static_cast<size_t>(profile)),
                     state.history.size(), input.versions);
}

// The persons of the last grouping, as positions of what it named; kNew for tracks scanned since.
std::vector<int> PersonsBefore(const CurationState& state) {
  std::map<int64_t, int> number;
  std::vector<int> before;
  for (const CurationState::Owner& owner : state.owner) {
    if (!owner.grouped) {
      before.push_back(kNew);
    } else if (owner.person == 0) {
      before.push_back(kUnassigned);
    } else {
      before.push_back(number.try_emplace(owner.person, static_cast<int>(number.size())).first->second);
    }
  }
  return before;
}

// Groups everything, or what was added. `stands`: the last grouping was made on the same grounds.
Result<ClusterAnswer> Group(const Clusterer& clusterer, const CurationState& state, const ClusterInput& input,
                            bool stands, int64_t* added) {
  CROSSFACE_ASSIGN_OR_RETURN(const PairScorer scorer, PairScorer::Create(input.models));
  const std::vector<int> before = PersonsBefore(state);
  const int64_t fresh = std::count(before.begin(), before.end(), kNew);
  if (!stands || fresh == static_cast<int64_t>(before.size()))
    return clusterer.Cluster(input.problem, scorer);
  *added = fresh;
  CROSSFACE_ASSIGN_OR_RETURN(ClusterAnswer answer, clusterer.ClusterAdded(input.problem, scorer, before));
  for (size_t i = 0; i < before.size(); ++i) {
    if (answer.confidence[i] < 0) answer.confidence[i] = state.owner[i].confidence;
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

// A model that the case does not use has no say, though its vectors are kept.
Status KeepModelsInUse(const Gallery& gallery, std::vector<TrackRecord>* tracks) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> in_use, EmbeddersInUse(gallery));
  if (in_use.empty()) return Status();
  for (TrackRecord& track : *tracks) {
    std::erase_if(track.templates, [&](const FaceEmbedding& embedding) {
      return std::find(in_use.begin(), in_use.end(), embedding.model) == in_use.end();
    });
  }
  return Status();
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

Result<ClusterSummary> ClusterAgain(Gallery& gallery, ClusterOptions options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string method, gallery.ReadFact(kMethodFact));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string profile, gallery.ReadFact(kProfileFact));
  const auto known = std::find(kProfileNames.begin(), kProfileNames.end(), profile);
  if (known != kProfileNames.end()) options.profile = static_cast<Profile>(known - kProfileNames.begin());
  return ClusterCase(gallery, method.empty() ? kDefaultClustering : method, options);
}

Result<ClusterSummary> ClusterCase(Gallery& gallery, const std::string& method, const ClusterOptions& options,
                                   int64_t add_from) {
  ClusterSummary summary{.method = method};
  CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<Clusterer> clusterer, CreateClusterer(method, options));
  CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(gallery));
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({.templates = true}));
  CROSSFACE_RETURN_IF_ERROR(KeepModelsInUse(gallery, &tracks));
  for (const auto& [track, pin] : state.pins) {
    if (pin.person != 0) continue;
    tracks[track].templates.clear();
    tracks[track].may_form = false;
  }

  ClusterInput input;
  input.problem.items = static_cast<int>(tracks.size());
  for (const TrackRecord& track : tracks) {
    input.problem.quality.push_back(track.quality);
    input.problem.may_form.push_back(track.may_form);
  }
  FillTemplates(tracks, &input);
  CurationLinks links = LinksFor(state, OnScreenTogether(state.tracks));
  input.problem.must_links = std::move(links.must);
  input.problem.cannot_links = std::move(links.cannot);
  summary.tracks = input.problem.items;
  summary.must_links = static_cast<int64_t>(input.problem.must_links.size());
  summary.cannot_links = static_cast<int64_t>(input.problem.cannot_links.size());
  summary.models = input.models;
  summary.warnings = state.warnings;
  summary.warnings.insert(summary.warnings.end(), links.warnings.begin(), links.warnings.end());
  summary.warnings.insert(summary.warnings.end(), input.warnings.begin(), input.warnings.end());

  const std::string grounds = GroundsOf(state, input, method, options.profile);
  ClusterAnswer answer;
  if (!input.models.empty()) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::string last_grounds, gallery.ReadFact(kGroundsFact));
    const bool stands = summary.tracks >= add_from && last_grounds == grounds;
    CROSSFACE_ASSIGN_OR_RETURN(answer, Group(*clusterer, state, input, stands, &summary.added));
  } else {
    answer.person_of.assign(tracks.size(), -1);
    answer.confidence.assign(tracks.size(), 0);
  }

  const std::vector<PersonRecord> persons = Persons(state, &answer).Name();
  std::vector<Gallery::NewAssignment> assignments;
  for (size_t i = 0; i < tracks.size(); ++i) {
    assignments.push_back({tracks[i].id, answer.person_of[i], answer.confidence[i]});
    summary.unassigned += answer.person_of[i] < 0;
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                             gallery.ReplaceGrouping(persons, assignments, ToStore(answer, tracks)));
  summary.persons = static_cast<int64_t>(ids.size());
  CROSSFACE_RETURN_IF_ERROR(gallery.WriteFact(kGroundsFact, grounds));
  CROSSFACE_RETURN_IF_ERROR(gallery.WriteFact(kMethodFact, method));
  CROSSFACE_RETURN_IF_ERROR(
      gallery.WriteFact(kProfileFact, kProfileNames.at(static_cast<size_t>(options.profile))));
  return summary;
}

}  // namespace crossface
