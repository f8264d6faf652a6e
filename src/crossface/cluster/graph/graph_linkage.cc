#include "crossface/cluster/graph/graph_linkage.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "crossface/cluster/graph/parallel.h"
#include "crossface/cluster/graph/union_find.h"

namespace crossface {
namespace {

constexpr size_t kPiece = 256;  // clusters

class Merging {
 public:
  Merging(const Ground& ground, const NeighbourGraph& graph, const std::vector<int>& cluster_of,
          const GraphLinkage& linkage)
      : ground_(ground),
        linkage_(linkage),
        clusters_(static_cast<size_t>(CountClusters(cluster_of))),
        into_(clusters_.size(), -1),
        changed_(clusters_.size(), true),
        sets_(CountClusters(cluster_of)) {
    for (int node = 0; node < ground.count(); ++node) {
      const int own = cluster_of[node];
      for (const auto& edge : graph.of(node)) {
        if (edge.score < linkage.least) break;
        const int other = cluster_of[edge.node];
        if (other == own) continue;
        clusters_[own].links.push_back({other});
        clusters_[other].links.push_back({own});
      }
      for (const int other : ground.apart(node)) clusters_[own].apart.push_back(cluster_of[other]);
      TakeSides(ground.sides(node), &clusters_[own].sides);
    }
    // Neighbours behind each other: refreshing is bound by fetching their vectors, which they share.
    for (int number = 0; number < static_cast<int>(clusters_.size()); ++number) {
      Queue(number);
      for (const Link& link : clusters_[static_cast<size_t>(number)].links) Queue(link.other);
    }
    for (Cluster& cluster : clusters_) cluster.queued = false;
  }

  Result<std::vector<int>> Run(const std::vector<int>& cluster_of) {
    while (!stale_.empty()) {
      CROSSFACE_RETURN_IF_ERROR(
          ForEachPiece((stale_.size() + kPiece - 1) / kPiece, ground_.options().stop, [&](size_t piece) {
            const size_t end = std::min(stale_.size(), (piece + 1) * kPiece);
            for (size_t place = piece * kPiece; place < end; ++place) Refresh(stale_[place]);
          }));
      MergeReciprocal();
    }
    std::vector<int> result(cluster_of.size());
    for (size_t node = 0; node < result.size(); ++node) result[node] = sets_.Find(cluster_of[node]);
    return NumberByFirst(result);
  }

 private:
  struct Link {
    int other = 0;
    float gain = 0;
  };
  struct Cluster {
    std::vector<Link> links;
    std::vector<int> apart;
    Sides sides;
    int best = -1;
    bool queued = false;
  };

  // Draws are decided by what looks random: by number, all would choose the same.
  static uint64_t Lot(int a, int b) {
    uint64_t mixed = (static_cast<uint64_t>(std::min(a, b)) << 32 | static_cast<uint32_t>(std::max(a, b))) *
                     0x9E3779B97F4A7C15;
    mixed ^= mixed >> 29;
    return mixed * 0xBF58476D1CE4E5B9;
  }

  // Brings the links of a cluster up to date with the last round's merges.
  void Refresh(int number) {
    Cluster& own = clusters_[static_cast<size_t>(number)];
    if (into_[number] >= 0) return;
    for (Link& link : own.links) {
      if (into_[link.other] >= 0) link.other = into_[link.other];
    }
    std::sort(own.links.begin(), own.links.end(),
              [](const Link& x, const Link& y) { return x.other < y.other; });
    const auto same = [](const Link& x, const Link& y) { return x.other == y.other; };
    own.links.erase(std::unique(own.links.begin(), own.links.end(), same), own.links.end());
    std::erase_if(own.links, [&](const Link& link) { return link.other == number; });
    for (Link& link : own.links) {
      if (changed_[number] || changed_[link.other])
        link.gain =
            static_cast<float>(linkage_.gain(std::min(number, link.other), std::max(number, link.other)));
    }
    std::erase_if(own.links, [](const Link& link) { return link.gain == kNever; });
    own.links.shrink_to_fit();
    own.best = -1;
    float most = 0;
    for (const Link& link : own.links) {
      const bool better =
          link.gain > most ||
          (link.gain == most && (own.best < 0 || Lot(number, link.other) > Lot(number, own.best)));
      if (link.gain < 0 || !better) continue;
      most = link.gain;
      own.best = link.other;
    }
  }

  // Leaves in stale_ what the merges touched: nothing when none was left.
  void MergeReciprocal() {
    std::vector<std::pair<int, int>> pairs;
    for (const int number : stale_) {
      Cluster& cluster = clusters_[static_cast<size_t>(number)];
      changed_[number] = false;
      if (into_[number] < 0 && cluster.best >= 0 &&
          clusters_[static_cast<size_t>(cluster.best)].best == number)
        pairs.emplace_back(std::minmax(number, cluster.best));
    }
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    stale_.clear();
    for (const auto& [kept, gone] : pairs) {
      if (MayNotJoin(kept, gone)) {
        Unlink(kept, gone);
        Unlink(gone, kept);
      } else {
        Merge(kept, gone);
      }
    }
    // Merges of this round may have taken what earlier ones of it queued.
    for (int& number : stale_) clusters_[static_cast<size_t>(number)].queued = false;
    std::erase_if(stale_, [&](int number) { return into_[number] >= 0; });
  }

  void Queue(int number) {
    Cluster& cluster = clusters_[static_cast<size_t>(number)];
    if (cluster.queued) return;
    cluster.queued = true;
    stale_.push_back(number);
  }

  bool MayNotJoin(int a, int b) {
    if (AreParted(clusters_[static_cast<size_t>(a)].sides, clusters_[static_cast<size_t>(b)].sides))
      return true;
    std::vector<int>& list = clusters_[static_cast<size_t>(a)].apart;
    for (int& other : list) other = sets_.Find(other);
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    return std::binary_search(list.begin(), list.end(), b);
  }

  void Unlink(int from, int to) {
    Cluster& cluster = clusters_[static_cast<size_t>(from)];
    std::erase_if(cluster.links, [to](const Link& link) { return link.other == to; });
    changed_[from] = true;
    Queue(from);
  }

  void Merge(int kept, int gone) {
    Cluster &stays = clusters_[static_cast<size_t>(kept)], &goes = clusters_[static_cast<size_t>(gone)];
    sets_.Join(kept, gone);  // the smaller number is the root
    Queue(kept);
    for (const Cluster* cluster : {&stays, &goes}) {
      for (const Link& link : cluster->links) {
        Queue(into_[link.other] >= 0 ? into_[link.other] : link.other);
      }
    }
    stays.links.insert(stays.links.end(), goes.links.begin(), goes.links.end());
    stays.apart.insert(stays.apart.end(), goes.apart.begin(), goes.apart.end());
    TakeSides(goes.sides, &stays.sides);
    changed_[kept] = true;
    into_[gone] = kept;
    goes = Cluster{.queued = goes.queued};
    linkage_.merged(kept, gone);
  }

  const Ground& ground_;
  const GraphLinkage& linkage_;
  std::vector<Cluster> clusters_;
  std::vector<int> into_;      // what a cluster became part of, in the last round or before; else -1
  std::vector<char> changed_;  // in the last round
  std::vector<int> stale_;     // whose links the last round's merges touched
  UnionFind sets_;
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

std::vector<int> Overlap(const std::vector<int>& one, const std::vector<int>& other) {
  std::map<std::pair<int, int>, int> numbers;
  std::vector<int> result(one.size());
  for (size_t node = 0; node < result.size(); ++node) {
    result[node] =
        numbers.try_emplace({one[node], other[node]}, static_cast<int>(numbers.size())).first->second;
  }
  return result;
}

int CountClusters(const std::vector<int>& cluster_of) {
  return cluster_of.empty() ? 0 : *std::max_element(cluster_of.begin(), cluster_of.end()) + 1;
}

int CountLone(const std::vector<int>& cluster_of) {
  std::vector<int> size(static_cast<size_t>(CountClusters(cluster_of)));
  for (const int cluster : cluster_of) ++size[cluster];
  return static_cast<int>(std::count(size.begin(), size.end(), 1));
}

Result<std::vector<int>> MergeOverGraph(const Ground& ground, const NeighbourGraph& graph,
                                        const std::vector<int>& cluster_of, const GraphLinkage& linkage) {
  return Merging(ground, graph, cluster_of, linkage).Run(cluster_of);
}

}  // namespace crossface
