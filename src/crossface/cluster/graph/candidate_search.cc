#include "crossface/cluster/graph/candidate_search.h"

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <faiss/utils/Heap.h>
#include <faiss/utils/distances.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <new>
#include <numeric>

#include "crossface/cluster/graph/parallel.h"
#include "crossface/cluster/graph/product_search.h"
#include "crossface/util/thread_budget.h"

namespace crossface {
namespace {

using FaissId = faiss::Index::idx_t;

constexpr size_t kBlock = 16384;  // vectors that are copied at a time
constexpr size_t kTargetsPerQuery = 64;
constexpr double kListsPerRoot = 2;
constexpr size_t kSamplePerList = 40;
constexpr int kRounds = 8;

std::vector<int> Strided(std::span<const int> nodes, size_t most) {
  const size_t wanted = std::min(most, nodes.size());
  std::vector<int> sample(wanted);
  for (size_t i = 0; i < wanted; ++i) sample[i] = nodes[i * nodes.size() / wanted];
  return sample;
}

// The targets of one pattern of models. Where they are dealt to lists, those around each centre.
struct Searchable {
  std::vector<int> nodes;
  std::unique_ptr<faiss::IndexFlatIP> centres;  // absent where all products are computed
  std::vector<std::vector<int>> lists;
};

using VisitCandidates = std::function<void(size_t position, std::span<const int> candidates)>;

class CandidateSearch {
 public:
  CandidateSearch(const ScaledVectors& vectors, std::span<const int> queries, std::span<const int> targets,
                  const CandidateOptions& options)
      : vectors_(vectors),
        queries_(queries),
        options_(options),
        searchables_(static_cast<size_t>(vectors.patterns())) {
    for (const int node : targets) searchables_[vectors.pattern_of(node)].nodes.push_back(node);
    std::erase_if(searchables_, [](const Searchable& searchable) { return searchable.nodes.empty(); });
  }

  Status Run(const VisitCandidates& visit) {
    const ThreadBudgetScope threads;
    for (Searchable& searchable : searchables_) {
      // For few queries all products are cheaper than making lists.
      const bool few = queries_.size() * kTargetsPerQuery <= searchable.nodes.size();
      if (static_cast<int>(searchable.nodes.size()) > options_.exact_up_to && !few)
        CROSSFACE_RETURN_IF_ERROR(MakeLists(&searchable));
    }
    const std::vector<size_t> order = OrderOfQueries();
    for (size_t first = 0; first < order.size(); first += kBlock) {
      const auto positions = std::span(order).subspan(first, std::min(kBlock, order.size() - first));
      std::vector<int> block;
      for (const size_t position : positions) block.push_back(queries_[position]);
      const RowMatrix rows = vectors_.Rows(block);
      std::vector<std::vector<int>> candidates(block.size());
      for (const Searchable& searchable : searchables_)
        CROSSFACE_RETURN_IF_ERROR(Search(block, rows, searchable, &candidates));
      CROSSFACE_RETURN_IF_ERROR(ForEachPiece(block.size(), options_.stop,
                                             [&](size_t row) { visit(positions[row], candidates[row]); }));
    }
    return {};
  }

 private:
  bool Stopped() const { return options_.stop.stop_requested(); }
  static Status Interrupted() { return {StatusCode::kInterrupted, "clustering was stopped"}; }

  Status MakeLists(Searchable* searchable) const {
    const std::span<const int> nodes(searchable->nodes);
    const auto lists = static_cast<int>(kListsPerRoot * std::sqrt(static_cast<double>(nodes.size())));
    searchable->centres = std::make_unique<faiss::IndexFlatIP>(vectors_.dimensions());
    const RowMatrix sample = vectors_.Rows(Strided(nodes, static_cast<size_t>(lists) * kSamplePerList));
    faiss::ClusteringParameters parameters;
    parameters.niter = kRounds;
    parameters.spherical = true;
    parameters.min_points_per_centroid = 1;  // FAISS prints a warning below it
    faiss::Clustering clustering(vectors_.dimensions(), lists, parameters);
    clustering.train(sample.rows(), sample.data(), *searchable->centres);
    searchable->lists.resize(static_cast<size_t>(lists));
    for (size_t first = 0; first < nodes.size(); first += kBlock) {
      if (Stopped()) return Interrupted();
      const auto block = nodes.subspan(first, std::min(kBlock, nodes.size() - first));
      const std::vector<FaissId> nearest = NearestCentres(*searchable->centres, vectors_.Rows(block), 1);
      for (size_t i = 0; i < block.size(); ++i)
        searchable->lists[static_cast<size_t>(nearest[i])].push_back(block[i]);
    }
    return {};
  }

  // Those of one list follow each other: they are searched together.
  std::vector<size_t> OrderOfQueries() const {
    std::vector<size_t> order(queries_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto with_lists =
        std::find_if(searchables_.begin(), searchables_.end(),
                     [](const Searchable& searchable) { return searchable.centres != nullptr; });
    if (with_lists == searchables_.end()) return order;
    std::vector<FaissId> list;
    for (size_t first = 0; first < queries_.size(); first += kBlock) {
      const auto block = queries_.subspan(first, std::min(kBlock, queries_.size() - first));
      const std::vector<FaissId> nearest = NearestCentres(*with_lists->centres, vectors_.Rows(block), 1);
      list.insert(list.end(), nearest.begin(), nearest.end());
    }
    std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) { return list[x] < list[y]; });
    return order;
  }

  static std::vector<FaissId> NearestCentres(const faiss::IndexFlatIP& centres, const RowMatrix& rows,
                                             size_t count) {
    std::vector<FaissId> nearest(static_cast<size_t>(rows.rows()) * count);
    std::vector<float> products(nearest.size());
    centres.search(rows.rows(), rows.data(), static_cast<FaissId>(count), products.data(), nearest.data());
    return nearest;
  }

  // Adds the best of one pattern's targets to every query of the block.
  Status Search(std::span<const int> block, const RowMatrix& rows, const Searchable& searchable,
                std::vector<std::vector<int>>* candidates) const {
    if (!searchable.centres) {
      std::vector<size_t> all(block.size());
      std::iota(all.begin(), all.end(), 0);
      return SearchAmong(block, rows, all, searchable.nodes, candidates);
    }
    // The queries of one list see the same lists, those around the nearest centres: one matrix product serves
    // them all.
    const std::vector<FaissId> nearest = NearestCentres(*searchable.centres, rows, 1);
    std::map<FaissId, std::vector<size_t>> asked;  // list -> places in the block
    for (size_t i = 0; i < block.size(); ++i) asked[nearest[i]].push_back(i);
    const auto probes = std::min(static_cast<size_t>(options_.probes), searchable.lists.size());
    for (const auto& [list, places] : asked) {
      RowMatrix centre(1, vectors_.dimensions());
      searchable.centres->reconstruct(list, centre.data());
      std::vector<int> targets;
      for (const FaissId near : NearestCentres(*searchable.centres, centre, probes)) {
        const std::vector<int>& members = searchable.lists[static_cast<size_t>(near)];
        targets.insert(targets.end(), members.begin(), members.end());
      }
      CROSSFACE_RETURN_IF_ERROR(
          SearchAmong(block, rows(std::vector<Eigen::Index>(places.begin(), places.end()), Eigen::all),
                      places, targets, candidates));
    }
    return {};
  }

  // `rows` are those of the places in the block.
  Status SearchAmong(std::span<const int> block, const RowMatrix& rows, const std::vector<size_t>& places,
                     std::span<const int> targets, std::vector<std::vector<int>>* candidates) const {
    // One more: the query itself may be among them.
    const size_t width = std::min(static_cast<size_t>(options_.wanted) + 1, targets.size());
    std::vector<FaissId> found(places.size() * width);
    std::vector<float> products(found.size());
    faiss::float_minheap_array_t best = {places.size(), width, found.data(), products.data()};
    best.heapify();
    for (size_t first = 0; first < targets.size(); first += kBlock) {
      if (Stopped()) return Interrupted();
      const RowMatrix others =
          vectors_.Rows(targets.subspan(first, std::min(kBlock, targets.size() - first)));
      const auto count = static_cast<size_t>(others.rows());
      const size_t most = std::min(width, count);
      std::vector<float> block_products(places.size() * most);
      std::vector<FaissId> block_found(places.size() * most);
      if (options_.products != nullptr) {
        CROSSFACE_RETURN_IF_ERROR(options_.products->Search(rows, others, most, block_products, block_found));
      } else {
        faiss::knn_inner_product(rows.data(), others.data(), static_cast<size_t>(vectors_.dimensions()),
                                 places.size(), count, most, block_products.data(), block_found.data());
      }
      for (FaissId& id : block_found) id += static_cast<FaissId>(first);
      best.addn_with_ids(most, block_products.data(), block_found.data(), static_cast<FaissId>(most));
    }
    best.reorder();
    for (size_t i = 0; i < found.size(); ++i) {
      const int node = targets[static_cast<size_t>(found[i])];
      if (node != block[places[i / width]]) (*candidates)[places[i / width]].push_back(node);
    }
    return {};
  }

  const ScaledVectors& vectors_;
  const std::span<const int> queries_;
  const CandidateOptions& options_;
  std::vector<Searchable> searchables_;
};

}  // namespace

ScaledVectors::ScaledVectors(const ClusterProblem& nodes, const ScoreRule& rule)
    : nodes_(nodes), roots_(ModelWeights(rule, nodes.templates.size())), pattern_of_(nodes.items) {
  for (float& root : roots_) root = std::sqrt(root);
  std::map<std::vector<bool>, int> numbers;
  std::vector<bool> has(nodes.templates.size());
  for (int node = 0; node < nodes.items; ++node) {
    for (size_t m = 0; m < has.size(); ++m) has[m] = roots_[m] > 0 && nodes.templates[m].present[node];
    pattern_of_[node] = numbers.try_emplace(has, static_cast<int>(numbers.size())).first->second;
  }
  patterns_ = static_cast<int>(numbers.size());
  for (size_t m = 0; m < has.size(); ++m) dimensions_ += roots_[m] > 0 ? nodes.templates[m].dimensions : 0;
}

RowMatrix ScaledVectors::Rows(std::span<const int> nodes) const {
  RowMatrix rows(static_cast<Eigen::Index>(nodes.size()), dimensions_);
  Eigen::Index column = 0;
  for (size_t m = 0; m < roots_.size(); ++m) {
    if (roots_[m] == 0) continue;
    const TemplateMatrix& matrix = nodes_.templates[m];
    for (size_t i = 0; i < nodes.size(); ++i) {
      auto part = rows.row(static_cast<Eigen::Index>(i)).segment(column, matrix.dimensions);
      if (matrix.present[nodes[i]]) {
        part = roots_[m] * Eigen::Map<const Eigen::RowVectorXf>(matrix.row(nodes[i]), matrix.dimensions);
      } else {
        part.setZero();
      }
    }
    column += matrix.dimensions;
  }
  return rows;
}

Status SearchCandidates(const ScaledVectors& vectors, std::span<const int> queries,
                        std::span<const int> targets, const CandidateOptions& options,
                        const std::function<void(size_t position, std::span<const int> candidates)>& visit) {
  try {
    return CandidateSearch(vectors, queries, targets, options).Run(visit);
  } catch (const std::bad_alloc&) {
    return {StatusCode::kOutOfResources,
            fmt::format("not enough memory to compare {} tracks with {}", queries.size(), targets.size())};
  }
}

}  // namespace crossface
