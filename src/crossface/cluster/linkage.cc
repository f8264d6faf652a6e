#include "crossface/cluster/linkage.h"

#include <fmt/format.h>

#include <limits>
#include <new>

#include "crossface/cluster/union_find.h"

namespace crossface {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

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

void Linkage::Forbid(int a, int b) { At(a, b) = kForbidden; }

Linkage::Best Linkage::FindBest(const MergeRule& rule, int row) const {
  Best best;
  if (row == 0) return best;
  const float* means = means_.data() + static_cast<size_t>(row) * (row - 1) / 2;
  const auto lowest = static_cast<float>(rule.LowestThreshold());
  for (int column = 0; column < row; ++column) {
    if (means[column] < lowest || !alive_[column]) continue;
    const double gain = rule.Gain(shapes_[row], shapes_[column], means[column]);
    if (gain >= 0 && gain > best.gain) best = {column, gain};
  }
  return best;
}

void Linkage::Merge(const MergeRule& rule, int kept, int gone) {
  const MergeRule::Shape a = shapes_[kept], b = shapes_[gone];
  alive_[gone] = 0;
  shapes_[kept] = rule.MakeShape(a.size + b.size, a.within + b.within + a.size * b.size * At(kept, gone));
  for (int other = 0; other < nodes_; ++other) {
    if (!alive_[other] || other == kept) continue;
    float& mean = At(kept, other);
    // Minus infinity on either side stays: a cannot-link holds for the whole cluster.
    mean = static_cast<float>((a.size * mean + b.size * At(gone, other)) / (a.size + b.size));
  }
  best_[kept] = FindBest(rule, kept);
  for (int row = kept + 1; row < nodes_; ++row) {
    if (!alive_[row]) continue;
    if (best_[row].partner == kept || best_[row].partner == gone) {
      best_[row] = FindBest(rule, row);
      continue;
    }
    const double gain = rule.Gain(shapes_[row], shapes_[kept], At(row, kept));
    if (gain >= 0 && (gain > best_[row].gain || (gain == best_[row].gain && kept < best_[row].partner))) {
      best_[row] = {kept, gain};
    }
  }
}

Result<std::vector<int>> Linkage::Run(const MergeRule& rule, const std::function<bool()>& keep_going) {
  for (auto& shape : shapes_) shape = rule.MakeShape(shape.size, shape.within);
  for (int row = 0; row < nodes_; ++row) best_[row] = FindBest(rule, row);
  UnionFind clusters(nodes_);
  for (int merges = 0;; ++merges) {
    if (merges % 64 == 0 && keep_going && !keep_going())
      return Status(StatusCode::kInterrupted, "clustering was stopped");
    int row = -1;
    for (int candidate = 0; candidate < nodes_; ++candidate) {
      if (!alive_[candidate] || best_[candidate].partner < 0) continue;
      if (row < 0 || best_[candidate].gain > best_[row].gain) row = candidate;
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
