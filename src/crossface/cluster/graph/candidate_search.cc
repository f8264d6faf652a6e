#include "crossface/cluster/graph/candidate_search.h"

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
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

// FAISS's, with products that do not depend on the number of threads.
class Centres final : public faiss::IndexFlatIP {
 public:
  explicit Centres(int dimensions) : faiss::IndexFlatIP(dimensions) {}
  void search(FaissId count, const float* rows, FaissId most, float* products, FaissId* found,
              const faiss::SearchParameters* /*parameters*/ = nullptr) const override {
    using Rows = Eigen::Map<const RowMatrix>;
    const auto largest =
        FindLargestProducts(Rows(rows, count, d), Rows(get_xb(), ntotal, d), static_cast<size_t>(most), {});
    std::copy(largest->products.begin(), largest->products.end(), products);
    std::copy(largest->found.begin(), largest->found.end(), found);
  }
};

// The targets of one pattern of models. Where they are dealt to lists, those around each centre.
struct Searchable {
  std::vector<int> nodes;
  std::unique_ptr<Centres> centres;  // absent where all products are computed
  std::vector<std::vector<int>> lists;
};

using VisitCandidates = std::function<void(size_t position, std::span<const int> candidates)>;

// Queries that are looked up at the same time.
struct Block {
  std::vector<size_t> positions;
  std::vector<int> nodes;
  std::shared_ptr<const RowMatrix> rows;
  std::vector<std::vector<int>> candidates;
};

// Those of a block that see the same targets, which are searched part by part.
struct Group {
  std::shared_ptr<Block> block;
  bool is_last = false;        // of its block
  std::vector<size_t> places;  // in the block
  std::vector<int> listed;     // targets where they are those of several lists
  std::span<const int> targets;
  size_t width = 0;
  std::shared_ptr<const RowMatrix> rows;  // once the first part is asked for
  size_t asked = 0, taken = 0;            // of the targets
  LargestProducts best;
};

class CandidateSearch {
 public:
  CandidateSearch(const ScaledVectors& vectors, std::span<const int> queries, std::span<const int> targets,
                  const CandidateOptions& options, const VisitCandidates& visit)
      : vectors_(vectors),
        queries_(queries),
        options_(options),
        visit_(visit),
        searchables_(static_cast<size_t>(vectors.patterns())) {
    for (const int node : targets) searchables_[vectors.pattern_of(node)].nodes.push_back(node);
    std::erase_if(searchables_, [](const Searchable& searchable) { return searchable.nodes.empty(); });
  }

  Status Run() {
    const ThreadBudgetScope threads;
    for (Searchable& searchable : searchables_) {
      // For few queries all products are cheaper than making lists.
      const bool few = queries_.size() * kTargetsPerQuery <= searchable.nodes.size();
      if (static_cast<int>(searchable.nodes.size()) > options_.exact_up_to && !few)
        CROSSFACE_RETURN_IF_ERROR(MakeLists(&searchable));
    }
    CROSSFACE_ASSIGN_OR_RETURN(order_, OrderOfQueries());
    if (searchables_.empty()) {
      return ForEachPiece(queries_.size(), options_.stop, [&](size_t position) { visit_(position, {}); });
    }
    ProcessorProducts here;
    ProductSearch& products = options_.products != nullptr ? *options_.products : here;
    return products.Search([this] { return NextPart(); },
                           [this](const LargestProducts& found) { return TakePart(found); }, options_.stop);
  }

 private:
  Status CheckStop() const {
    return options_.stop.stop_requested() ? Status(StatusCode::kInterrupted, "clustering was stopped")
                                          : Status();
  }

  Status MakeLists(Searchable* searchable) const {
    const std::span<const int> nodes(searchable->nodes);
    const auto lists = static_cast<int>(kListsPerRoot * std::sqrt(static_cast<double>(nodes.size())));
    searchable->centres = std::make_unique<Centres>(vectors_.dimensions());
    const RowMatrix sample = vectors_.Rows(Strided(nodes, static_cast<size_t>(lists) * kSamplePerList));
    faiss::ClusteringParameters parameters;
    parameters.niter = kRounds;
    parameters.spherical = true;
    parameters.min_points_per_centroid = 1;  // FAISS prints a warning below it
    faiss::Clustering clustering(vectors_.dimensions(), lists, parameters);
    clustering.train(sample.rows(), sample.data(), *searchable->centres);
    searchable->lists.resize(static_cast<size_t>(lists));
    for (size_t first = 0; first < nodes.size(); first += options_.block) {
      CROSSFACE_RETURN_IF_ERROR(CheckStop());
      const auto block = nodes.subspan(first, std::min(options_.block, nodes.size() - first));
      const std::vector<FaissId> nearest = NearestCentres(*searchable->centres, vectors_.Rows(block), 1);
      for (size_t i = 0; i < block.size(); ++i)
        searchable->lists[static_cast<size_t>(nearest[i])].push_back(block[i]);
    }
    return {};
  }

  // Those of one list follow each other: they are searched together.
  Result<std::vector<size_t>> OrderOfQueries() const {
    std::vector<size_t> order(queries_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto with_lists =
        std::find_if(searchables_.begin(), searchables_.end(),
                     [](const Searchable& searchable) { return searchable.centres != nullptr; });
    if (with_lists == searchables_.end()) return order;
    std::vector<FaissId> list;
    for (size_t first = 0; first < queries_.size(); first += options_.block) {
      CROSSFACE_RETURN_IF_ERROR(CheckStop());
      const auto block = queries_.subspan(first, std::min(options_.block, queries_.size() - first));
      const std::vector<FaissId> nearest = NearestCentres(*with_lists->centres, vectors_.Rows(block), 1);
      list.insert(list.end(), nearest.begin(), nearest.end());
    }
    std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) { return list[x] < list[y]; });
    return order;
  }

  static std::vector<FaissId> NearestCentres(const Centres& centres, const RowMatrix& rows, size_t count) {
    std::vector<FaissId> nearest(static_cast<size_t>(rows.rows()) * count);
    std::vector<float> products(nearest.size());
    centres.search(rows.rows(), rows.data(), static_cast<FaissId>(count), products.data(), nearest.data());
    return nearest;
  }

  // Of the next block of queries.
  void MakeGroups() {
    const auto positions =
        std::span(order_).subspan(next_query_, std::min(options_.block, order_.size() - next_query_));
    next_query_ += positions.size();
    const auto block = std::make_shared<Block>();
    block->positions.assign(positions.begin(), positions.end());
    for (const size_t position : positions) block->nodes.push_back(queries_[position]);
    block->rows = std::make_shared<const RowMatrix>(vectors_.Rows(block->nodes));
    block->candidates.resize(block->nodes.size());
    for (const Searchable& searchable : searchables_) {
      if (searchable.centres) {
        MakeListedGroups(block, searchable);
        continue;
      }
      std::vector<size_t> all(block->nodes.size());
      std::iota(all.begin(), all.end(), 0);
      AddGroup({.block = block, .places = std::move(all), .targets = searchable.nodes, .rows = block->rows});
    }
    groups_.back()->is_last = true;
  }

  // The queries of one list see the same lists, those around the nearest centres.
  void MakeListedGroups(const std::shared_ptr<Block>& block, const Searchable& searchable) {
    const std::vector<FaissId> nearest = NearestCentres(*searchable.centres, *block->rows, 1);
    std::map<FaissId, std::vector<size_t>> asked;  // list -> places in the block
    for (size_t i = 0; i < nearest.size(); ++i) asked[nearest[i]].push_back(i);
    const auto probes = std::min(static_cast<size_t>(options_.probes), searchable.lists.size());
    for (auto& [list, places] : asked) {
      RowMatrix centre(1, vectors_.dimensions());
      searchable.centres->reconstruct(list, centre.data());
      // All, should the lists be empty.
      Group group{.block = block, .places = std::move(places), .targets = searchable.nodes};
      for (const FaissId near : NearestCentres(*searchable.centres, centre, probes)) {
        const std::vector<int>& members = searchable.lists[static_cast<size_t>(near)];
        group.listed.insert(group.listed.end(), members.begin(), members.end());
      }
      AddGroup(std::move(group));
    }
  }

  void AddGroup(Group group) {
    const auto added = std::make_shared<Group>(std::move(group));
    if (!added->listed.empty()) added->targets = added->listed;
    // One more: the query itself may be among them.
    added->width = std::min(static_cast<size_t>(options_.wanted) + 1, added->targets.size());
    groups_.push_back(added);
  }

  Result<std::optional<ProductPart>> NextPart() {
    CROSSFACE_RETURN_IF_ERROR(CheckStop());
    if (groups_.empty() && next_query_ == order_.size()) return std::optional<ProductPart>();
    if (groups_.empty()) MakeGroups();
    const std::shared_ptr<Group> group = groups_.front();
    if (!group->rows) {
      group->rows = std::make_shared<const RowMatrix>((*group->block->rows)(
          std::vector<Eigen::Index>(group->places.begin(), group->places.end()), Eigen::all));
    }
    const auto targets =
        group->targets.subspan(group->asked, std::min(options_.block, group->targets.size() - group->asked));
    group->asked += targets.size();
    ProductPart part{group->rows, vectors_.Rows(targets), std::min(group->width, targets.size())};
    under_way_.push_back({group, targets.size()});
    if (group->asked == group->targets.size()) {
      group->rows.reset();
      if (group->is_last) group->block->rows.reset();
      groups_.pop_front();
    }
    return std::optional(std::move(part));
  }

  Status TakePart(const LargestProducts& found) {
    const auto [group, targets] = std::move(under_way_.front());
    under_way_.pop_front();
    MergeProducts(found, static_cast<int64_t>(group->taken), group->places.size(), group->width,
                  &group->best);
    group->taken += targets;
    if (group->taken < group->targets.size()) return {};
    Block& block = *group->block;
    for (size_t i = 0; i < group->best.found.size(); ++i) {
      const size_t place = group->places[i / group->width];
      const int node = group->targets[static_cast<size_t>(group->best.found[i])];
      if (node != block.nodes[place]) block.candidates[place].push_back(node);
    }
    if (!group->is_last) return {};
    CROSSFACE_RETURN_IF_ERROR(ForEachPiece(block.nodes.size(), options_.stop, [&](size_t row) {
      visit_(block.positions[row], block.candidates[row]);
    }));
    visited_ += block.nodes.size();
    if (options_.progress && visited_ < order_.size())
      options_.progress(static_cast<double>(visited_) / static_cast<double>(order_.size()));
    return {};
  }

  const ScaledVectors& vectors_;
  const std::span<const int> queries_;
  const CandidateOptions& options_;
  const VisitCandidates& visit_;
  std::vector<Searchable> searchables_;
  std::vector<size_t> order_;  // of the queries
  size_t next_query_ = 0, visited_ = 0;
  std::deque<std::shared_ptr<Group>> groups_;                        // of which parts are to be asked yet
  std::deque<std::pair<std::shared_ptr<Group>, size_t>> under_way_;  // parts: how many targets each has
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
    return CandidateSearch(vectors, queries, targets, options, visit).Run();
  } catch (const std::bad_alloc&) {
    return {StatusCode::kOutOfResources,
            fmt::format("not enough memory to compare {} tracks with {}", queries.size(), targets.size())};
  }
}

}  // namespace crossface
