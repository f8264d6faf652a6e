#include "crossface/cluster/candidate_search.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/utils/Heap.h>
#include <faiss/utils/distances.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <new>

#include "crossface/cluster/parallel.h"

namespace crossface {
namespace {

using FaissId = faiss::Index::idx_t;

constexpr size_t kBlock = 16384;  // vectors that are copied at a time
constexpr size_t kTargetsPerQuery = 64;
constexpr double kListsPerRoot = 4;
constexpr size_t kSamplePerList = 64;
constexpr int kRounds = 8;

std::vector<int> Strided(std::span<const int> nodes, size_t most) {
  const size_t wanted = std::min(most, nodes.size());
  std::vector<int> sample(wanted);
  for (size_t i = 0; i < wanted; ++i) sample[i] = nodes[i * nodes.size() / wanted];
  return sample;
}

// The targets of one pattern of models, and how they are searched.
struct Searchable {
  std::vector<int> nodes;
  // An inverted file over all of them; absent where all products are computed.
  std::unique_ptr<faiss::IndexFlatIP> centres;
  std::unique_ptr<faiss::IndexIVFFlat> index;  // ids: positions in nodes
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
    for (Searchable& searchable : searchables_) {
      // Lists take as long to make as a few hundredths of all products.
      const bool few = queries_.size() * kTargetsPerQuery <= searchable.nodes.size();
      if (static_cast<int>(searchable.nodes.size()) > options_.exact_up_to && !few)
        CROSSFACE_RETURN_IF_ERROR(MakeLists(&searchable));
    }
    for (size_t first = 0; first < queries_.size(); first += kBlock) {
      const auto block = queries_.subspan(first, std::min(kBlock, queries_.size() - first));
      const RowMatrix rows = vectors_.Rows(block);
      std::vector<std::vector<int>> candidates(block.size());
      for (const Searchable& searchable : searchables_)
        CROSSFACE_RETURN_IF_ERROR(Search(block, rows, searchable, &candidates));
      CROSSFACE_RETURN_IF_ERROR(ForEachPiece(block.size(), options_.keep_going,
                                             [&](size_t row) { visit(first + row, candidates[row]); }));
    }
    return {};
  }

 private:
  bool Stopped() const { return options_.keep_going && !options_.keep_going(); }
  static Status Interrupted() { return {StatusCode::kInterrupted, "clustering was stopped"}; }

  Status MakeLists(Searchable* searchable) {
    const std::span<const int> nodes(searchable->nodes);
    const auto lists = static_cast<size_t>(kListsPerRoot * std::sqrt(static_cast<double>(nodes.size())));
    searchable->centres = std::make_unique<faiss::IndexFlatIP>(vectors_.dimensions());
    searchable->index = std::make_unique<faiss::IndexIVFFlat>(
        searchable->centres.get(), vectors_.dimensions(), lists, faiss::METRIC_INNER_PRODUCT);
    faiss::IndexIVFFlat& index = *searchable->index;
    index.nprobe = static_cast<size_t>(options_.probes);
    index.cp.niter = kRounds;
    index.cp.spherical = true;
    index.cp.min_points_per_centroid = 1;  // FAISS prints a warning below it
    index.cp.max_points_per_centroid = kSamplePerList;
    const RowMatrix sample = vectors_.Rows(Strided(nodes, lists * kSamplePerList));
    index.train(sample.rows(), sample.data());
    for (size_t first = 0; first < nodes.size(); first += kBlock) {
      if (Stopped()) return Interrupted();
      const RowMatrix rows = vectors_.Rows(nodes.subspan(first, std::min(kBlock, nodes.size() - first)));
      index.add(rows.rows(), rows.data());
    }
    return {};
  }

  // Adds the best of one pattern's targets to every query of the block.
  Status Search(std::span<const int> block, const RowMatrix& rows, const Searchable& searchable,
                std::vector<std::vector<int>>* candidates) const {
    // One more: the query itself may be among them.
    const size_t width = std::min(static_cast<size_t>(options_.wanted) + 1, searchable.nodes.size());
    std::vector<FaissId> found(block.size() * width);
    std::vector<float> products(found.size());
    if (searchable.index) {
      searchable.index->search(rows.rows(), rows.data(), static_cast<FaissId>(width), products.data(),
                               found.data());
    } else {
      CROSSFACE_RETURN_IF_ERROR(SearchAll(rows, searchable.nodes, width, &products, &found));
    }
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i] < 0) continue;  // the lists held fewer
      const int node = searchable.nodes[static_cast<size_t>(found[i])];
      if (node != block[i / width]) (*candidates)[i / width].push_back(node);
    }
    return {};
  }

  Status SearchAll(const RowMatrix& rows, std::span<const int> nodes, size_t width,
                   std::vector<float>* products, std::vector<FaissId>* found) const {
    faiss::float_minheap_array_t best = {static_cast<size_t>(rows.rows()), width, found->data(),
                                         products->data()};
    best.heapify();
    const auto queries = static_cast<size_t>(rows.rows());
    for (size_t first = 0; first < nodes.size(); first += kBlock) {
      if (Stopped()) return Interrupted();
      const RowMatrix targets = vectors_.Rows(nodes.subspan(first, std::min(kBlock, nodes.size() - first)));
      const auto count = static_cast<size_t>(targets.rows());
      const size_t most = std::min(width, count);
      std::vector<float> block_products(queries * most);
      std::vector<FaissId> block_found(queries * most);
      faiss::knn_inner_product(rows.data(), targets.data(), static_cast<size_t>(vectors_.dimensions()),
                               queries, count, most, block_products.data(), block_found.data());
      for (FaissId& id : block_found) id += static_cast<FaissId>(first);
      best.addn_with_ids(most, block_products.data(), block_found.data(), static_cast<FaissId>(most));
    }
    best.reorder();
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
