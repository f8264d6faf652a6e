#include "crossface/embed/track_consistency.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "crossface/embed/embedder.h"
#include "crossface/embed/pair_calibration.h"

namespace crossface {
namespace {

// How alike the two parts must be, as a share of the way from strangers' mean cosine to that of one person's
// pictures, and how good their best faces must be together (geometric mean) to be asked at all. Chosen on
// three faces a track of the 74 tracks that plain box overlap gives on the shared videos: with ArcFace it
// splits 2 of the 57 that are good enough (a head turning to full profile; two faces of a silent film taken
// for one) and 97 % of 4,896 tracks made of two people's faces; with FaceNet 0 of 57 and 95 %.
constexpr double kLeastAlike = 0.36;
constexpr float kLeastQuality = 0.5f;

}  // namespace

std::optional<size_t> FindIdentityChange(const std::string& model,
                                         std::span<const std::vector<float>> vectors,
                                         std::span<const float> quality) {
  if (vectors.size() != quality.size()) throw std::logic_error("every face of a track needs a quality");
  const auto& known = BuiltInPairCalibration().models;
  const auto calibration =
      std::find_if(known.begin(), known.end(), [&](const ModelCalibration& m) { return m.model == model; });
  if (calibration == known.end()) return std::nullopt;

  std::vector<size_t> usable;
  std::vector<std::vector<float>> units;
  std::vector<float> weights;
  for (size_t i = 0; i < vectors.size(); ++i) {
    if (vectors[i].empty() || !(quality[i] > 0)) continue;
    usable.push_back(i);
    units.push_back(vectors[i]);
    weights.push_back(quality[i]);
  }
  std::optional<size_t> change;
  double least_alike = kLeastAlike;
  for (size_t cut = 1; cut < usable.size(); ++cut) {
    const auto best = [&](auto begin, auto end) { return *std::max_element(begin, end); };
    const auto middle = weights.begin() + static_cast<ptrdiff_t>(cut);
    if (std::sqrt(best(weights.begin(), middle) * best(middle, weights.end())) < kLeastQuality) continue;
    const auto before = MakeTemplate(std::span(units).first(cut), std::span(weights).first(cut));
    const auto after = MakeTemplate(std::span(units).subspan(cut), std::span(weights).subspan(cut));
    if (before.empty() || after.empty()) continue;
    const double alike = (CosineSimilarity(before, after) - calibration->impostor_mean) /
                         (calibration->genuine_mean - calibration->impostor_mean);
    if (alike < least_alike) {
      least_alike = alike;
      change = usable[cut];
    }
  }
  return change;
}

}  // namespace crossface
