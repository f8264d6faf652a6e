#include "crossface/copies/code_index.h"

#include <faiss/IndexBinaryHash.h>
#include <faiss/impl/AuxIndexStructures.h>

#include "crossface/util/thread_budget.h"

namespace crossface {
namespace {

constexpr int kBits = 64, kQuarters = 4, kQuarterBits = 16;

const uint8_t* Bytes(std::span<const uint64_t> codes) {
  return reinterpret_cast<const uint8_t*>(codes.data());
}

}  // namespace

class CodeIndex::Impl {
 public:
  faiss::IndexBinaryMultiHash index{kBits, kQuarters, kQuarterBits};
};

CodeIndex::CodeIndex() : impl_(std::make_unique<Impl>()) {}
CodeIndex::~CodeIndex() = default;

void CodeIndex::Add(std::span<const uint64_t> codes) {
  impl_->index.add(static_cast<faiss::IndexBinary::idx_t>(codes.size()), Bytes(codes));
}

void CodeIndex::Search(std::span<const uint64_t> queries, int radius,
                       const std::function<void(size_t, int64_t)>& found) const {
  if (queries.empty() || impl_->index.ntotal == 0) return;
  const ThreadBudgetScope threads;
  faiss::RangeSearchResult result(queries.size());
  // FAISS counts what differs by less than the radius.
  impl_->index.range_search(static_cast<faiss::IndexBinary::idx_t>(queries.size()), Bytes(queries),
                            radius + 1, &result);
  for (size_t query = 0; query < queries.size(); ++query) {
    for (size_t i = result.lims[query]; i < result.lims[query + 1]; ++i) found(query, result.labels[i]);
  }
}

}  // namespace crossface
