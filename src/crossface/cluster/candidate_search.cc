#include "crossface/cluster/candidate_search.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
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

constexpr size_t kBlock = 8192;  // vectors that are copied at a time
constexpr double kListsPerRoot = 4;
constexpr size_t kSamplePerList = 64;
constexpr int kRounds = 8;

// The targets of one pattern of models.
struct Searchable {
  std::vector<int> nodes;
  std::unique_ptr<faiss::IndexFlatIP> centres;  // of the lists, where there are any
  std::unique_ptr<faiss::Index> index;          // ids: positions in nodes
};

std::vector<int> Strided(std::span<const int> nodes, size_t most) {
  const size_t wanted = std::min(most, nodes.size());
  std::vector<int> sample(wanted);
  for (size_t i = 0; i < wanted; ++i) sample[i] = nodes[i * nodes.size() / wanted];
  return sample;
}

Status Fill(const ScaledVectors& vectors, const CandidateOptions& options, Searchable* searchable) {
  const std::span<const int> nodes(searchable->nodes);
  if (static_cast<int>(nodes.size()) <= options.exact_up_to) {
    searchable->index = std::make_unique<faiss::IndexFlatIP>(vectors.dimensions());
  } else {
    const auto lists = static_cast<size_t>(kListsPerRoot * std::sqrt(static_cast<double>(nodes.size())));
    searchable->centres = std::make_unique<faiss::IndexFlatIP>(vectors.dimensions());
    auto inverted = std::make_unique<faiss::IndexIVFFlat>(searchable->centres.get(), vectors.dimensions(),
                                                          lists, faiss::METRIC_INNER_PRODUCT);
    inverted->nprobe = static_cast<size_t>(options.probes);
    inverted->cp.niter = kRounds;
    inverted->cp.spherical = true;
    inverted->cp.max_points_per_centroid = kSamplePerList;
    const RowMatrix sample = vectors.Rows(Strided(nodes, lists * kSamplePerList));
    inverted->train(sample.rows(), sample.data());
    searchable->index = std::move(inverted);
  }
  for (size_t first = 0; first < nodes.size(); first += kBlock) {
    if (options.keep_going && !options.keep_going())
      return {StatusCode::kInterrupted, "clustering was stopped"};
    const RowMatrix rows = vectors.Rows(nodes.subspan(first, std::min(kBlock, nodes.size() - first)));
    searchable->index->add(rows.rows(), rows.data());
  }
  return {};
}

Status Search(const ScaledVectors& vectors, std::span<const int> queries,
              const std::vector<Searchable>& searchables, const CandidateOptions& options,
              const std::function<void(size_t, std::span<const int>)>& visit) {
  for (size_t first = 0; first < queries.size(); first += kBlock) {
    const auto block = queries.subspan(first, std::min(kBlock, queries.size() - first));
    const RowMatrix rows = vectors.Rows(block);
    std::vector<std::vector<FaissId>> found(searchables.size());
    std::vector<size_t> width(searchables.size());
    for (size_t s = 0; s < searchables.size(); ++s) {
      // One more: the query itself may be among them.
      width[s] = std::min(static_cast<size_t>(options.wanted) + 1, searchables[s].nodes.size());
      found[s].resize(block.size() * width[s]);
      std::vector<float> products(found[s].size());
      searchables[s].index->search(static_cast<FaissId>(block.size()), rows.data(),
                                   static_cast<FaissId>(width[s]), products.data(), found[s].data());
    }
    CROSSFACE_RETURN_IF_ERROR(ForEachPiece(block.size(), options.keep_going, [&](size_t row) {
      std::vector<int> candidates;
      for (size_t s = 0; s < searchables.size(); ++s) {
        for (size_t place = 0; place < width[s]; ++place) {
          const FaissId id = found[s][row * width[s] + place];
          if (id >= 0 && searchables[s].nodes[id] != block[row])
            candidates.push_back(searchables[s].nodes[id]);
        }
      }
      visit(first + row, candidates);
    }));
  }
  return {};
}

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
  std::vector<Searchable> searchables(static_cast<size_t>(vectors.patterns()));
  for (const int node : targets) searchables[vectors.pattern_of(node)].nodes.push_back(node);
  std::erase_if(searchables, [](const Searchable& searchable) { return searchable.nodes.empty(); });
  try {
    for (Searchable& searchable : searchables) CROSSFACE_RETURN_IF_ERROR(Fill(vectors, options, &searchable));
    return Search(vectors, queries, searchables, options, visit);
  } catch (const std::bad_alloc&) {
    return {StatusCode::kOutOfResources,
            fmt::format("not enough memory to compare {} tracks with {}", queries.size(), targets.size())};
  }
}

}  // namespace crossface
