#include "crossface/embed/best_faces.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace crossface {

std::vector<size_t> ChooseBestFaces(std::span<const float> quality, std::span<const int64_t> time_us, int k) {
  if (quality.size() != time_us.size()) throw std::logic_error("every face needs a quality and a time");
  if (!std::is_sorted(time_us.begin(), time_us.end()))
    throw std::logic_error("faces must be in the order of time");
  if (quality.empty() || k < 1) return {};
  std::vector<size_t> by_quality(quality.size());
  std::iota(by_quality.begin(), by_quality.end(), size_t{0});
  std::stable_sort(by_quality.begin(), by_quality.end(),
                   [&](size_t a, size_t b) { return quality[a] > quality[b]; });

  const auto bins = static_cast<size_t>(k);
  const double span = static_cast<double>(time_us.back() - time_us.front()) + 1;
  std::vector<bool> bin_taken(bins), face_taken(quality.size());
  std::vector<size_t> chosen;
  for (size_t face : by_quality) {
    const double place = static_cast<double>(time_us[face] - time_us.front()) / span;
    const size_t bin = std::min(bins - 1, static_cast<size_t>(place * static_cast<double>(bins)));
    if (bin_taken[bin]) continue;
    bin_taken[bin] = face_taken[face] = true;
    chosen.push_back(face);
  }
  for (size_t face : by_quality) {
    if (chosen.size() >= bins) break;
    if (!face_taken[face]) chosen.push_back(face);
  }
  std::stable_sort(chosen.begin(), chosen.end(), [&](size_t a, size_t b) {
    return quality[a] != quality[b] ? quality[a] > quality[b] : a < b;
  });
  return chosen;
}

}  // namespace crossface
