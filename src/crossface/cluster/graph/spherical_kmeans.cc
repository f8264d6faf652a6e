#include "crossface/cluster/graph/spherical_kmeans.h"

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>

#include <algorithm>
#include <limits>
#include <random>

#include "crossface/util/thread_budget.h"

namespace crossface {
namespace {

constexpr int kTrials = 4;  // of a greedy draw

}  // namespace

RowMatrix SpreadRows(const RowMatrix& rows, int wanted) {
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
  return rows(taken, Eigen::all);
}

Result<std::vector<int>> ClusterDirections(const RowMatrix& rows, int rounds, RowMatrix* centres,
                                           const std::stop_token& stop) {
  if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "clustering was stopped");
  const auto dimensions = static_cast<int>(rows.cols()), count = static_cast<int>(centres->rows());
  const ThreadBudgetScope threads;
  faiss::Clustering clustering(dimensions, count);
  clustering.niter = rounds;
  clustering.spherical = true;
  clustering.min_points_per_centroid = 1;  // FAISS prints a warning below it
  clustering.max_points_per_centroid = std::numeric_limits<int>::max();
  clustering.centroids.assign(centres->data(), centres->data() + centres->size());
  faiss::IndexFlatIP index(dimensions);
  clustering.train(rows.rows(), rows.data(), index);
  std::copy(clustering.centroids.begin(), clustering.centroids.end(), centres->data());

  const auto points = static_cast<size_t>(rows.rows());
  std::vector<faiss::Index::idx_t> nearest(points);
  std::vector<float> products(points);
  index.search(rows.rows(), rows.data(), 1, products.data(), nearest.data());
  return std::vector<int>(nearest.begin(), nearest.end());
}

}  // namespace crossface
