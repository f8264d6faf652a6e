#include "crossface/scan/expected_faces.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "crossface/select/picture_change.h"

namespace crossface {
namespace {

// A face that is met again is at most this many of its sizes away, and at most this many times as large.
constexpr float kFarthest = 3, kMostGrowth = 1.6f;
// People do not move evenly: the box reaches this share of the way further, on each side.
constexpr float kUnevenness = 0.25f;
constexpr float kBeyondFace = 0.5f;  // on each side, of its own size

// Somebody who is there for .2 seconds, in one kept frame, 50 to 150 pixels high at 854x480 (bench/newcomers,
// 40 of them): 26 of 40 are met where the frame between is searched around expected faces alone, and with
// this difference at 48 / 24 / 12 grey levels 34 / 40 / 40, of those there for .3 seconds 37 / 39 / 40. At 12
// the scan of make_synth 911, 913 and four real films takes 1 to 3 % longer than without.
constexpr double kPassingDifference = 12;

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

bool ShowsSomethingElse(const cv::Mat& before, const cv::Mat& between, const cv::Mat& after,
                        const std::vector<cv::Rect2f>& expected, const cv::Size& size) {
  if (before.size() != between.size() || after.size() != between.size()) return true;
  cv::Mat passing = PassingDifference(before, between, after);
  const float across = static_cast<float>(passing.cols) / static_cast<float>(size.width),
              down = static_cast<float>(passing.rows) / static_cast<float>(size.height);
  for (const cv::Rect2f& box : expected) {
    // A head is larger than its face, and a block belongs to a face that reaches into it.
    const cv::Point2f beyond(kBeyondFace * box.width, kBeyondFace * box.height);
    const cv::Point2f from = box.tl() - beyond, to = box.br() + beyond;
    const cv::Rect blocks(cv::Point(cvFloor(from.x * across), cvFloor(from.y * down)),
                          cv::Point(cvCeil(to.x * across), cvCeil(to.y * down)));
    passing(blocks & cv::Rect(cv::Point(), passing.size())).setTo(0);
  }
  double most = 0;
  cv::minMaxLoc(passing, nullptr, &most);
  return most > kPassingDifference;
}

}  // namespace crossface
