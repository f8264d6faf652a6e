#include "crossface/cluster/graph_linkage.h"

#include <algorithm>
#include <queue>
#include <unordered_map>

#include "crossface/cluster/union_find.h"

namespace crossface {
namespace {

class Merging {
 public:
  Merging(const Ground& ground, const NeighbourGraph& graph, const std::vector<int>& cluster_of,
          const GraphLinkage& linkage)
      : linkage_(linkage),
        clusters_(CountClusters(cluster_of)),
        sets_(clusters_),
        version_(static_cast<size_t>(clusters_)),
        neighbours_(static_cast<size_t>(clusters_)),
        apart_(static_cast<size_t>(clusters_)) {
    for (int node = 0; node < ground.count(); ++node) {
      const int own = cluster_of[node];
      for (const auto& edge : graph.of(node)) {
        if (edge.score < linkage.least) break;
        const int other = cluster_of[edge.node];
        if (other == own) continue;
        neighbours_[own].push_back(other);
        neighbours_[other].push_back(own);
      }
      for (const int other : ground.apart(node)) apart_[own].push_back(cluster_of[other]);
    }
    for (int cluster = 0; cluster < clusters_; ++cluster) {
      Tidy(&neighbours_[cluster]);
      neighbours_[cluster].shrink_to_fit();
    }
  }

  Result<std::vector<int>> Run(const std::vector<int>& cluster_of) {
    for (int cluster = 0; cluster < clusters_; ++cluster) {
      if (cluster % 4096 == 0 && Stopped()) return Interrupted();
      for (const int other : neighbours_[cluster]) {
        if (other > cluster) Offer(cluster, other);
      }
    }
    for (int64_t step = 0; !heap_.empty(); ++step) {
      if (step % 4096 == 0 && Stopped()) return Interrupted();
      const Entry entry = heap_.top();
      heap_.pop();
      if (version_[entry.a] != entry.version_a || version_[entry.b] != entry.version_b) continue;
      Merge(entry.a, entry.b);
    }
    std::vector<int> result(cluster_of.size());
    for (size_t node = 0; node < result.size(); ++node) result[node] = sets_.Find(cluster_of[node]);
    return NumberByFirst(result);
  }

  std::function<bool()> keep_going;

 private:
  struct Entry {
    double gain;
    int a, b;  // a < b
    int version_a, version_b;
    bool operator<(const Entry& other) const {  // the top of the heap is the largest
      return std::tuple(gain, -a, -b) < std::tuple(other.gain, -other.a, -other.b);
    }
  };

  bool Stopped() const { return keep_going && !keep_going(); }
  static Status Interrupted() { return {StatusCode::kInterrupted, "clustering was stopped"}; }

  // Present numbers of the clusters, each once, rising.
  void Tidy(std::vector<int>* clusters) {
    for (int& cluster : *clusters) cluster = sets_.Find(cluster);
    std::sort(clusters->begin(), clusters->end());
    clusters->erase(std::unique(clusters->begin(), clusters->end()), clusters->end());
  }

  void Offer(int a, int b) {
    if (a > b) std::swap(a, b);
    const double gain = linkage_.gain(a, b);
    if (gain >= 0) heap_.push({gain, a, b, version_[a], version_[b]});
  }

  bool Forbidden(int a, int b) {
    std::vector<int>& list = apart_[apart_[a].size() < apart_[b].size() ? a : b];
    const int other = apart_[a].size() < apart_[b].size() ? b : a;
    Tidy(&list);
    return std::binary_search(list.begin(), list.end(), other);
  }

  void Merge(int kept, int gone) {
    if (Forbidden(kept, gone)) return;
    sets_.Join(kept, gone);  // the smaller number is the root
    version_[gone] = -1;
    ++version_[kept];
    const auto move = [&](std::vector<std::vector<int>>* lists) {
      std::vector<int>& to = (*lists)[kept];
      to.insert(to.end(), (*lists)[gone].begin(), (*lists)[gone].end());
      std::vector<int>().swap((*lists)[gone]);
    };
    move(&neighbours_);
    move(&apart_);
    linkage_.merged(kept, gone);
    Tidy(&neighbours_[kept]);
    std::erase(neighbours_[kept], kept);
    for (const int other : neighbours_[kept]) Offer(kept, other);
  }

  const GraphLinkage& linkage_;
  int clusters_;
  UnionFind sets_;
  std::vector<int> version_;  // of a cluster; -1 when it is part of another
  std::vector<std::vector<int>> neighbours_, apart_;
  std::priority_queue<Entry> heap_;
};

}  // namespace

std::vector<int> NumberByFirst(const std::vector<int>& labels) {
  std::unordered_map<int, int> numbers;
  std::vector<int> result(labels.size());
  int next = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) {
      result[i] = next++;
      continue;
    }
    const auto [place, is_new] = numbers.try_emplace(labels[i], next);
    next += is_new;
    result[i] = place->second;
  }
  return result;
}

int CountClusters(const std::vector<int>& cluster_of) {
  return cluster_of.empty() ? 0 : *std::max_element(cluster_of.begin(), cluster_of.end()) + 1;
}

Result<std::vector<int>> MergeOverGraph(const Ground& ground, const NeighbourGraph& graph,
                                        const std::vector<int>& cluster_of, const GraphLinkage& linkage) {
  Merging merging(ground, graph, cluster_of, linkage);
  merging.keep_going = ground.options().keep_going;
  return merging.Run(cluster_of);
}

}  // namespace crossface
