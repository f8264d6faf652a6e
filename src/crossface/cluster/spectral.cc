#include "crossface/cluster/spectral.h"

#include <Spectra/MatOp/SparseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>
#include <fmt/format.h>

#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "crossface/cluster/graph_linkage.h"
#include "crossface/cluster/partition_evidence.h"
#include "crossface/cluster/spherical_kmeans.h"
#include "crossface/cluster/union_find.h"

namespace crossface {
namespace {

constexpr int kGaps = 6;               // the largest eigengaps that are tried
constexpr double kNodesPerVector = 3;  // eigenvectors: a third of the nodes at most
constexpr int kRounds = 30;

using SparseMatrix = Eigen::SparseMatrix<double>;

// D^-1/2 W D^-1/2 of the part; its nodes are numbered from 0.
SparseMatrix NormalisedWeights(const Ground& ground, const std::vector<int>& part, double floor) {
  std::map<int, int> place;
  for (size_t i = 0; i < part.size(); ++i) place[part[i]] = static_cast<int>(i);
  std::map<std::pair<int, int>, double> weights;
  for (const int node : part) {
    for (const auto& edge : ground.graph().of(node)) {
      if (edge.score <= floor || !ground.MayJoin(node, edge.node)) continue;
      weights[std::minmax(place[node], place[edge.node])] = edge.score - floor;
    }
  }
  std::vector<double> degree(part.size());
  for (const auto& [pair, weight] : weights) {
    degree[pair.first] += weight;
    degree[pair.second] += weight;
  }
  std::vector<Eigen::Triplet<double>> entries;
  for (const auto& [pair, weight] : weights) {
    const double value = weight / std::sqrt(degree[pair.first] * degree[pair.second]);
    entries.emplace_back(pair.first, pair.second, value);
    entries.emplace_back(pair.second, pair.first, value);
  }
  SparseMatrix matrix(static_cast<Eigen::Index>(part.size()), static_cast<Eigen::Index>(part.size()));
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

// Numbers of clusters with the largest gaps behind their eigenvalue, by falling gap.
std::vector<int> LargestGaps(const Eigen::VectorXd& values) {
  std::vector<int> counts(static_cast<size_t>(std::max<Eigen::Index>(0, values.size() - 1)));
  std::iota(counts.begin(), counts.end(), 1);
  std::stable_sort(counts.begin(), counts.end(),
                   [&](int x, int y) { return values[x - 1] - values[x] > values[y - 1] - values[y]; });
  counts.resize(std::min<size_t>(counts.size(), kGaps));
  return counts;
}

class SpectralParts {
 public:
  explicit SpectralParts(const Ground& ground)
      : ground_(ground), floor_(ground.rule().threshold_for(1e-2)), cluster_of_(ground.count()) {
    std::iota(cluster_of_.begin(), cluster_of_.end(), 0);
  }

  Result<std::vector<int>> Run() {
    UnionFind sets(ground_.count());
    for (int node = 0; node < ground_.count(); ++node) {
      for (const auto& edge : ground_.graph().of(node)) {
        if (edge.score > floor_ && ground_.MayJoin(node, edge.node)) sets.Join(node, edge.node);
      }
    }
    std::map<int, std::vector<int>> parts;
    for (int node = 0; node < ground_.count(); ++node) parts[sets.Find(node)].push_back(node);
    for (const auto& [root, part] : parts) {
      if (part.size() < 3) {
        if (part.size() == 2 && ground_.graph().of(part.front()).front().score >= ground_.even_threshold())
          for (const int node : part) cluster_of_[node] = cluster_of_[part.front()];
        continue;
      }
      CROSSFACE_RETURN_IF_ERROR(Divide(part));
    }
    return cluster_of_;
  }

 private:
  Status Divide(const std::vector<int>& part) {
    if (static_cast<int>(part.size()) > kLargestPart) {
      return {StatusCode::kOutOfResources,
              fmt::format("{} tracks hang together: too many for spectral clustering (at most {}); use "
                          "communities or hybrid",
                          part.size(), kLargestPart)};
    }
    const auto& keep_going = ground_.options().keep_going;
    if (keep_going && !keep_going()) return {StatusCode::kInterrupted, "clustering was stopped"};
    const SparseMatrix matrix = NormalisedWeights(ground_, part, floor_);
    const auto nodes = static_cast<int>(part.size());
    const int wanted = std::max(2, std::min(nodes - 1, static_cast<int>(nodes / kNodesPerVector) + 1));
    const int space = std::min(nodes, std::max(2 * wanted, 20));
    Spectra::SparseSymMatProd<double> product(matrix);
    Spectra::SymEigsSolver<Spectra::SparseSymMatProd<double>> solver(product, wanted, space);
    const Eigen::VectorXd start = Eigen::VectorXd::LinSpaced(nodes, 1, 2);
    solver.init(start.data());
    const auto found = solver.compute(Spectra::SortRule::LargestAlge, 1000, 1e-6);
    if (found < 2) return {};
    const Eigen::VectorXd values = solver.eigenvalues();
    const Eigen::MatrixXd vectors = solver.eigenvectors();
    return Choose(part, LargestGaps(values), vectors);
  }

  Status Choose(const std::vector<int>& part, const std::vector<int>& counts,
                const Eigen::MatrixXd& vectors) {
    double most = -std::numeric_limits<double>::infinity();
    std::vector<int> labels(cluster_of_.size(), -1), best;
    for (const int count : counts) {
      RowMatrix rows = vectors.leftCols(count).cast<float>();
      rows.rowwise().normalize();
      RowMatrix centres = SpreadRows(rows, count);
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> centre_of,
                                 ClusterDirections(rows, kRounds, &centres, ground_.options().keep_going));
      for (size_t i = 0; i < part.size(); ++i) labels[part[i]] = centre_of[i];
      const double evidence = PartitionEvidence(ground_, labels);
      if (evidence <= most) continue;
      most = evidence;
      best = centre_of;
    }
    // A label is a node's number: those of different parts differ.
    for (size_t i = 0; i < part.size(); ++i) cluster_of_[part[i]] = part[static_cast<size_t>(best[i])];
    return {};
  }

  const Ground& ground_;
  const double floor_;
  std::vector<int> cluster_of_;
};

}  // namespace

Result<std::vector<int>> PartitionBySpectrum(const Ground& ground) { return SpectralParts(ground).Run(); }

}  // namespace crossface
