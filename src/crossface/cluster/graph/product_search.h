// The largest inner products of many vectors with many others, computed by a device: the costly step of the
// search for neighbours. A net does it, a matrix product and a choice of the best, so that it runs wherever
// detection and embedding run.
//
// Products are rounded as the device rounds them, which can change who is last among the candidates; these
// are scored exactly afterwards (neighbour_graph.h). Of equal products any is taken. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "crossface/cluster/graph/spherical_kmeans.h"
#include "crossface/inference/engine/session.h"
#include "crossface/util/status.h"

namespace crossface {

class ProductSearch {
 public:
  // Errors: those of Session::Load.
  static Result<std::shared_ptr<const ProductSearch>> On(const SessionOptions& options);

  // For every query the `most` targets with the largest products, falling, as numbers of rows: `products` and
  // `found` are filled query by query. REQUIRES: 1 <= most <= targets.rows() < 2^24. Errors: those of
  // Session::RunRows.
  Status Search(const RowMatrix& queries, const RowMatrix& targets, size_t most, std::span<float> products,
                std::span<int64_t> found) const;

  const Device& device() const { return session_->device(); }

 private:
  explicit ProductSearch(std::unique_ptr<Session> session) : session_(std::move(session)) {}
  const std::unique_ptr<Session> session_;
};

}  // namespace crossface
