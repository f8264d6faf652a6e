#include "crossface/cluster/candidate_search.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "crossface/cluster/parallel.h"

namespace crossface {
namespace {

constexpr size_t kQueries = 256, kTargets = 1024;  // of one matrix product: it stays in a core's cache
constexpr size_t kSamplePerList = 32;
constexpr int kRounds = 8;
constexpr size_t kDistricts = 8;  // that are looked at for the list of a node

// The best of what it was shown, by falling product, then rising number.
class BestOf {
 public:
  explicit BestOf(size_t wanted) : wanted_(wanted) {}
  bool Wants(float product) const { return product > worst_; }
  void Add(float product, int node) {
    found_.emplace_back(product, -node);
    if (found_.size() >= 2 * wanted_) Shrink();
  }
  void AppendTo(std::vector<int>* nodes) {
    Shrink();
    std::sort(found_.rbegin(), found_.rend());
    for (const auto& [product, node] : found_) nodes->push_back(-node);
  }

 private:
  void Shrink() {
    if (found_.size() < wanted_) return;
    const auto last = found_.begin() + static_cast<ptrdiff_t>(wanted_) - 1;
    std::nth_element(found_.begin(), last, found_.end(), std::greater<>());
    found_.resize(wanted_);
    // Equal products must still come in, for the lower number wins.
    worst_ = std::nextafter(found_.back().first, -std::numeric_limits<float>::infinity());
  }
  size_t wanted_;
  float worst_ = -std::numeric_limits<float>::infinity();
  std::vector<std::pair<float, int>> found_;
};

// One block of queries against spans of targets.
void SearchBlock(const ScaledVectors& vectors, std::span<const int> queries,
                 const std::vector<std::span<const int>>& target_spans, int wanted,
                 const std::function<void(size_t row, std::span<const int>)>& visit) {
  const RowMatrix rows = vectors.Rows(queries);
  const auto patterns = static_cast<size_t>(vectors.patterns());
  std::vector<BestOf> best(queries.size() * patterns, BestOf(static_cast<size_t>(wanted)));
  RowMatrix products;
  for (const std::span<const int> targets : target_spans) {
    for (size_t first = 0; first < targets.size(); first += kTargets) {
      const auto block = targets.subspan(first, std::min(kTargets, targets.size() - first));
      products.noalias() = rows * vectors.Rows(block).transpose();
      for (size_t q = 0; q < queries.size(); ++q) {
        const float* line = products.row(static_cast<Eigen::Index>(q)).data();
        BestOf* mine = &best[q * patterns];
        for (size_t t = 0; t < block.size(); ++t) {
          BestOf& place = patterns == 1 ? *mine : mine[vectors.pattern_of(block[t])];
          if (place.Wants(line[t]) && block[t] != queries[q]) place.Add(line[t], block[t]);
        }
      }
    }
  }
  std::vector<int> nodes;
  for (size_t q = 0; q < queries.size(); ++q) {
    nodes.clear();
    for (size_t p = 0; p < patterns; ++p) best[q * patterns + p].AppendTo(&nodes);
    visit(q, nodes);
  }
}

std::vector<int> Strided(std::span<const int> nodes, size_t wanted) {
  wanted = std::min(wanted, nodes.size());
  std::vector<int> sample(wanted);
  for (size_t i = 0; i < wanted; ++i) sample[i] = nodes[i * nodes.size() / wanted];
  return sample;
}

// Among the lists of the districts nearest to the row.
int NearestList(const Eigen::RowVectorXf& row, const Eigen::RowVectorXf& district_products,
                const InvertedLists& lists) {
  std::vector<int> order(static_cast<size_t>(district_products.size()));
  std::iota(order.begin(), order.end(), 0);
  const size_t visited = std::min(kDistricts, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(visited), order.end(),
                    [&](int x, int y) {
                      return std::tuple(-district_products[x], x) < std::tuple(-district_products[y], y);
                    });
  float best = -std::numeric_limits<float>::infinity();
  Eigen::Index nearest = 0;
  for (size_t i = 0; i < visited; ++i) {
    const Eigen::Index begin = lists.first_list[order[i]], end = lists.first_list[order[i] + 1];
    if (begin == end) continue;
    Eigen::Index place = 0;
    const float product = (lists.centres.middleRows(begin, end - begin) * row.transpose()).maxCoeff(&place);
    if (product > best) {
      best = product;
      nearest = begin + place;
    }
  }
  return static_cast<int>(nearest);
}

void Normalise(RowMatrix* rows) {
  for (Eigen::Index i = 0; i < rows->rows(); ++i) {
    const float length = rows->row(i).norm();
    if (length > 0) rows->row(i) /= length;
  }
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

Result<InvertedLists> MakeInvertedLists(const ScaledVectors& vectors, std::span<const int> nodes,
                                        const std::function<bool()>& keep_going) {
  const size_t wanted = std::max<size_t>(1, nodes.size() / kListLength);
  const auto supers = static_cast<int>(std::lround(std::sqrt(static_cast<double>(wanted))));
  RowMatrix sample = vectors.Rows(Strided(nodes, wanted * kSamplePerList));
  Normalise(&sample);
  // The upper level is found on a share of the sample: it has few centres.
  const Eigen::Index stride = std::max<Eigen::Index>(1, sample.rows() / (supers * 128));
  RowMatrix coarse((sample.rows() + stride - 1) / stride, sample.cols());
  for (Eigen::Index i = 0; i < coarse.rows(); ++i) coarse.row(i) = sample.row(i * stride);
  CROSSFACE_ASSIGN_OR_RETURN(const DirectionClusters upper,
                             ClusterDirections(coarse, supers, kRounds, keep_going));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> super_of,
                             NearestCentres(sample, upper.centres, keep_going));
  std::vector<std::vector<Eigen::Index>> of_super(static_cast<size_t>(upper.centres.rows()));
  for (size_t i = 0; i < super_of.size(); ++i) of_super[super_of[i]].push_back(static_cast<Eigen::Index>(i));

  InvertedLists lists{.districts = upper.centres, .first_list = {0}};
  lists.centres.resize(0, sample.cols());
  for (const auto& own : of_super) {
    lists.first_list.push_back(lists.first_list.back());
    if (own.empty()) continue;
    const RowMatrix rows = sample(own, Eigen::all);
    const int share = std::max(1, static_cast<int>(own.size() / kSamplePerList));
    CROSSFACE_ASSIGN_OR_RETURN(const DirectionClusters lower,
                               ClusterDirections(rows, share, kRounds, keep_going));
    lists.centres.conservativeResize(lists.centres.rows() + lower.centres.rows(), Eigen::NoChange);
    lists.centres.bottomRows(lower.centres.rows()) = lower.centres;
    lists.first_list.back() += lower.centres.rows();
  }
  lists.members.resize(static_cast<size_t>(lists.centres.rows()));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> list_of, ListOf(vectors, lists, nodes, keep_going));
  for (size_t i = 0; i < nodes.size(); ++i) lists.members[list_of[i]].push_back(nodes[i]);
  return lists;
}

Result<std::vector<int>> ListOf(const ScaledVectors& vectors, const InvertedLists& lists,
                                std::span<const int> queries, const std::function<bool()>& keep_going) {
  std::vector<int> list_of(queries.size());
  CROSSFACE_RETURN_IF_ERROR(
      ForEachPiece((queries.size() + kQueries - 1) / kQueries, keep_going, [&](size_t piece) {
        const size_t first = piece * kQueries;
        const auto block = queries.subspan(first, std::min(kQueries, queries.size() - first));
        const RowMatrix rows = vectors.Rows(block);
        const RowMatrix products = rows * lists.districts.transpose();
        for (size_t i = 0; i < block.size(); ++i) {
          const auto row = static_cast<Eigen::Index>(i);
          list_of[first + i] = NearestList(rows.row(row), products.row(row), lists);
        }
      }));
  return list_of;
}

Status SearchAll(const ScaledVectors& vectors, std::span<const int> queries, std::span<const int> targets,
                 int wanted, const std::function<bool()>& keep_going, const VisitCandidates& visit) {
  return ForEachPiece((queries.size() + kQueries - 1) / kQueries, keep_going, [&](size_t piece) {
    const size_t first = piece * kQueries;
    SearchBlock(vectors, queries.subspan(first, std::min(kQueries, queries.size() - first)), {targets},
                wanted, [&](size_t row, std::span<const int> found) { visit(first + row, found); });
  });
}

Status SearchLists(const ScaledVectors& vectors, std::span<const int> queries, const InvertedLists& lists,
                   int probes, int wanted, const std::function<bool()>& keep_going,
                   const VisitCandidates& visit) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> list_of, ListOf(vectors, lists, queries, keep_going));
  std::vector<std::vector<size_t>> asked(lists.members.size());  // list -> positions of its queries
  for (size_t i = 0; i < queries.size(); ++i) asked[list_of[i]].push_back(i);
  probes = std::min(probes, static_cast<int>(lists.members.size()));
  return ForEachPiece(asked.size(), keep_going, [&](size_t list) {
    if (asked[list].empty()) return;
    const Eigen::VectorXf likeness =
        lists.centres * lists.centres.row(static_cast<Eigen::Index>(list)).transpose();
    std::vector<int> order(lists.members.size());
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + probes, order.end(), [&](int x, int y) {
      return std::tuple(-likeness[x], x) < std::tuple(-likeness[y], y);
    });
    std::vector<std::span<const int>> targets;
    for (int i = 0; i < probes; ++i) targets.emplace_back(lists.members[order[i]]);
    for (size_t first = 0; first < asked[list].size(); first += kQueries) {
      const auto positions =
          std::span(asked[list]).subspan(first, std::min(kQueries, asked[list].size() - first));
      std::vector<int> block;
      for (const size_t position : positions) block.push_back(queries[position]);
      SearchBlock(vectors, block, targets, wanted,
                  [&](size_t row, std::span<const int> found) { visit(positions[row], found); });
    }
  });
}

}  // namespace crossface
