#include "crossface/embed/identity_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace crossface {
namespace {

constexpr float kUsualNormMs1m = 3.77f, kUsualNormFoamliu = 18.3f;  // medians of LFW photos
constexpr float kUsualProportion = 0.92f, kUsualDetector = 0.8f;

constexpr size_t kSigns = 14;
using Weights = std::array<float, kSigns>;
// Fitted by bench/identity_evidence on 80 people of LFW, two photos each, untouched and altered in 30 ways,
// found and confirmed by the FaceFinder. Judged on the other half of the people and on kinds whose whole
// family was left out of the fit: of 80 photos a kind, 3,711 pairs of strangers would have been joined by
// quality alone, 389 of those above the bar (scan/track_builder.cc), 5 of those in their cohorts
// (cluster/graph/cohort.h); of the genuine pairs of untouched faces all.
constexpr Weights kBoth = {-15.241f, 1.363f,  8.821f,  -2.122f, 8.003f,  -2.829f, 2.547f,
                           1.696f,   11.496f, 10.273f, -5.281f, -4.104f, 10.271f, -5.756f};
// Alone: 4 and 5 wrong pairs.
constexpr Weights kMs1mAlone = {-14.859f, 9.394f,  0.000f,  5.373f,  0.000f,  -3.596f, 2.815f,
                                2.065f,   10.158f, 11.781f, -4.516f, -4.758f, 9.117f,  -5.566f};
constexpr Weights kFoamliuAlone = {-14.708f, 0.000f,  10.540f, 0.000f,  6.403f,  -2.602f, 2.401f,
                                   1.755f,   11.620f, 9.264f,  -5.327f, -3.641f, 9.909f,  -5.479f};

float Angle(const std::vector<float>& a, const std::vector<float>& b) {
  return std::acos(std::clamp(CosineSimilarity(a, b), -1.0f, 1.0f));
}

}  // namespace

float FaceProportion(const Landmarks& points) {
  const cv::Point2f down = (points[3] + points[4] - points[0] - points[1]) * 0.5f;
  const float height = down.dot(down);
  return std::abs((points[1] - points[0]).cross(down)) / std::max(height, 1e-3f);
}

std::optional<float> IdentityEvidence(const IdentitySigns& signs) {
  const bool ms1m = signs.norm_ms1m > 0, foamliu = signs.norm_foamliu > 0;
  if (!ms1m && !foamliu) return std::nullopt;
  const Weights& weights = ms1m && foamliu ? kBoth : ms1m ? kMs1mAlone : kFoamliuAlone;
  const float a = ms1m ? std::log(signs.norm_ms1m / kUsualNormMs1m) : 0;
  const float b = foamliu ? std::log(signs.norm_foamliu / kUsualNormFoamliu) : 0;
  const std::array<float, kSigns> values = {1,
                                            a,
                                            b,
                                            a * a,
                                            b * b,
                                            signs.proportion,
                                            signs.proportion * signs.proportion,
                                            std::log(std::max(signs.detector, 0.3f) / kUsualDetector),
                                            signs.lower,
                                            signs.upper,
                                            signs.lower * signs.lower,
                                            signs.upper * signs.upper,
                                            signs.blur,
                                            signs.blur * signs.blur};
  float logit = 0;
  for (size_t i = 0; i < kSigns; ++i) logit += weights[i] * values[i];
  return 1 / (1 + std::exp(-logit));
}

Result<std::optional<IdentitySigns>> MeasureIdentitySigns(
    const FacePicture& face, float detector, std::span<const std::unique_ptr<Embedder>> embedders,
    std::span<const Embedding> own) {
  if (embedders.size() != own.size()) throw std::logic_error("signs need one embedding per embedder");
  IdentitySigns signs{.proportion = std::abs(std::log(FaceProportion(face.landmarks) / kUsualProportion)),
                      .detector = detector};
  const Embedder* prober = nullptr;
  const std::vector<float>* as_it_is = nullptr;
  for (size_t i = 0; i < embedders.size(); ++i) {
    const std::string& name = embedders[i]->name();
    if (name == "arcface_ms1m") signs.norm_ms1m = own[i].norm;
    if (name == "arcface_foamliu") signs.norm_foamliu = own[i].norm;
    const bool known =
        own[i].norm > 0 && !own[i].unit.empty() && (name == "arcface_ms1m" || name == "arcface_foamliu");
    if (!known || (prober != nullptr && name != "arcface_foamliu")) continue;
    prober = embedders[i].get();
    as_it_is = &own[i].unit;
  }
  if (prober == nullptr) return std::optional<IdentitySigns>();
  std::array<FacePicture, 3> pictures = {face, face, face};
  pictures[0].probe = FaceProbe::kUpperCovered;
  pictures[1].probe = FaceProbe::kLowerCovered;
  pictures[2].probe = FaceProbe::kBlurred;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Embedding> probed, prober->Embed(pictures));
  for (const Embedding& embedding : probed) {
    if (embedding.unit.empty()) return std::optional<IdentitySigns>();
  }
  signs.upper = Angle(*as_it_is, probed[0].unit);
  signs.lower = Angle(*as_it_is, probed[1].unit);
  signs.blur = Angle(*as_it_is, probed[2].unit);
  return std::optional<IdentitySigns>(signs);
}

}  // namespace crossface
