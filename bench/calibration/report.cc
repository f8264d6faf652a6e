#include "report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "crossface/embed/pair_scorer.h"

namespace crossface::bench {
namespace {

using Set = std::vector<size_t>;  // columns of Pairs

std::vector<Set> Sets(size_t models) {
  std::vector<Set> sets;
  for (size_t m = 0; m < models; ++m) sets.push_back({m});
  for (const Set& set : {Set{0, 1}, Set{0, 2}, Set{0, 1, 2}, Set{0, 1, 2, 3}, Set{0, 1, 2, 3, 4}})
    sets.push_back(set);
  return sets;
}

std::vector<std::string> Names(const PairCalibration& calibration, const Set& set) {
  std::vector<std::string> names;
  for (size_t m : set) names.push_back(calibration.models[m].model);
  return names;
}

// Log-odds of every pair.
std::vector<float> Score(const Pairs& pairs, const PairScorer& scorer, const Set& set) {
  std::vector<float> scores, cosines(set.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    for (size_t m = 0; m < set.size(); ++m) cosines[m] = pairs.of(i)[set[m]];
    scores.push_back(scorer.LogOdds(cosines, pairs.quality_a[i], pairs.quality_b[i]));
  }
  return scores;
}

constexpr std::array<double, 4> kCleanRates = {1e-3, 1e-4, 1e-5, 0};  // 0: above every impostor pair
constexpr std::array<double, 3> kRates = {1e-4, 1e-5, 1e-6};

// The share of genuine pairs above the score that the share `rate` of impostor pairs exceeds.
double FoundAt(double rate, const std::vector<float>& falling_impostor, const std::vector<float>& genuine) {
  const auto wrong = static_cast<size_t>(rate * static_cast<double>(falling_impostor.size()));
  const auto found = std::count_if(genuine.begin(), genuine.end(),
                                   [&](float score) { return score > falling_impostor[wrong]; });
  return static_cast<double>(found) / static_cast<double>(genuine.size());
}

void PrintFound(const std::string& label, const Pairs& pairs, const std::vector<float>& scores) {
  std::vector<float> genuine, impostor, clean_genuine, clean_impostor;
  for (size_t i = 0; i < pairs.size(); ++i) {
    (pairs.same[i] ? genuine : impostor).push_back(scores[i]);
    if (pairs.clean[i]) (pairs.same[i] ? clean_genuine : clean_impostor).push_back(scores[i]);
  }
  std::sort(impostor.rbegin(), impostor.rend());
  std::sort(clean_impostor.rbegin(), clean_impostor.rend());
  fmt::print("  {:<78}", label);
  for (const double rate : kCleanRates) fmt::print(" {:.4f}", FoundAt(rate, clean_impostor, clean_genuine));
  fmt::print(" |");
  for (const double rate : kRates) fmt::print(" {:.4f}", FoundAt(rate, impostor, genuine));
  fmt::print("  of {} impostor pairs\n", impostor.size());
}

double Share(const Pairs& pairs, const std::vector<float>& scores, float threshold, bool same, double low,
             double high) {
  size_t count = 0, above = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double quality = std::sqrt(static_cast<double>(pairs.quality_a[i]) * pairs.quality_b[i]);
    if (static_cast<bool>(pairs.same[i]) != same || quality < low || quality >= high) continue;
    ++count;
    above += scores[i] > threshold;
  }
  return count == 0 ? 0 : static_cast<double>(above) / static_cast<double>(count);
}

void PrintOdds(const Pairs& pairs, const std::vector<float>& scores, double low, double high) {
  std::map<int, std::array<double, 2>> bins;
  std::array<double, 2> totals{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double quality = std::sqrt(static_cast<double>(pairs.quality_a[i]) * pairs.quality_b[i]);
    if (quality < low || quality >= high) continue;
    const int bin = std::clamp(static_cast<int>(std::floor(scores[i])), -8, 8);
    bins[bin][pairs.same[i]] += 1;
    totals[pairs.same[i]] += 1;
  }
  fmt::print("  quality {:.1f} to {:.1f}, given log-odds: counted log-odds (genuine/impostor pairs)\n   ",
             low, high);
  for (const auto& [bin, count] : bins) {
    if (count[0] < 1 || count[1] < 1) continue;
    fmt::print(" {:+.1f}:{:+.1f} ({}/{})", bin + 0.5,
               std::log(count[1] / totals[1]) - std::log(count[0] / totals[0]), count[1], count[0]);
  }
  fmt::print("\n");
}

}  // namespace

void ReportDiscrimination(const Pairs& pairs, const PairCalibration& calibration) {
  fmt::print(
      "Genuine pairs of undegraded photos found at false match rates of 1e-3, 1e-4, 1e-5, none | of all "
      "photos "
      "at 1e-4, 1e-5, 1e-6:\n");
  for (const Set& set : Sets(pairs.models)) {
    const auto names = Names(calibration, set);
    PrintFound(fmt::format("{}", fmt::join(names, "+")), pairs,
               Score(pairs, *PairScorer::Create(names, calibration), set));
    if (set.size() < 2) continue;
    std::vector<float> means;
    for (size_t i = 0; i < pairs.size(); ++i) {
      float sum = 0;
      for (size_t m : set) sum += pairs.of(i)[m];
      means.push_back(sum);
    }
    PrintFound("  plain mean of their cosines", pairs, means);
  }
}

void ReportCalibration(const Pairs& pairs, const PairCalibration& calibration,
                       const std::vector<std::string>& ensemble) {
  constexpr std::array<std::pair<double, double>, 5> kQualities = {
      {{0, 0.3}, {0.3, 0.5}, {0.5, 0.7}, {0.7, 0.85}, {0.85, 1.01}}};
  fmt::print(
      "False match rates at the thresholds for 1e-3, 1e-4, 1e-5, 1e-6, and genuine pairs found, by the "
      "pair's quality:\n");
  for (const Set& set : Sets(pairs.models)) {
    const auto names = Names(calibration, set);
    const PairScorer scorer = *PairScorer::Create(names, calibration);
    const auto scores = Score(pairs, scorer, set);
    fmt::print(" {}\n", fmt::join(names, "+"));
    for (const auto& [low, high] : kQualities) {
      fmt::print("  quality {:.2f} to {:.2f}:", low, high);
      for (double rate : {1e-3, 1e-4, 1e-5, 1e-6}) {
        const float threshold = scorer.ThresholdFor(rate);
        fmt::print("  {:.1e} {:.4f}", Share(pairs, scores, threshold, false, low, high),
                   Share(pairs, scores, threshold, true, low, high));
      }
      fmt::print("\n");
    }
    if (names != ensemble && set.size() > 1) continue;
    for (const auto& [low, high] : kQualities) PrintOdds(pairs, scores, low, high);
  }
}

}  // namespace crossface::bench
