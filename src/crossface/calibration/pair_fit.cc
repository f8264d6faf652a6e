#include "crossface/calibration/pair_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "crossface/embed/normal_distribution.h"
#include "crossface/embed/pair_scorer.h"

namespace crossface {
namespace {

// What PairScorer pools for every pair.
struct Scores {
  std::vector<float> score;
  double genuine = 0;  // the mean score that the calibration expects of a genuine pair
};

Scores Pool(const Pairs& pairs, const PairCalibration& calibration, const std::vector<std::string>& models) {
  const PairScorer scorer = *PairScorer::Create(models, calibration);
  std::vector<size_t> column;
  for (const std::string& model : models) {
    const auto at = std::find_if(calibration.models.begin(), calibration.models.end(),
                                 [&](const ModelCalibration& m) { return m.model == model; });
    column.push_back(static_cast<size_t>(at - calibration.models.begin()));
  }
  Scores scores;
  std::vector<float> cosines(models.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    for (size_t m = 0; m < models.size(); ++m) cosines[m] = pairs.of(i)[column[m]];
    const PairScorer::Evidence pooled = scorer.Pool(cosines);
    scores.score.push_back(static_cast<float>(pooled.score));
    scores.genuine = pooled.genuine;
  }
  return scores;
}

// Means, deviations and correlations over the pairs of undegraded pictures.
PairCalibration FitMoments(const Pairs& pairs, const std::vector<std::string>& names,
                           const std::vector<double>& weights) {
  const size_t models = names.size();
  std::vector<double> sum(models), genuine(models), products(models * models);
  double impostors = 0, genuines = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs.clean[i]) continue;
    const auto cosines = pairs.of(i);
    (pairs.same[i] ? genuines : impostors) += 1;
    for (size_t a = 0; a < models; ++a) {
      (pairs.same[i] ? genuine : sum)[a] += cosines[a];
      for (size_t b = 0; b < models && !pairs.same[i]; ++b)
        products[a * models + b] += static_cast<double>(cosines[a]) * cosines[b];
    }
  }
  const auto covariance = [&](size_t a, size_t b) {
    return products[a * models + b] / impostors - sum[a] / impostors * sum[b] / impostors;
  };
  PairCalibration calibration;
  for (size_t a = 0; a < models; ++a) {
    calibration.models.push_back(
        {names[a], sum[a] / impostors, std::sqrt(covariance(a, a)), genuine[a] / genuines, weights[a]});
    for (size_t b = 0; b < models; ++b)
      calibration.correlation.push_back(
          a == b ? 1 : covariance(a, b) / std::sqrt(covariance(a, a) * covariance(b, b)));
  }
  return calibration;
}

double SampleQuantile(std::vector<float> values, double probability) {
  const auto at =
      values.begin() + static_cast<ptrdiff_t>(static_cast<double>(values.size()) * (1 - probability));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Least squares of the impostors' quantiles on the normal's, from one in 300 to one in 30,000: further out a
// half of the people has too few pairs, further in the shape is that of the middle.
void FitTail(const Pairs& pairs, const Scores& scores, PairCalibration* calibration) {
  std::vector<float> impostors;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs.clean[i] && !pairs.same[i]) impostors.push_back(scores.score[i]);
  }
  double n = 0, x_sum = 0, y_sum = 0, xx = 0, xy = 0;
  for (int quarter = 10; quarter <= 18; ++quarter) {
    const double rate = std::pow(10, -0.25 * quarter);
    const double x = UpperQuantile(rate), y = SampleQuantile(impostors, rate);
    n += 1;
    x_sum += x;
    y_sum += y;
    xx += x * x;
    xy += x * y;
  }
  calibration->tail_sd = (n * xy - x_sum * y_sum) / (n * xx - x_sum * x_sum);
  calibration->tail_mean = (y_sum - calibration->tail_sd * x_sum) / n;
}

constexpr int kBins = 20;  // of the pair's quality

int BinOf(const Pairs& pairs, size_t i) {
  const double quality = std::sqrt(static_cast<double>(pairs.quality_a[i]) * pairs.quality_b[i]);
  return std::clamp(static_cast<int>(quality * kBins), 0, kBins - 1);
}

// How much further than the good pairs' the impostors' tail (one in 1,000) reaches in each bin of quality.
void FitScatter(const Pairs& pairs, const Scores& scores, PairCalibration* calibration) {
  std::array<std::vector<float>, kBins> impostors;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs.same[i]) impostors[static_cast<size_t>(BinOf(pairs, i))].push_back(scores.score[i]);
  }
  const double good = calibration->tail_mean + calibration->tail_sd * UpperQuantile(1e-3);
  double best = std::numeric_limits<double>::infinity();
  for (int hundredth = 10; hundredth < 90; ++hundredth) {
    for (int tenth = 0; tenth < 60; ++tenth) {
      const double start = 0.01 * hundredth, growth = 0.1 * tenth;
      double error = 0;
      for (int bin = 0; bin < kBins; ++bin) {
        if (impostors[static_cast<size_t>(bin)].size() < 10000) continue;
        const double reach = SampleQuantile(impostors[static_cast<size_t>(bin)], 1e-3) / good;
        const double fitted = 1 + growth * std::max(0.0, start - (bin + 0.5) / kBins);
        error += (reach - fitted) * (reach - fitted);
      }
      if (error < best) {
        best = error;
        calibration->tail_quality = start;
        calibration->tail_growth = growth;
      }
    }
  }
}

// The mean score of genuine pairs, as a share of the clean ones', against their quality: least + (1 - least)
// * min(1, q / good).
void FitEvidence(const Pairs& pairs, const Scores& scores, PairCalibration* calibration) {
  std::array<double, kBins> sum{}, count{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs.same[i]) continue;
    const auto bin = static_cast<size_t>(BinOf(pairs, i));
    const double scatter =
        1 + calibration->tail_growth *
                std::max(0.0, calibration->tail_quality - (static_cast<double>(bin) + 0.5) / kBins);
    sum[bin] += scores.score[i] / scatter / scores.genuine;
    count[bin] += 1;
  }
  double best = std::numeric_limits<double>::infinity();
  for (int hundredth = 20; hundredth <= 120; ++hundredth) {
    for (int fiftieth = 1; fiftieth < 45; ++fiftieth) {
      const double good = 0.01 * hundredth, least = 0.02 * fiftieth;
      double error = 0;
      for (size_t bin = 0; bin < kBins; ++bin) {
        if (count[bin] < 50) continue;
        const double fitted =
            least + (1 - least) * std::min(1.0, (static_cast<double>(bin) + 0.5) / kBins / good);
        error += count[bin] * (sum[bin] / count[bin] - fitted) * (sum[bin] / count[bin] - fitted);
      }
      if (error < best) {
        best = error;
        calibration->good_quality = good;
        calibration->least_evidence = least;
      }
    }
  }
}

// Logistic regression (Newton) of same/different on slope * (e G z) - slope * even_odds * (e G)^2, the two
// kinds of pairs weighing the same in all, over every set of models in `sets`.
void FitLine(const Pairs& pairs, const std::vector<std::vector<std::string>>& sets,
             PairCalibration* calibration) {
  struct Row {
    double x, offset, target, weight;
  };
  std::vector<Row> rows;
  const double genuines = std::accumulate(pairs.same.begin(), pairs.same.end(), 0.0);
  const double impostors = static_cast<double>(pairs.size()) - genuines;
  PairCalibration unit = *calibration;
  unit.slope = 1;
  unit.even_odds = 0;
  for (const auto& models : sets) {
    const Scores scores = Pool(pairs, *calibration, models);
    const double g = scores.genuine;
    for (size_t i = 0; i < pairs.size(); ++i) {
      const double quality = std::sqrt(static_cast<double>(pairs.quality_a[i]) * pairs.quality_b[i]);
      const double scatter = 1 + unit.tail_growth * std::max(0.0, unit.tail_quality - quality);
      const double evidence =
          unit.least_evidence + (1 - unit.least_evidence) * std::min(1.0, quality / unit.good_quality);
      rows.push_back({evidence * g * scores.score[i] / scatter, -evidence * g * evidence * g,
                      static_cast<double>(pairs.same[i]), pairs.same[i] ? 0.5 / genuines : 0.5 / impostors});
    }
  }
  double a = 0.1, b = 0.05;
  for (int iteration = 0; iteration < 50; ++iteration) {
    double ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9;
    for (const Row& row : rows) {
      const double p = 1 / (1 + std::exp(-(a * row.x + b * row.offset)));
      const double error = row.weight * (row.target - p), curve = row.weight * p * (1 - p);
      ga += error * row.x;
      gb += error * row.offset;
      haa += curve * row.x * row.x;
      hab += curve * row.x * row.offset;
      hbb += curve * row.offset * row.offset;
    }
    const double determinant = haa * hbb - hab * hab;
    a += (hbb * ga - hab * gb) / determinant;
    b += (haa * gb - hab * ga) / determinant;
  }
  calibration->slope = a;
  calibration->even_odds = b / a;
}

}  // namespace

PairCalibration FitCalibration(const Pairs& pairs, const std::vector<std::string>& names,
                               const std::vector<double>& weights, const std::vector<std::string>& ensemble) {
  PairCalibration calibration = FitMoments(pairs, names, weights);
  const Scores scores = Pool(pairs, calibration, ensemble);
  FitTail(pairs, scores, &calibration);
  FitScatter(pairs, scores, &calibration);
  FitEvidence(pairs, scores, &calibration);
  std::vector<std::vector<std::string>> sets = {ensemble};
  for (const std::string& name : names) sets.push_back({name});
  FitLine(pairs, sets, &calibration);
  return calibration;
}

}  // namespace crossface
