#include "quality_fit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <opencv2/core.hpp>

namespace crossface::bench {
namespace {

// What two good pictures of one person have on average in ArcFace: a quality of 1.
constexpr double kGoodCosine = 0.70;

struct Sample {
  int person;
  double target;  // share of kGoodCosine, 0.02..0.98
  double turned;  // the factor that face_quality.cc takes for turning away, which is not fitted here
  std::array<float, kQualityFeatures> features;
};

double Logistic(const Sample& sample, const cv::Mat1d& weights) {
  double logit = 0;
  for (int i = 0; i < kQualityFeatures; ++i) logit += weights(i) * sample.features[static_cast<size_t>(i)];
  return 1 / (1 + std::exp(-logit));
}

std::vector<Sample> MakeSamples(const std::vector<LabelledFace>& faces) {
  std::map<int, std::vector<const LabelledFace*>> clean;
  for (const LabelledFace& face : faces) {
    if (!face.degraded) clean[face.person].push_back(&face);
  }
  std::vector<Sample> samples;
  for (const LabelledFace& face : faces) {
    double sum = 0;
    int count = 0;
    for (const LabelledFace* other : clean[face.person]) {
      if (other->photo == face.photo) continue;
      for (size_t m = 0; m < face.vectors.size(); ++m)
        sum += CosineSimilarity(face.vectors[m], other->vectors[m]);
      count += static_cast<int>(face.vectors.size());
    }
    if (count < 4) continue;
    samples.push_back({face.person, std::clamp(sum / count / kGoodCosine, 0.02, 0.98),
                       TurnedAwayFactor(face.quality.yaw), QualityFeatures(face.quality)});
  }
  return samples;
}

// Gauss-Newton least squares of turned * logistic(weights . features) on the target.
cv::Mat1d Fit(const std::vector<Sample>& samples) {
  cv::Mat1d weights = cv::Mat1d::zeros(kQualityFeatures, 1);
  for (int iteration = 0; iteration < 100; ++iteration) {
    cv::Mat1d normal = cv::Mat1d::eye(kQualityFeatures, kQualityFeatures) * 1e-6,
              right = cv::Mat1d::zeros(kQualityFeatures, 1);
    for (const Sample& sample : samples) {
      const double p = Logistic(sample, weights), slope = sample.turned * p * (1 - p);
      const double error = sample.target - sample.turned * p;
      for (int i = 0; i < kQualityFeatures; ++i) {
        const double x = slope * sample.features[static_cast<size_t>(i)];
        right(i) += x * error;
        for (int j = 0; j < kQualityFeatures; ++j)
          normal(i, j) += x * slope * sample.features[static_cast<size_t>(j)];
      }
    }
    cv::Mat1d step;
    cv::solve(normal, right, step, cv::DECOMP_CHOLESKY);
    weights += step;
  }
  return weights;
}

std::vector<double> Ranks(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t i = 0; i < order.size(); ++i) ranks[order[i]] = static_cast<double>(i);
  return ranks;
}

double Correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n,
               mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

void ReportCheck(const std::vector<Sample>& samples, const cv::Mat1d& weights) {
  std::vector<double> targets, fitted;
  std::map<int, std::pair<double, int>> bins;
  double error = 0, spread = 0;
  for (const Sample& sample : samples) {
    targets.push_back(sample.target);
    fitted.push_back(sample.turned * Logistic(sample, weights));
    auto& [sum, count] = bins[std::min(9, static_cast<int>(fitted.back() * 10))];
    sum += sample.target;
    ++count;
  }
  const double mean =
      std::accumulate(targets.begin(), targets.end(), 0.0) / static_cast<double>(targets.size());
  for (size_t i = 0; i < targets.size(); ++i) {
    error += (targets[i] - fitted[i]) * (targets[i] - fitted[i]);
    spread += (targets[i] - mean) * (targets[i] - mean);
  }
  fmt::print("people left out: {} faces, R2 {:.3f}, rank correlation {:.3f}\n", samples.size(),
             1 - error / spread, Correlation(Ranks(targets), Ranks(fitted)));
  for (const auto& [bin, content] : bins)
    fmt::print("  quality {:.1f}..{:.1f}: {:5d} faces, measured {:.3f}\n", bin / 10.0, (bin + 1) / 10.0,
               content.second, content.first / content.second);
}

}  // namespace

void ReportQualityFit(const std::vector<LabelledFace>& faces) {
  const std::vector<Sample> samples = MakeSamples(faces);
  std::vector<Sample> fit, check;
  for (const Sample& sample : samples) (sample.person % 2 == 0 ? fit : check).push_back(sample);
  ReportCheck(check, Fit(fit));
  const cv::Mat1d weights = Fit(samples);
  fmt::print("kWeights = {{{:.3f}}}\n", fmt::join(weights.begin(), weights.end(), ", "));
}

}  // namespace crossface::bench
