#include "crossface/search/search_case.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "crossface/export/case_view.h"

namespace crossface {
namespace {

// Tracks that are compared between two questions whether to go on.
constexpr size_t kStopLooks = 4096;

}  // namespace

Result<CaseSearcher> CaseSearcher::Open(const Gallery& gallery, const SearchOptions& options) {
  CaseSearcher searcher;
  searcher.gallery_ = &gallery;
  searcher.options_ = options;
  CROSSFACE_ASSIGN_OR_RETURN(const TemplateKeys keys, gallery.ReadTemplateKeys());
  CROSSFACE_ASSIGN_OR_RETURN(SearchEnsemble ensemble, SearchEnsemble::Of(gallery, keys));
  searcher.ensemble_ = std::make_shared<const SearchEnsemble>(std::move(ensemble));

  const std::vector<IndexedTrack> complete = TracksToIndex(*searcher.ensemble_, keys);
  std::unordered_set<int64_t> counted;
  for (const IndexedTrack& track : complete) counted.insert(track.id);
  for (const auto& key : keys.keys) {
    const auto& model = keys.models[key.model];
    if (searcher.ensemble_->PositionOf(model.name, model.sha256) < 0) continue;
    if (counted.insert(key.track_id).second) searcher.partial_.push_back(key.track_id);
  }
  searcher.compared_ = static_cast<int64_t>(counted.size());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery.ReadSources());
  for (const SourceRecord& source : sources) searcher.others_ += source.tracks;
  searcher.others_ -= searcher.compared_;

  if (options.exact || searcher.compared_ <= options.exact_tracks) {
    CROSSFACE_RETURN_IF_ERROR(searcher.LoadAll());
  } else {
    CROSSFACE_ASSIGN_OR_RETURN(searcher.index_,
                               OpenSearchIndex(gallery, *searcher.ensemble_, complete,
                                               {.stop = options.stop, .building = options.building}));
  }
  return searcher;
}

Status CaseSearcher::LoadAll() {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                             gallery_->ReadTracks({.templates = true}));
  all_ = ToCompare(tracks);
  return Status();
}

std::vector<CaseSearcher::Compared> CaseSearcher::ToCompare(const std::vector<TrackRecord>& tracks) const {
  std::vector<Compared> compared;
  for (const TrackRecord& track : tracks)
    compared.push_back(
        {track.id, {track.quality, LeastCohort(track.evidence)}, ensemble_->VectorsOf(track.templates)});
  return compared;
}

Result<std::vector<CaseSearcher::Compared>> CaseSearcher::Candidates(const PhotoFace& face) const {
  std::vector<float> direction = ensemble_->Direction(face.vectors);
  std::vector<int64_t> ids = partial_;
  if (!direction.empty()) {
    const std::vector<int64_t> nearest = index_.index->Nearest(direction, kSearchCandidates);
    ids.insert(ids.end(), nearest.begin(), nearest.end());
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                             gallery_->ReadTracks({.templates = true}, ids));
  return ToCompare(tracks);
}

Result<std::vector<SearchHit>> CaseSearcher::Search(const PhotoFace& face, size_t limit) const {
  std::vector<Compared> candidates;
  if (!exact()) {
    CROSSFACE_ASSIGN_OR_RETURN(candidates, Candidates(face));
  }
  const std::vector<Compared>& tracks = exact() ? all_ : candidates;
  std::vector<std::pair<float, size_t>> scores;  // falling score, then the order of the gallery
  for (size_t i = 0; i < tracks.size(); ++i) {
    if (i % kStopLooks == 0 && options_.stop.stop_requested())
      return Status(StatusCode::kInterrupted, "stopped");
    const float score = ensemble_->LogOdds(face.vectors, face.facts(), tracks[i].vectors, tracks[i].facts);
    if (!std::isnan(score)) scores.emplace_back(-score, i);
  }
  limit = std::min(limit, scores.size());
  std::partial_sort(scores.begin(), scores.begin() + static_cast<ptrdiff_t>(limit), scores.end());
  std::vector<std::pair<float, int64_t>> ranked;
  for (size_t i = 0; i < limit; ++i) ranked.emplace_back(-scores[i].first, tracks[scores[i].second].id);
  return Describe(ranked);
}

SearchHit CaseSearcher::Judge(float log_odds) const {
  const double tracks = std::max(1.0, static_cast<double>(compared_));
  SearchHit hit{.log_odds = log_odds};
  hit.probability = PairScorer::Probability(log_odds - static_cast<float>(std::log(tracks)));
  hit.expected_strangers = tracks * ensemble_->scorer().FalseMatchRateAt(log_odds);
  hit.likely = hit.probability >= 0.5 && hit.expected_strangers <= kLikelyStrangers;
  return hit;
}

Result<std::vector<SearchHit>> CaseSearcher::Describe(
    const std::vector<std::pair<float, int64_t>>& ranked) const {
  std::vector<int64_t> ids;
  for (const auto& [score, id] : ranked) ids.push_back(id);
  CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::ReadSome(*gallery_, ids));
  std::unordered_map<int64_t, size_t> position;
  for (size_t i = 0; i < view.tracks.size(); ++i) position[view.tracks[i].id] = i;
  std::vector<SearchHit> hits;
  for (const auto& [score, id] : ranked) {
    // A program that writes beside this one may have removed it.
    const auto found = position.find(id);
    if (found == position.end()) continue;
    const TrackRecord& track = view.tracks[found->second];
    const SourceRecord& source = view.sources[view.source_of[found->second]];
    const FacePlace best = view.BestFace(found->second);
    const FaceRecord& face = view.Face(best);
    SearchHit hit = Judge(score);
    hit.track_id = id;
    hit.source = source.name;
    hit.source_sha256 = source.sha256;
    hit.track = track.number;
    hit.start_us = track.start_us;
    hit.end_us = track.end_us;
    hit.face = face.number;
    hit.frame = face.frame;
    hit.pts = face.pts;
    hit.time_us = face.time_us;
    hit.time_base_num = source.info.time_base_num;
    hit.time_base_den = source.info.time_base_den;
    const cv::Rect2f& box = face.detection.box;
    hit.box = {box.x, box.y, box.width, box.height};
    hit.quality = face.quality;
    hit.picture = view.ImagePath(best);
    if (const int person = view.person_of[found->second]; person >= 0) {
      const PersonRecord& record = view.persons[static_cast<size_t>(person)].record;
      hit.person_id = record.id;
      hit.person = record.name;
      hit.ignored = record.ignored;
    }
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace crossface
