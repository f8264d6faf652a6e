#include "crossface/cluster/graph/largest_products.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "crossface/cluster/graph/parallel.h"
#include "crossface/util/thread_budget.h"

extern "C" int sgemm_(const char* turn_a, const char* turn_b, const int* rows, const int* columns,
                      const int* inner, const float* alpha, const float* a, const int* stride_a,
                      const float* b, const int* stride_b, const float* beta, float* c, const int* stride_c);

namespace crossface {
namespace {

// A tile's products are 512 KiB, and BLAS is at nine tenths of its speed.
constexpr Eigen::Index kTileQueries = 128, kTileTargets = 1024;
// Where queries alone would leave threads without work, targets are divided too.
constexpr Eigen::Index kFewQueries = 16 * kTileQueries;

using Found = std::pair<float, int64_t>;

bool Better(const Found& x, const Found& y) {
  return x.first > y.first || (x.first == y.first && x.second < y.second);
}

// The best of one query, the worst of them in front.
class Best {
 public:
  void Offer(const Found& found, size_t most) {
    if (heap_.size() == most) {
      if (!Better(found, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), Better);
      heap_.back() = found;
    } else {
      heap_.push_back(found);
    }
    std::push_heap(heap_.begin(), heap_.end(), Better);
  }
  // What is no larger need not be offered, if its number is no smaller.
  float least(size_t most) const {
    return heap_.size() == most ? heap_.front().first : -std::numeric_limits<float>::infinity();
  }
  std::vector<Found> Take() {
    std::sort_heap(heap_.begin(), heap_.end(), Better);
    return std::move(heap_);
  }

 private:
  std::vector<Found> heap_;
};

// Of the `queries` from `first_query` on, with all targets from `first` to `end`.
std::vector<std::vector<Found>> Search(const RowsRef& queries, Eigen::Index first_query, Eigen::Index count,
                                       const RowsRef& targets, Eigen::Index first, Eigen::Index end,
                                       size_t most) {
  std::vector<Best> best(static_cast<size_t>(count));
  std::vector<float> products(static_cast<size_t>(count * std::min(kTileTargets, end - first)));
  const auto dimensions = static_cast<int>(queries.cols()), columns = static_cast<int>(count),
             target_stride = static_cast<int>(targets.outerStride()),
             query_stride = static_cast<int>(queries.outerStride());
  for (; first < end; first += kTileTargets) {
    const auto rows = static_cast<int>(std::min(kTileTargets, end - first));
    const float one = 1, zero = 0;
    sgemm_("T", "N", &rows, &columns, &dimensions, &one, targets.row(first).data(), &target_stride,
           queries.row(first_query).data(), &query_stride, &zero, products.data(), &rows);
    for (size_t query = 0; query < best.size(); ++query) {
      const float* own = products.data() + query * static_cast<size_t>(rows);
      for (int target = 0; target < rows; ++target) {
        // An equal one has a larger number.
        if (own[target] > best[query].least(most)) best[query].Offer({own[target], first + target}, most);
      }
    }
  }
  std::vector<std::vector<Found>> found;
  found.reserve(best.size());
  for (Best& each : best) found.push_back(each.Take());
  return found;
}

}  // namespace

Result<LargestProducts> FindLargestProducts(const RowsRef& queries, const RowsRef& targets, size_t most,
                                            const std::stop_token& stop) {
  const Eigen::Index tiles = (queries.rows() + kTileQueries - 1) / kTileQueries;
  const Eigen::Index stripe = queries.rows() < kFewQueries ? kTileTargets : targets.rows();
  const Eigen::Index stripes = (targets.rows() + stripe - 1) / stripe;
  std::vector<std::vector<std::vector<Found>>> found(static_cast<size_t>(tiles * stripes));
  {
    const BlasOnCallersThread alone;
    CROSSFACE_RETURN_IF_ERROR(ForEachPiece(found.size(), stop, [&](size_t piece) {
      const Eigen::Index tile = static_cast<Eigen::Index>(piece) / stripes * kTileQueries,
                         first = static_cast<Eigen::Index>(piece) % stripes * stripe;
      found[piece] = Search(queries, tile, std::min(kTileQueries, queries.rows() - tile), targets, first,
                            std::min(first + stripe, targets.rows()), most);
    }));
  }
  LargestProducts largest;
  largest.products.reserve(static_cast<size_t>(queries.rows()) * most);
  largest.found.reserve(largest.products.capacity());
  for (Eigen::Index query = 0; query < queries.rows(); ++query) {
    const auto first = found.begin() + query / kTileQueries * stripes;
    const auto place = static_cast<size_t>(query % kTileQueries);
    Best best;
    for (auto piece = first; piece != first + stripes; ++piece)
      for (const Found& each : (*piece)[place]) best.Offer(each, most);
    for (const auto& [product, target] : best.Take()) {
      largest.products.push_back(product);
      largest.found.push_back(target);
    }
  }
  return largest;
}

void MergeProducts(const LargestProducts& found, int64_t first, size_t queries, size_t width,
                   LargestProducts* best) {
  const size_t before = best->found.size() / queries, more = found.found.size() / queries,
               kept = std::min(width, before + more);
  LargestProducts merged;
  merged.products.reserve(queries * kept);
  merged.found.reserve(queries * kept);
  for (size_t query = 0; query < queries; ++query) {
    size_t old = query * before, fresh = query * more;
    const size_t old_end = old + before, fresh_end = fresh + more;
    for (size_t i = 0; i < kept; ++i) {
      // Of equal ones the old has the smaller number.
      const bool takes_old =
          fresh == fresh_end || (old < old_end && best->products[old] >= found.products[fresh]);
      merged.products.push_back(takes_old ? best->products[old] : found.products[fresh]);
      merged.found.push_back(takes_old ? best->found[old] : found.found[fresh] + first);
      ++(takes_old ? old : fresh);
    }
  }
  *best = std::move(merged);
}

}  // namespace crossface
