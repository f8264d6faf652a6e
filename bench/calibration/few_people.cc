#include "few_people.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "crossface/calibration/model_fit.h"
#include "crossface/calibration/pairs.h"
#include "crossface/embed/normal_distribution.h"
#include "crossface/embed/pair_scorer.h"

namespace crossface::bench {
namespace {

constexpr std::array<double, 4> kRates = {1e-2, 1e-3, 1e-4, 1e-5};
constexpr int kDraws = 12, kJudges = 250;

std::vector<LabelledFace> FacesOf(const std::vector<LabelledFace>& faces, const std::set<int>& people) {
  std::vector<LabelledFace> chosen;
  for (const LabelledFace& face : faces) {
    if (people.contains(face.person)) chosen.push_back(face);
  }
  return chosen;
}

// False matches for each that the fit promises.
std::array<double, kRates.size()> Exceeded(const std::vector<LabelledFace>& judges, size_t column,
                                           const FittedCalibration& fit) {
  PairCalibration calibration = BuiltInPairCalibration();
  AddModel(fit, {}, &calibration);
  const PairScorer scorer = *PairScorer::Create({fit.numbers.model}, calibration);
  const Pairs pairs = MakePairs(judges, [](int) { return true; });
  std::array<double, kRates.size()> exceeded{};
  double impostors = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs.same[i]) continue;
    impostors += 1;
    const double score = scorer.Pool(std::span(&pairs.of(i)[column], 1)).score;
    for (size_t r = 0; r < kRates.size(); ++r)
      exceeded[r] += score > calibration.tail_mean + calibration.tail_sd * UpperQuantile(kRates[r]);
  }
  for (size_t r = 0; r < kRates.size(); ++r) exceeded[r] /= impostors * kRates[r];
  return exceeded;
}

void ReportDraws(const std::vector<LabelledFace>& faces, const std::vector<ModelVersion>& models,
                 size_t column, size_t people, std::vector<int> everybody) {
  std::mt19937 random(static_cast<unsigned>(people));
  std::array<std::vector<double>, kRates.size()> exceeded;
  FittedCalibration last;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::shuffle(everybody.begin(), everybody.end(), random);
    const auto end = everybody.begin() + static_cast<ptrdiff_t>(people);
    const auto judges_end = std::min(everybody.end(), end + kJudges);
    last = *FitUnchecked(FacesOf(faces, {everybody.begin(), end}), models, column,
                         {.calibration = BuiltInPairCalibration(), .fitted = {}});
    const auto ratios = Exceeded(FacesOf(faces, {end, judges_end}), column, last);
    for (size_t r = 0; r < kRates.size(); ++r) exceeded[r].push_back(ratios[r]);
  }
  fmt::print("  {:4} people:", people);
  for (auto& draws : exceeded) {
    std::sort(draws.begin(), draws.end());
    fmt::print("  {:.2f} {:.2f}", draws[draws.size() / 2], draws.back());
  }
  const ModelCalibration& m = last.numbers;
  fmt::print("  | the last: mean {:.4f} deviation {:.4f} same {:.4f} say {:.2f}", m.impostor_mean,
             m.impostor_sd, m.genuine_mean, m.weight);
  for (const auto& other : last.beside) fmt::print(", {} {:.3f}", other.model.first, other.correlation);
  fmt::print("\n");
}

}  // namespace

void ReportFewPeople(const std::vector<LabelledFace>& faces, const std::vector<ModelVersion>& models) {
  std::set<int> people;
  for (const LabelledFace& face : faces) people.insert(face.person);
  fmt::print("False matches on others for each promised at 1e-2, 1e-3, 1e-4, 1e-5, median and worst of {}:\n",
             kDraws);
  for (size_t column = 0; column < models.size(); ++column) {
    const ModelCalibration& m = BuiltInPairCalibration().models.at(column);
    fmt::print(" {} (compiled in: mean {:.4f} deviation {:.4f} same {:.4f} say {:.2f})\n",
               models[column].first, m.impostor_mean, m.impostor_sd, m.genuine_mean, m.weight);
    for (const size_t count :
         {size_t{5}, size_t{10}, size_t{20}, size_t{40}, size_t{100}, people.size() / 2}) {
      if (count <= people.size() / 2)
        ReportDraws(faces, models, column, count, {people.begin(), people.end()});
    }
  }
}

}  // namespace crossface::bench
