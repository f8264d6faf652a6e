#include "crossface/cluster/spherical_kmeans.h"

#include <algorithm>
#include <random>

#include "crossface/cluster/parallel.h"

namespace crossface {
namespace {

constexpr Eigen::Index kRows = 512;  // rows a piece

constexpr int kTrials = 4;

// Greedy k-means++ (Arthur & Vassilvitskii 2007): each seed is drawn with a chance that grows with its
// distance from the seeds so far; of a few draws the one that brings all rows closest is kept.
std::vector<Eigen::Index> SpreadRows(const RowMatrix& rows, int wanted) {
  std::mt19937 random(1);  // its raw numbers are the same everywhere, those of the distributions are not
  std::vector<Eigen::Index> taken;
  Eigen::Index first = 0;
  (rows * rows.colwise().mean().transpose()).maxCoeff(&first);
  taken.push_back(first);
  Eigen::VectorXf distance = (1 - (rows * rows.row(first).transpose()).array()).max(0);
  while (static_cast<int>(taken.size()) < wanted) {
    const double total = distance.cast<double>().sum();
    if (total <= 1e-6) break;
    Eigen::VectorXf best;
    double best_total = total;
    Eigen::Index best_row = -1;
    for (int trial = 0; trial < kTrials; ++trial) {
      double left = total * (static_cast<double>(random()) / 4294967296.0);
      Eigen::Index row = 0;
      while (row + 1 < rows.rows() && (left -= distance[row]) > 0) ++row;
      Eigen::VectorXf with =
          distance.cwiseMin(((1 - (rows * rows.row(row).transpose()).array()).max(0)).matrix());
      const double with_total = with.cast<double>().sum();
      if (with_total >= best_total) continue;
      best_total = with_total;
      best = std::move(with);
      best_row = row;
    }
    if (best_row < 0) break;
    taken.push_back(best_row);
    distance = std::move(best);
  }
  return taken;
}

}  // namespace

Result<std::vector<int>> NearestCentres(const RowMatrix& rows, const RowMatrix& centres,
                                        const std::function<bool()>& keep_going) {
  std::vector<int> nearest(rows.rows());
  const auto pieces = static_cast<size_t>((rows.rows() + kRows - 1) / kRows);
  CROSSFACE_RETURN_IF_ERROR(ForEachPiece(pieces, keep_going, [&](size_t piece) {
    const auto first = static_cast<Eigen::Index>(piece) * kRows;
    const Eigen::Index count = std::min(kRows, rows.rows() - first);
    const RowMatrix products = rows.middleRows(first, count) * centres.transpose();
    for (Eigen::Index i = 0; i < count; ++i) {
      Eigen::Index best = 0;
      products.row(i).maxCoeff(&best);
      nearest[first + i] = static_cast<int>(best);
    }
  }));
  return nearest;
}

Result<DirectionClusters> ClusterDirections(const RowMatrix& rows, int centres, int rounds,
                                            const std::function<bool()>& keep_going) {
  DirectionClusters result;
  const auto seeds = SpreadRows(rows, static_cast<int>(std::min<Eigen::Index>(centres, rows.rows())));
  result.centres.resize(static_cast<Eigen::Index>(seeds.size()), rows.cols());
  for (size_t i = 0; i < seeds.size(); ++i) result.centres.row(i) = rows.row(seeds[i]);
  for (int round = 0; round <= rounds; ++round) {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int> nearest, NearestCentres(rows, result.centres, keep_going));
    const bool settled = nearest == result.centre_of;
    result.centre_of = std::move(nearest);
    if (settled || round == rounds) break;
    RowMatrix sums = RowMatrix::Zero(result.centres.rows(), rows.cols());
    for (Eigen::Index i = 0; i < rows.rows(); ++i) sums.row(result.centre_of[i]) += rows.row(i);
    for (Eigen::Index c = 0; c < sums.rows(); ++c) {
      const float length = sums.row(c).norm();
      if (length > 0) result.centres.row(c) = sums.row(c) / length;  // an empty centre stays where it was
    }
  }
  return result;
}

}  // namespace crossface
