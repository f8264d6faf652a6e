#include "crossface/cluster/communities.h"

#include <fmt/format.h>
#include <igraph/igraph.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "crossface/cluster/partition_evidence.h"

namespace crossface {
namespace {

constexpr int kThresholds = 13;  // rates 1e-2 to 1e-6
constexpr int kInfomapNeighbours = 10;
constexpr int kTrials = 2;
constexpr int kIterations = 4;
constexpr unsigned kSeed = 1;

// igraph's random numbers and handlers belong to the process (or the thread): one caller at a time.
std::mutex igraph_mutex;

// What igraph's functions fill and free.
struct Graph {
  igraph_t graph;
  igraph_vector_t weights, sizes;
  igraph_vector_int_t membership;
  bool has_graph = false;
  Graph() {
    igraph_vector_init(&weights, 0);
    igraph_vector_init(&sizes, 0);
    igraph_vector_int_init(&membership, 0);
  }
  ~Graph() {
    if (has_graph) igraph_destroy(&graph);
    igraph_vector_destroy(&weights);
    igraph_vector_destroy(&sizes);
    igraph_vector_int_destroy(&membership);
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  std::vector<int> Members(int nodes) const {
    std::vector<int> members(static_cast<size_t>(nodes));
    for (int node = 0; node < nodes; ++node) {
      members[node] = static_cast<int>(igraph_vector_int_get(&membership, node));
    }
    return members;
  }
};

Status Failed(igraph_error_t error) {
  if (error == IGRAPH_INTERRUPTED) return {StatusCode::kInterrupted, "clustering was stopped"};
  if (error == IGRAPH_ENOMEM)
    return {StatusCode::kOutOfResources, "not enough memory for the graph of tracks"};
  return {StatusCode::kInternal, fmt::format("igraph: {}", igraph_strerror(error))};
}

// igraph's default error handler would end the program; its interruption handler asks keep_going.
class Handlers {
 public:
  explicit Handlers(const std::function<bool()>& keep_going) : keep_going_(keep_going) {
    old_error_ = igraph_set_error_handler(igraph_error_handler_ignore);
    old_warning_ = igraph_set_warning_handler(igraph_warning_handler_ignore);
    old_interruption_ = igraph_set_interruption_handler(&Ask);
    current_ = this;
    igraph_rng_seed(igraph_rng_default(), kSeed);
  }
  ~Handlers() {
    current_ = nullptr;
    igraph_set_interruption_handler(old_interruption_);
    igraph_set_warning_handler(old_warning_);
    igraph_set_error_handler(old_error_);
  }
  Handlers(const Handlers&) = delete;
  Handlers& operator=(const Handlers&) = delete;

 private:
  static igraph_error_t Ask(void*) {
    const bool stop = current_ && current_->keep_going_ && !current_->keep_going_();
    return stop ? IGRAPH_INTERRUPTED : IGRAPH_SUCCESS;
  }
  static inline Handlers* current_ = nullptr;
  const std::function<bool()>& keep_going_;
  igraph_error_handler_t* old_error_;
  igraph_warning_handler_t* old_warning_;
  igraph_interruption_handler_t* old_interruption_;
};

// Each pair once, from the first `neighbours` edges of either node; nodes that may not be together have none.
igraph_error_t Fill(const Ground& ground, const NeighbourGraph& graph, double least, int neighbours,
                    const std::function<double(float score, int a, int b)>& weight, Graph* result) {
  igraph_vector_int_t ends;
  igraph_vector_int_init(&ends, 0);
  igraph_error_t error = IGRAPH_SUCCESS;
  const auto has = [&](int node, int other) {
    const auto own = graph.of(node).first(std::min<size_t>(graph.of(node).size(), neighbours));
    return std::any_of(own.begin(), own.end(), [&](const auto& edge) { return edge.node == other; });
  };
  for (int node = 0; node < graph.nodes() && !error; ++node) {
    int taken = 0;
    for (const auto& edge : graph.of(node)) {
      if (edge.score < least || taken++ == neighbours) break;
      if (edge.node < node && has(edge.node, node)) continue;
      if (!ground.MayJoin(node, edge.node)) continue;
      error = igraph_vector_int_push_back(&ends, node);
      if (!error) error = igraph_vector_int_push_back(&ends, edge.node);
      if (!error) error = igraph_vector_push_back(&result->weights, weight(edge.score, node, edge.node));
    }
  }
  if (!error) error = igraph_create(&result->graph, &ends, graph.nodes(), IGRAPH_UNDIRECTED);
  result->has_graph = !error;
  igraph_vector_int_destroy(&ends);
  return error;
}

}  // namespace

Result<std::vector<int>> InfomapCommunities(const Ground& ground, const NeighbourGraph& graph,
                                            double threshold, int neighbours) {
  const std::lock_guard lock(igraph_mutex);
  const Handlers handlers(ground.options().keep_going);
  Graph own;
  // How much better than the worst pair that is one person on the whole.
  const double unit = std::max(1e-6, static_cast<double>(ground.rule().threshold_for(1e-6)) -
                                         static_cast<double>(ground.rule().threshold_for(1e-2)));
  igraph_error_t error = Fill(
      ground, graph, threshold, neighbours,
      [&](float score, int, int) { return 1 + (score - threshold) / unit; }, &own);
  igraph_real_t length = 0;
  if (!error) {
    error = igraph_community_infomap(&own.graph, &own.weights, nullptr, kTrials, &own.membership, &length);
  }
  if (error) return Failed(error);
  return own.Members(ground.count());
}

Result<std::vector<int>> LeidenCommunities(const Ground& ground, const NeighbourGraph& graph, double floor,
                                           double threshold) {
  const std::lock_guard lock(igraph_mutex);
  const Handlers handlers(ground.options().keep_going);
  Graph own;
  const std::vector<int>& sizes = ground.sizes();
  igraph_error_t error = Fill(
      ground, graph, floor, graph.nodes(),
      [&](float score, int a, int b) {
        return (score - floor) * static_cast<double>(sizes[a]) * static_cast<double>(sizes[b]);
      },
      &own);
  if (!error) error = igraph_vector_resize(&own.sizes, ground.count());
  for (int node = 0; node < ground.count() && !error; ++node) {
    igraph_vector_set(&own.sizes, node, sizes[static_cast<size_t>(node)]);
  }
  if (!error) {
    error = igraph_community_leiden(&own.graph, &own.weights, &own.sizes, threshold - floor, 0.01, false,
                                    kIterations, &own.membership, nullptr, nullptr);
  }
  if (error) return Failed(error);
  return own.Members(ground.count());
}

Result<std::vector<int>> PartitionByCommunities(const Ground& ground) {
  const std::vector<double> thresholds = ThresholdLadder(ground.rule(), kThresholds);
  return BestByEvidence(ground, 2 * kThresholds, [&](int candidate) {
    const double threshold = thresholds[static_cast<size_t>(candidate / 2)];
    return candidate % 2 == 0 ? LeidenCommunities(ground, ground.graph(), thresholds.front(), threshold)
                              : InfomapCommunities(ground, ground.graph(), threshold, kInfomapNeighbours);
  });
}

}  // namespace crossface
