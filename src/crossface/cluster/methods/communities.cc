#include "crossface/cluster/methods/communities.h"

#include <fmt/format.h>
#include <igraph/igraph.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "crossface/cluster/graph/graph_linkage.h"
#include "crossface/cluster/graph/graph_parts.h"
#include "crossface/cluster/methods/average_linkage.h"
#include "crossface/util/mutex.h"

namespace crossface {
namespace {

constexpr int kTrials = 2;
constexpr unsigned kSeed = 1;

// igraph's random numbers and handlers belong to the process (or the thread): one caller at a time.
Mutex igraph_mutex;

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

// igraph's default error handler would end the program; its interruption handler asks whether to stop.
class Handlers {
 public:
  explicit Handlers(const std::stop_token& stop) : stop_(stop) {
    old_error_ = igraph_set_error_handler(igraph_error_handler_ignore);
    old_warning_ = igraph_set_warning_handler(igraph_warning_handler_ignore);
    old_interruption_ = igraph_set_interruption_handler(&Ask);
    current_ = this;
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
    return current_ && current_->stop_.stop_requested() ? IGRAPH_INTERRUPTED : IGRAPH_SUCCESS;
  }
  static inline Handlers* current_ = nullptr;
  const std::stop_token stop_;
  igraph_error_handler_t* old_error_;
  igraph_warning_handler_t* old_warning_;
  igraph_interruption_handler_t* old_interruption_;
};

// The part with the odds of its edges.
igraph_error_t Fill(GraphParts& parts, double threshold, const std::vector<int>& part, Graph* result) {
  igraph_vector_int_t ends;
  igraph_vector_int_init(&ends, 0);
  igraph_error_t error = IGRAPH_SUCCESS;
  parts.ForEachPair(part, [&](int a, int b, double score) {
    if (!error) error = igraph_vector_int_push_back(&ends, a);
    if (!error) error = igraph_vector_int_push_back(&ends, b);
    if (!error) error = igraph_vector_push_back(&result->weights, std::exp(kTemper * (score - threshold)));
  });
  if (!error)
    error =
        igraph_create(&result->graph, &ends, static_cast<igraph_integer_t>(part.size()), IGRAPH_UNDIRECTED);
  result->has_graph = !error;
  igraph_vector_int_destroy(&ends);
  return error;
}

}  // namespace

Result<std::vector<int>> FlowCommunities(const Ground& ground, double threshold) {
  const MutexLock lock(igraph_mutex);
  const Handlers handlers(ground.options().stop);
  GraphParts parts(ground, threshold);
  std::vector<int> community_of(static_cast<size_t>(ground.count()));
  int communities = 0;
  for (const std::vector<int>& part : parts.Connected()) {
    if (ground.options().stop.stop_requested()) return Failed(IGRAPH_INTERRUPTED);
    std::vector<int> members(part.size(), 0);
    if (part.size() > 2) {
      Graph own;
      igraph_real_t length = 0;
      igraph_rng_seed(igraph_rng_default(), kSeed);
      igraph_error_t error = Fill(parts, threshold, part, &own);
      if (!error)
        error =
            igraph_community_infomap(&own.graph, &own.weights, nullptr, kTrials, &own.membership, &length);
      if (error) return Failed(error);
      members = own.Members(static_cast<int>(part.size()));
    }
    for (size_t i = 0; i < part.size(); ++i) community_of[part[i]] = communities + members[i];
    communities += *std::max_element(members.begin(), members.end()) + 1;
  }
  return NumberByFirst(community_of);
}

Result<std::vector<int>> PartitionByCommunities(const Ground& ground) {
  return PartitionInRounds(ground, [&](const LinkageRule& rule, const std::vector<int>&) {
    return FlowCommunities(ground, rule.lowered);
  });
}

}  // namespace crossface
