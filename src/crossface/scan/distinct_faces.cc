#include "crossface/scan/distinct_faces.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "crossface/scan/track_builder.h"

namespace crossface {
namespace {

// As in fusion.h: below, two heads of WIDER FACE's 42 overlapping pairs come up to .42, one head found twice
// in the broadcast clips down to .47.
constexpr float kCommon = 0.45f, kInside = 0.9f;

// A template is the mean of its own track's vectors.
void RemakeTemplates(TrackRecord* track) {
  for (FaceEmbedding& mean : track->templates) mean.vector = TemplateOf(track->faces, mean.model);
  std::erase_if(track->templates, [](const FaceEmbedding& mean) { return mean.vector.empty(); });
}

void Renumber(TrackRecord* track) {
  for (size_t i = 0; i < track->faces.size(); ++i) track->faces[i].number = static_cast<int64_t>(i) + 1;
  track->start_us = track->faces.front().time_us;
  track->end_us = track->faces.back().time_us + track->faces.back().duration_us;
}

bool HasEmbedded(const TrackRecord& track) {
  return std::any_of(track.faces.begin(), track.faces.end(),
                     [](const FaceRecord& face) { return !face.embeddings.empty(); });
}

}  // namespace

bool AreOneFace(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float common = (a & b).area(), smaller = std::min(a.area(), b.area());
  return IntersectionOverUnion(a, b) >= kCommon || (smaller > 0 && common / smaller >= kInside);
}

void DropDoubles(std::vector<TrackRecord>* tracks) {
  std::vector<size_t> order(tracks->size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return (*tracks)[a].faces.size() > (*tracks)[b].faces.size(); });
  std::map<int64_t, std::vector<cv::Rect2f>> taken;  // by frame
  std::vector<TrackRecord> kept;
  std::vector<bool> stays(tracks->size(), true);
  for (const size_t at : order) {
    TrackRecord& track = (*tracks)[at];
    const size_t before = track.faces.size();
    const bool embedded = HasEmbedded(track);
    std::erase_if(track.faces, [&](const FaceRecord& face) {
      const auto& others = taken[face.frame];
      return std::any_of(others.begin(), others.end(),
                         [&](const cv::Rect2f& box) { return AreOneFace(face.detection.box, box); });
    });
    if (track.faces.empty() || (embedded && !HasEmbedded(track))) {
      stays[at] = false;
      continue;
    }
    if (track.faces.size() < before) {
      Renumber(&track);
      RemakeTemplates(&track);
    }
    for (const FaceRecord& face : track.faces) taken[face.frame].push_back(face.detection.box);
  }
  for (size_t at = 0; at < tracks->size(); ++at) {
    if (stays[at]) kept.push_back(std::move((*tracks)[at]));
  }
  *tracks = std::move(kept);
}

}  // namespace crossface
