#include "crossface/scan/expected_faces.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace crossface {
namespace {

// A face that is met again is at most this many of its sizes away, and at most this many times as large.
constexpr float kFarthest = 3, kMostGrowth = 1.6f;
// People do not move evenly: the box reaches this share of the way further, on each side.
constexpr float kUnevenness = 0.25f;

float SideOf(const cv::Rect2f& box) { return std::max(box.width, box.height); }
cv::Point2f MiddleOf(const cv::Rect2f& box) { return (box.tl() + box.br()) * 0.5f; }

float WayBetween(const cv::Rect2f& a, const cv::Rect2f& b) {
  const cv::Point2f way = MiddleOf(b) - MiddleOf(a);
  return std::hypot(way.x, way.y);
}

bool MayBeOne(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float small = std::min(SideOf(a), SideOf(b)), large = std::max(SideOf(a), SideOf(b));
  return small > 0 && large <= kMostGrowth * small && WayBetween(a, b) <= kFarthest * large;
}

cv::Rect2f OnTheWay(const cv::Rect2f& a, const cv::Rect2f& b, float share) {
  const float grow = kUnevenness * WayBetween(a, b);
  const cv::Point2f top_left = a.tl() + (b.tl() - a.tl()) * share - cv::Point2f(grow, grow);
  const cv::Point2f bottom_right = a.br() + (b.br() - a.br()) * share + cv::Point2f(grow, grow);
  return {top_left, bottom_right};
}

}  // namespace

std::optional<std::vector<cv::Rect2f>> ExpectedFaces(const FacesAt& before, const FacesAt& after,
                                                     int64_t time_us) {
  std::vector<std::tuple<float, size_t, size_t>> pairs;  // the shortest ways first
  for (size_t i = 0; i < before.faces.size(); ++i) {
    for (size_t j = 0; j < after.faces.size(); ++j) {
      const cv::Rect2f &from = before.faces[i].box, &to = after.faces[j].box;
      if (MayBeOne(from, to)) pairs.emplace_back(WayBetween(from, to), i, j);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  const float share = after.time_us > before.time_us ? static_cast<float>(time_us - before.time_us) /
                                                           static_cast<float>(after.time_us - before.time_us)
                                                     : 0.5f;
  std::vector<cv::Rect2f> expected;
  std::vector<bool> stays(before.faces.size()), was_there(after.faces.size());
  for (const auto& [way, i, j] : pairs) {
    if (stays[i] || was_there[j]) continue;
    stays[i] = was_there[j] = true;
    expected.push_back(OnTheWay(before.faces[i].box, after.faces[j].box, share));
  }
  const auto add_others = [&](const FacesAt& at, const std::vector<bool>& is_paired) {
    bool sure = false;
    for (size_t i = 0; i < at.faces.size(); ++i) {
      if (is_paired[i]) continue;
      expected.push_back(at.faces[i].box);
      sure = sure || at.faces[i].sure;
    }
    return sure;
  };
  const bool has_gone = add_others(before, stays), has_come = add_others(after, was_there);
  if (has_gone || has_come) return std::nullopt;
  return expected;
}

}  // namespace crossface
