#include "crossface/cluster/methods/spectral.h"

#include <Spectra/MatOp/SparseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>
#include <fmt/format.h>

#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

#include "crossface/cluster/graph/graph_linkage.h"
#include "crossface/cluster/graph/graph_parts.h"
#include "crossface/cluster/graph/spherical_kmeans.h"
#include "crossface/cluster/methods/average_linkage.h"

namespace crossface {
namespace {

// Of so many nodes all eigenvectors are computed, of more a third: persons have three tracks or more.
constexpr int kSmallPart = 8;
constexpr int kNodesPerVector = 3;
constexpr int kRounds = 30;

using SparseMatrix = Eigen::SparseMatrix<double>;
using Nodes = std::vector<int>;

// By the largest eigengap; 1 where it is the one behind the first eigenvalue.
int CountByEigengap(const Eigen::VectorXd& values) {
  if (values.size() < 2) return 1;
  int count = 1;
  double largest = kWholeness * (values[0] - values[1]);
  for (int next = 2; next < values.size(); ++next) {
    const double gap = values[next - 1] - values[next];
    if (gap <= largest) continue;
    largest = gap;
    count = next;
  }
  return count;
}

std::vector<Nodes> ByLabel(const Nodes& nodes, const std::vector<int>& labels) {
  std::map<int, Nodes> of_label;
  for (size_t i = 0; i < nodes.size(); ++i) of_label[labels[i]].push_back(nodes[i]);
  std::vector<Nodes> groups;
  for (auto& [label, group] : of_label) groups.push_back(std::move(group));
  return groups;
}

class SpectralParts {
 public:
  SpectralParts(const Ground& ground, double threshold)
      : ground_(ground),
        threshold_(threshold),
        // An edge at the threshold has no weight: it joins nothing.
        parts_(ground, std::nextafter(threshold, std::numeric_limits<double>::infinity())) {}

  Result<std::vector<int>> Run() {
    std::vector<int> cluster_of(static_cast<size_t>(ground_.count()));
    std::vector<Nodes> waiting = parts_.Connected();
    while (!waiting.empty()) {
      const Nodes part = std::move(waiting.back());
      waiting.pop_back();
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Nodes> divided, Divide(part));
      if (divided.size() == 1) {
        for (const int node : part) cluster_of[node] = part.front();
        continue;
      }
      for (const Nodes& group : divided) {
        std::vector<Nodes> pieces = parts_.Connected(group);
        std::move(pieces.begin(), pieces.end(), std::back_inserter(waiting));
      }
    }
    return NumberByFirst(cluster_of);
  }

 private:
  // D^-1/2 W D^-1/2 of a connected part.
  SparseMatrix NormalisedWeights(const Nodes& part) {
    struct Pair {
      int a, b;
      double weight;
    };
    std::vector<Pair> pairs;
    parts_.ForEachPair(part, [&](int a, int b, double score) {
      pairs.push_back({a, b, score - threshold_});
    });
    std::vector<double> degree(part.size());
    for (const auto& [a, b, weight] : pairs) {
      degree[a] += weight;
      degree[b] += weight;
    }
    std::vector<Eigen::Triplet<double>> entries;
    for (const auto& [a, b, weight] : pairs) {
      const double value = weight / std::sqrt(degree[a] * degree[b]);
      entries.emplace_back(a, b, value);
      entries.emplace_back(b, a, value);
    }
    SparseMatrix matrix(static_cast<Eigen::Index>(part.size()), static_cast<Eigen::Index>(part.size()));
    matrix.setFromTriplets(entries.begin(), entries.end());
    return matrix;
  }

  // The part itself where it is one person.
  Result<std::vector<Nodes>> Divide(const Nodes& part) {
    const auto nodes = static_cast<int>(part.size());
    if (nodes < 3) return std::vector<Nodes>{part};
    if (nodes > kLargestPart) {
      return Status(StatusCode::kOutOfResources,
                    fmt::format("{} tracks hang together: too many for spectral clustering (at most {}); use "
                                "communities or hybrid",
                                nodes, kLargestPart));
    }
    const auto& stop = ground_.options().stop;
    if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "clustering was stopped");
    const SparseMatrix matrix = NormalisedWeights(part);
    const int wanted = std::min(nodes - 1, std::max(kSmallPart, nodes / kNodesPerVector + 1));
    Spectra::SparseSymMatProd<double> product(matrix);
    Spectra::SymEigsSolver<Spectra::SparseSymMatProd<double>> solver(product, wanted,
                                                                     std::min(nodes, 2 * wanted + 4));
    const Eigen::VectorXd start = Eigen::VectorXd::LinSpaced(nodes, 1, 2);
    solver.init(start.data());
    solver.compute(Spectra::SortRule::LargestAlge, 1000, 1e-6);
    const int count = CountByEigengap(solver.eigenvalues());
    if (count == 1) return std::vector<Nodes>{part};

    RowMatrix rows = solver.eigenvectors(count).cast<float>();
    rows.rowwise().normalize();
    RowMatrix centres = SpreadRows(rows, count);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> centre_of,
                               ClusterDirections(rows, kRounds, &centres, stop));
    return ByLabel(part, centre_of);
  }

  const Ground& ground_;
  const double threshold_;
  GraphParts parts_;
};

}  // namespace

Result<std::vector<int>> PartitionBySpectrum(const Ground& ground) {
  return PartitionInRounds(ground, [&](const LinkageRule& rule, const std::vector<int>&) {
    return SpectralParts(ground, rule.lowered).Run();
  });
}

}  // namespace crossface
