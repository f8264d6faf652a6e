#include "crossface/pipeline/cluster_case.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace crossface {
namespace {

// Two boxes of one frame that overlap this much are one face that was reported twice, and forbid nothing.
constexpr float kSameFaceOverlap = 0.3f;

struct ClusterInput {
  ClusterProblem problem;
  std::vector<int64_t> track_ids;
  std::vector<std::string> models;
};

// The models whose vectors most tracks have, each in the one version (sha256) that most tracks have: vectors of different
// versions are never compared.
std::vector<std::pair<std::string, std::string>> ModelsInUse(const std::vector<TrackRecord>& tracks) {
  std::map<std::string, std::map<std::string, int64_t>> uses;
  for (const TrackRecord& track : tracks) {
    for (const FaceEmbedding& embedding : track.templates) ++uses[embedding.model][embedding.model_sha256];
  }
  std::vector<std::pair<std::string, std::string>> models;
  for (const auto& [model, versions] : uses) {
    const auto most = std::max_element(versions.begin(), versions.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    models.emplace_back(model, most->first);
  }
  return models;
}

void FillTemplates(const std::vector<TrackRecord>& tracks, ClusterInput* input) {
  const size_t items = tracks.size();
  for (const auto& [model, sha256] : ModelsInUse(tracks)) {
    TemplateMatrix matrix{.model = model};
    matrix.present.assign(items, 0);
    for (size_t i = 0; i < items; ++i) {
      for (const FaceEmbedding& embedding : tracks[i].templates) {
        if (embedding.model != model || embedding.model_sha256 != sha256) continue;
        if (matrix.dimensions == 0) {
          matrix.dimensions = static_cast<int>(embedding.vector.size());
          matrix.rows.assign(items * embedding.vector.size(), 0.0f);
        }
        std::copy(embedding.vector.begin(), embedding.vector.end(), matrix.rows.begin() + static_cast<ptrdiff_t>(i * embedding.vector.size()));
        matrix.present[i] = 1;
      }
    }
    input->models.push_back(model);
    input->problem.templates.push_back(std::move(matrix));
  }
}

// Tracks with faces in one frame are different people.
std::vector<std::pair<int, int>> OnScreenTogether(const std::vector<TrackRecord>& tracks) {
  std::map<std::pair<int64_t, int64_t>, std::vector<std::pair<int, const cv::Rect2f*>>> frames;  // (source, frame) -> track, box
  for (size_t i = 0; i < tracks.size(); ++i) {
    for (const FaceRecord& face : tracks[i].faces) {
      frames[{tracks[i].source_id, face.frame}].emplace_back(static_cast<int>(i), &face.detection.box);
    }
  }
  std::set<std::pair<int, int>> together, doubled;
  for (const auto& [frame, present] : frames) {
    for (size_t a = 0; a < present.size(); ++a) {
      for (size_t b = a + 1; b < present.size(); ++b) {
        const std::pair<int, int> pair = std::minmax(present[a].first, present[b].first);
        const bool same_face = IntersectionOverUnion(*present[a].second, *present[b].second) >= kSameFaceOverlap;
        (same_face ? doubled : together).insert(pair);
      }
    }
  }
  std::vector<std::pair<int, int>> links;
  std::set_difference(together.begin(), together.end(), doubled.begin(), doubled.end(), std::back_inserter(links));
  return links;
}

// New persons take over the id and name of the old person that they share most tracks with, one to one.
std::vector<PersonRecord> KeepIdentities(const ClusterAnswer& answer, const std::vector<int64_t>& track_ids,
                                         const std::vector<PersonRecord>& old_persons, const std::vector<Assignment>& old_assignments) {
  std::map<int64_t, int64_t> old_person_of;
  for (const Assignment& assignment : old_assignments) old_person_of[assignment.track_id] = assignment.person_id;
  std::map<std::pair<int64_t, int>, int64_t> common;  // (old person, new person) -> tracks
  for (size_t i = 0; i < track_ids.size(); ++i) {
    const auto old = old_person_of.find(track_ids[i]);
    if (answer.person_of[i] < 0 || old == old_person_of.end() || old->second == 0) continue;
    ++common[{old->second, answer.person_of[i]}];
  }
  std::vector<std::tuple<int64_t, int64_t, int>> by_size;  // -tracks, old, new: most tracks first, then the older person
  for (const auto& [pair, tracks] : common) by_size.emplace_back(-tracks, pair.first, pair.second);
  std::sort(by_size.begin(), by_size.end());

  std::map<int64_t, std::string> names;
  for (const PersonRecord& person : old_persons) names[person.id] = person.name;
  std::vector<PersonRecord> persons(static_cast<size_t>(answer.persons));
  std::set<int64_t> taken;
  for (const auto& [tracks, old_id, new_person] : by_size) {
    PersonRecord& person = persons[static_cast<size_t>(new_person)];
    if (person.id != 0 || !taken.insert(old_id).second) continue;
    person = {old_id, names[old_id]};
  }
  return persons;
}

}  // namespace

Result<ClusterSummary> ClusterCase(Gallery& gallery, const std::string& method, const ClusterOptions& options) {
  ClusterSummary summary{.method = method};
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({.faces = true, .templates = true}));
  CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<Clusterer> clusterer, CreateClusterer(method, options));

  ClusterInput input;
  input.problem.items = static_cast<int>(tracks.size());
  for (const TrackRecord& track : tracks) {
    input.track_ids.push_back(track.id);
    input.problem.quality.push_back(track.quality);
    input.problem.may_form.push_back(track.may_form);
  }
  FillTemplates(tracks, &input);
  input.problem.cannot_links = OnScreenTogether(tracks);
  summary.tracks = input.problem.items;
  summary.cannot_links = static_cast<int64_t>(input.problem.cannot_links.size());
  summary.models = input.models;

  ClusterAnswer answer;
  if (!input.models.empty()) {
    CROSSFACE_ASSIGN_OR_RETURN(const PairScorer scorer, PairScorer::Create(input.models));
    CROSSFACE_ASSIGN_OR_RETURN(answer, clusterer->Cluster(input.problem, scorer));
  } else {
    answer.person_of.assign(tracks.size(), -1);
    answer.confidence.assign(tracks.size(), 0);
  }

  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> old_persons, gallery.ReadPersons());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> old_assignments, gallery.ReadAssignments());
  const std::vector<PersonRecord> persons = KeepIdentities(answer, input.track_ids, old_persons, old_assignments);
  std::vector<Gallery::NewAssignment> assignments;
  for (size_t i = 0; i < tracks.size(); ++i) {
    assignments.push_back({input.track_ids[i], answer.person_of[i], answer.confidence[i]});
    summary.unassigned += answer.person_of[i] < 0;
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, gallery.ReplaceGrouping(persons, assignments));
  summary.persons = static_cast<int64_t>(ids.size());
  CROSSFACE_RETURN_IF_ERROR(gallery.WriteFact("clustering", method));
  return summary;
}

}  // namespace crossface
