#include "crossface/cluster/communities.h"

#include <fmt/format.h>
#include <igraph/igraph.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "crossface/cluster/average_linkage.h"
#include "crossface/cluster/graph_linkage.h"

namespace crossface {
namespace {

constexpr int kTrials = 2;
constexpr unsigned kSeed = 1;

// igraph's random numbers and handlers belong to the process (or the thread): one caller at a time.
std::mutex igraph_mutex;

// What igraph's functions fill and free.
struct Graph {
  igraph_t graph;
  igraph_vector_t weights;
  igraph_vector_int_t membership;
  bool has_graph = false;
  Graph() {
    igraph_vector_init(&weights, 0);
    igraph_vector_int_init(&membership, 0);
  }
  ~Graph() {
    if (has_graph) igraph_destroy(&graph);
    igraph_vector_destroy(&weights);
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

// Each pair once; nodes that may not be together have no edge.
igraph_error_t Fill(const Ground& ground, double threshold, Graph* result) {
  const NeighbourGraph& graph = ground.graph();
  const auto has = [&](int node, int other) {
    const auto own = graph.of(node);
    return std::any_of(own.begin(), own.end(), [&](const auto& edge) { return edge.node == other; });
  };
  igraph_vector_int_t ends;
  igraph_vector_int_init(&ends, 0);
  igraph_error_t error = IGRAPH_SUCCESS;
  for (int node = 0; node < graph.nodes() && !error; ++node) {
    for (const auto& edge : graph.of(node)) {
      if (edge.score < threshold) break;
      if (edge.node < node && has(edge.node, node)) continue;
      if (!ground.MayJoin(node, edge.node)) continue;
      const double weight = std::exp(kTemper * (edge.score - threshold));
      error = igraph_vector_int_push_back(&ends, node);
      if (!error) error = igraph_vector_int_push_back(&ends, edge.node);
      if (!error) error = igraph_vector_push_back(&result->weights, weight);
    }
  }
  if (!error) error = igraph_create(&result->graph, &ends, graph.nodes(), IGRAPH_UNDIRECTED);
  result->has_graph = !error;
  igraph_vector_int_destroy(&ends);
  return error;
}

}  // namespace

Result<std::vector<int>> FlowCommunities(const Ground& ground, double threshold) {
  const std::lock_guard lock(igraph_mutex);
  const Handlers handlers(ground.options().keep_going);
  Graph own;
  igraph_real_t length = 0;
  igraph_error_t error = Fill(ground, threshold, &own);
  if (!error)
    error = igraph_community_infomap(&own.graph, &own.weights, nullptr, kTrials, &own.membership, &length);
  if (error) return Failed(error);
  return NumberByFirst(own.Members(ground.count()));
}

Result<std::vector<int>> PartitionByCommunities(const Ground& ground) {
  return PartitionInRounds(ground,
                           [&](const LinkageRule& rule) { return FlowCommunities(ground, rule.lowered); });
}

}  // namespace crossface
