#include "crossface/gallery/tracks_together.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace crossface {
namespace {

constexpr float kSameFaceOverlap = 0.3f;

struct Seen {
  int64_t frame = 0;
  size_t track = 0;
  const cv::Rect2f* box = nullptr;
};

}  // namespace

std::vector<std::pair<size_t, size_t>> SeenTogether(const std::vector<TrackRecord>& tracks) {
  std::vector<Seen> faces;
  for (size_t i = 0; i < tracks.size(); ++i) {
    for (const FaceRecord& face : tracks[i].faces) faces.push_back({face.frame, i, &face.detection.box});
  }
  std::sort(faces.begin(), faces.end(), [](const Seen& a, const Seen& b) {
    return std::tie(a.frame, a.track) < std::tie(b.frame, b.track);
  });
  std::unordered_map<size_t, bool> is_doubled;  // by pair
  for (size_t first = 0; first < faces.size(); ++first) {
    for (size_t i = first + 1; i < faces.size() && faces[i].frame == faces[first].frame; ++i) {
      if (faces[first].track == faces[i].track) continue;
      bool& doubled = is_doubled[faces[first].track * tracks.size() + faces[i].track];
      doubled = doubled || IntersectionOverUnion(*faces[first].box, *faces[i].box) >= kSameFaceOverlap;
    }
  }
  std::vector<std::pair<size_t, size_t>> together;
  for (const auto& [pair, doubled] : is_doubled) {
    if (!doubled) together.emplace_back(pair / tracks.size(), pair % tracks.size());
  }
  std::sort(together.begin(), together.end());
  return together;
}

}  // namespace crossface
