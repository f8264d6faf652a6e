// Who computes the largest inner products of many vectors with many others, part by part: the costly step of
// the search for neighbours. The processor does it unless somebody else is named (largest_products.h).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "crossface/cluster/graph/largest_products.h"

namespace crossface {

// REQUIRES: 1 <= most <= targets.rows() < 2^24.
struct ProductPart {
  std::shared_ptr<const RowMatrix> queries;  // of several parts one after the other
  RowMatrix targets;
  size_t most = 0;  // wanted of each query
};

// Not thread-safe.
class ProductSearch {
 public:
  ProductSearch() = default;
  virtual ~ProductSearch() = default;
  ProductSearch(const ProductSearch&) = delete;
  ProductSearch& operator=(const ProductSearch&) = delete;

  using Next = std::function<Result<std::optional<ProductPart>>()>;
  using Take = std::function<Status(LargestProducts)>;
  // Asks `next` for parts until there are no more, a few ahead where that helps, and gives what was found in
  // each to `take`, in their order; both on the caller's thread. Errors: theirs; kInterrupted; its own.
  virtual Status Search(const Next& next, const Take& take, const std::stop_token& stop) = 0;
  // What computes: "cpu", "cuda:0".
  virtual std::string device() const { return "cpu"; }
};

class ProcessorProducts final : public ProductSearch {
 public:
  Status Search(const Next& next, const Take& take, const std::stop_token& stop) override;
};

}  // namespace crossface
