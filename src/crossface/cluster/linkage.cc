#include "crossface/cluster/linkage.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>

#include "crossface/cluster/union_find.h"

namespace crossface {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

// The inner pairs of a small cluster say little: the usual value counts as one pair more, and beyond ten the
// pairs repeat each other.
constexpr double kUsualPairs = 1, kMostPairs = 10;

float ReliefOf(const Linkage::Rule& rule, double size, double within) {
  const double pairs = size * (size - 1) / 2;
  if (pairs < 1) return 0;
  const double counted = std::min(pairs, kMostPairs);
  const double below = rule.genuine - within / pairs;
  return static_cast<float>(kCohesionShare * below * counted / (counted + kUsualPairs));
}

}  // namespace

Linkage::Linkage(int nodes)
    : nodes_(nodes),
      means_(nodes > 1 ? static_cast<size_t>(nodes) * (nodes - 1) / 2 : 0),
      shapes_(nodes),
      alive_(nodes, 1),
      best_(nodes) {}

Result<Linkage> Linkage::Create(int nodes) {
  try {
    return Linkage(nodes);
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kOutOfResources,
                  fmt::format("not enough memory to compare {} tracks that are all alike: {} MiB are needed",
                              nodes, static_cast<int64_t>(nodes) * nodes * 2 >> 20));
  }
}

float Linkage::Excess(const Rule& rule, const Shape& a, const Shape& b, float mean) {
  return mean - std::max(rule.floor, rule.threshold - std::max(a.relief, b.relief));
}

void Linkage::Forbid(int a, int b) { At(a, b) = kForbidden; }

Linkage::Best Linkage::FindBest(const Rule& rule, int row) const {
  Best best;
  if (row == 0) return best;
  const float* means = means_.data() + static_cast<size_t>(row) * (row - 1) / 2;
  for (int column = 0; column < row; ++column) {
    if (!alive_[column] || means[column] < rule.floor) continue;
    const float excess = Excess(rule, shapes_[row], shapes_[column], means[column]);
    if (excess >= 0 && (best.partner < 0 || excess > best.excess)) best = {column, excess};
  }
  return best;
}

void Linkage::Merge(const Rule& rule, int kept, int gone) {
  const Shape a = shapes_[kept], b = shapes_[gone];
  alive_[gone] = 0;
  shapes_[kept].size = a.size + b.size;
  shapes_[kept].within = a.within + b.within + a.size * b.size * At(kept, gone);
  shapes_[kept].relief = ReliefOf(rule, shapes_[kept].size, shapes_[kept].within);
  for (int other = 0; other < nodes_; ++other) {
    if (!alive_[other] || other == kept) continue;
    float& mean = At(kept, other);
    // Minus infinity on either side stays: a cannot-link holds for the whole cluster.
    mean = static_cast<float>((a.size * mean + b.size * At(gone, other)) / shapes_[kept].size);
  }
  best_[kept] = FindBest(rule, kept);
  for (int row = kept + 1; row < nodes_; ++row) {
    if (!alive_[row]) continue;
    Best& best = best_[row];
    if (best.partner == kept || best.partner == gone) {
      best = FindBest(rule, row);
      continue;
    }
    const float excess = Excess(rule, shapes_[row], shapes_[kept], At(row, kept));
    if (excess < 0) continue;
    if (best.partner < 0 || excess > best.excess || (excess == best.excess && kept < best.partner)) {
      best = {kept, excess};
    }
  }
}

Result<std::vector<int>> Linkage::Run(const Rule& rule, const std::function<bool()>& keep_going) {
  for (Shape& shape : shapes_) shape.relief = ReliefOf(rule, shape.size, shape.within);
  for (int row = 0; row < nodes_; ++row) best_[row] = FindBest(rule, row);
  UnionFind clusters(nodes_);
  for (int merges = 0;; ++merges) {
    if (merges % 64 == 0 && keep_going && !keep_going())
      return Status(StatusCode::kInterrupted, "clustering was stopped");
    int row = -1;
    for (int candidate = 0; candidate < nodes_; ++candidate) {
      if (!alive_[candidate] || best_[candidate].partner < 0) continue;
      if (row < 0 || best_[candidate].excess > best_[row].excess) row = candidate;
    }
    if (row < 0) break;
    const int kept = best_[row].partner;  // the lower number of the two
    clusters.Join(kept, row);
    Merge(rule, kept, row);
  }
  std::vector<int> cluster(nodes_);
  int count = 0;
  for (int node = 0; node < nodes_; ++node) {
    const int root = clusters.Find(node);
    cluster[node] = root == node ? count++ : cluster[root];
  }
  return cluster;
}

}  // namespace crossface
