#include "detection/calibration_fit.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>

#include "crossface/detect/fusion.h"
#include "detection/recall_curve.h"

namespace crossface::bench {
namespace {

// WIDER's pictures are 1024 wide; FaceFinder looks at them with their longest side at 960.
constexpr int kLongestSide = 960;
constexpr float kLeastScore = 0.1f;

struct DetectorReports {
  DetectorKind kind;
  std::vector<std::vector<Detection>> pictures;  // uncalibrated
};

double Logit(double probability) {
  const double p = std::clamp(probability, 1e-4, 1 - 1e-4);
  return std::log(p / (1 - p));
}

double Sigmoid(double logit) { return 1 / (1 + std::exp(-logit)); }

Result<std::vector<DetectorReports>> AskDetectors(const ModelStore& models,
                                                  const std::vector<LabelledPicture>& pictures) {
  std::vector<DetectorReports> all;
  for (int k = 0; k < kDetectorKinds; ++k) {
    DetectorReports reports{.kind = static_cast<DetectorKind>(k)};
    CROSSFACE_ASSIGN_OR_RETURN(const auto detector, CreateDetector(reports.kind, models));
    for (const LabelledPicture& picture : pictures) {
      CROSSFACE_ASSIGN_OR_RETURN(
          reports.pictures.emplace_back(),
          detector->Detect(cv::imread(picture.path),
                           {.longest_side = kLongestSide, .score_threshold = kLeastScore}));
    }
    all.push_back(std::move(reports));
  }
  return all;
}

struct Examples {
  std::vector<std::vector<double>> features;
  std::vector<bool> faces;
  void Add(std::vector<double> feature, Verdict verdict) {
    if (verdict == Verdict::kIgnored) return;
    features.push_back(std::move(feature));
    faces.push_back(verdict == Verdict::kFace);
  }
};

Examples ScoresOf(const DetectorReports& reports, const std::vector<LabelledPicture>& pictures) {
  Examples examples;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const std::vector<Verdict> verdicts = Judge(pictures[i], reports.pictures[i]);
    for (size_t d = 0; d < verdicts.size(); ++d)
      examples.Add({Logit(reports.pictures[i][d].score)}, verdicts[d]);
  }
  return examples;
}

double CalibrationError(const LogisticFit& fit, const Examples& examples) {
  std::vector<std::pair<double, bool>> sorted;
  for (size_t i = 0; i < examples.faces.size(); ++i) {
    sorted.emplace_back(Sigmoid(fit.Logit(examples.features[i])), examples.faces[i]);
  }
  std::sort(sorted.begin(), sorted.end());
  double error = 0;
  for (size_t tenth = 0; tenth < 10; ++tenth) {
    double difference = 0;
    for (size_t i = sorted.size() * tenth / 10; i < sorted.size() * (tenth + 1) / 10; ++i) {
      difference += sorted[i].first - sorted[i].second;
    }
    error += std::abs(difference);
  }
  return error / static_cast<double>(std::max<size_t>(sorted.size(), 1));
}

// For every fused candidate: each detector's calibrated logit, or 0; then for each whether it missed the
// candidate.
Examples VotesOf(const std::vector<DetectorReports>& all, const std::vector<LogisticFit>& calibrations,
                 const std::vector<LabelledPicture>& pictures) {
  Examples examples;
  for (size_t i = 0; i < pictures.size(); ++i) {
    DetectorSet asked;
    std::vector<std::vector<Detection>> calibrated;
    for (size_t k = 0; k < all.size(); ++k) {
      asked.Add(all[k].kind);
      auto& report = calibrated.emplace_back(all[k].pictures[i]);
      Calibrate(all[k].kind, report);
      for (size_t d = 0; d < report.size(); ++d) {
        report[d].score =
            static_cast<float>(Sigmoid(calibrations[k].Logit({Logit(all[k].pictures[i][d].score)})));
      }
    }
    const auto fused = FuseDetections(calibrated, asked);
    const auto verdicts = Judge(pictures[i], fused);
    for (size_t f = 0; f < fused.size(); ++f) {
      std::vector<double> votes(2 * all.size());
      for (size_t k = 0; k < all.size(); ++k) {
        double best = 0;
        for (const Detection& report : calibrated[k]) {
          if (IntersectionOverUnion(report.box, fused[f].box) >= FusionOptions().iou)
            best = std::max<double>(best, report.score);
        }
        votes[best > 0 ? k : all.size() + k] = best > 0 ? Logit(best) : 1;
      }
      examples.Add(std::move(votes), verdicts[f]);
    }
  }
  return examples;
}

}  // namespace

double LogisticFit::Logit(const std::vector<double>& features) const {
  double logit = offset;
  for (size_t i = 0; i < features.size(); ++i) logit += weights[i] * features[i];
  return logit;
}

LogisticFit FitLogistic(const std::vector<std::vector<double>>& features, const std::vector<bool>& labels,
                        double ridge) {
  const auto rows = static_cast<Eigen::Index>(features.size());
  const auto columns = static_cast<Eigen::Index>(features.empty() ? 0 : features.front().size());
  Eigen::MatrixXd x(rows, columns + 1);
  Eigen::VectorXd y(rows);
  for (Eigen::Index i = 0; i < rows; ++i) {
    const auto row = static_cast<size_t>(i);
    for (Eigen::Index j = 0; j < columns; ++j) x(i, j) = features[row][static_cast<size_t>(j)];
    x(i, columns) = 1;
    y(i) = labels[row] ? 1 : 0;
  }
  Eigen::VectorXd penalty = Eigen::VectorXd::Constant(columns + 1, ridge);
  penalty(columns) = 1e-6;
  Eigen::VectorXd w = Eigen::VectorXd::Zero(columns + 1);
  for (int step = 0; step < 50; ++step) {
    const Eigen::VectorXd p = (x * w).unaryExpr([](double logit) { return Sigmoid(logit); });
    const Eigen::VectorXd gradient = x.transpose() * (p - y) + penalty.cwiseProduct(w);
    const Eigen::VectorXd curvature = p.cwiseProduct(Eigen::VectorXd::Ones(rows) - p);
    const Eigen::MatrixXd hessian =
        x.transpose() * curvature.asDiagonal() * x + Eigen::MatrixXd(penalty.asDiagonal());
    w -= hessian.ldlt().solve(gradient);
  }
  return {.weights = {w.data(), w.data() + columns}, .offset = w(columns)};
}

Status FitAndPrint(const ModelStore& models, const std::vector<LabelledPicture>& fit,
                   const std::vector<LabelledPicture>& check) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto fit_reports, AskDetectors(models, fit));
  CROSSFACE_ASSIGN_OR_RETURN(const auto check_reports, AskDetectors(models, check));
  std::vector<LogisticFit> calibrations;
  fmt::print("{:12} {:>8} {:>8} {:>18} {:>18}\n", "detector", "offset", "slope", "error where fitted",
             "error elsewhere");
  for (size_t k = 0; k < fit_reports.size(); ++k) {
    const Examples examples = ScoresOf(fit_reports[k], fit);
    const LogisticFit calibration =
        calibrations.emplace_back(FitLogistic(examples.features, examples.faces, 0.01));
    fmt::print("{:12} {:8.2f} {:8.2f} {:18.3f} {:18.3f}\n", DetectorName(fit_reports[k].kind),
               calibration.offset, calibration.weights[0], CalibrationError(calibration, examples),
               CalibrationError(calibration, ScoresOf(check_reports[k], check)));
  }
  const Examples votes = VotesOf(fit_reports, calibrations, fit);
  const LogisticFit pool = FitLogistic(votes.features, votes.faces, 1);
  fmt::print("\n{:12} {:>8} {:>8}   votes in the pool, free of each other (offset {:.2f})\n", "detector",
             "weight", "miss", pool.offset);
  for (size_t k = 0; k < fit_reports.size(); ++k) {
    fmt::print("{:12} {:8.2f} {:8.2f}\n", DetectorName(fit_reports[k].kind), pool.weights[k],
               pool.weights[fit_reports.size() + k]);
  }
  return Status();
}

}  // namespace crossface::bench
