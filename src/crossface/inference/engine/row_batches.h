// How many rows a net computes at once. The one place that decides it: by the memory there is, and by half as
// many again and again when it was too much. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "crossface/inference/engine/tensor.h"
#include "crossface/util/status.h"

namespace crossface {

// What a picture takes while a net computes it, in times its bytes as the net's input: for RowBatches::Run.
// bench/gpu measured 14 to 37 on the CPU; cuDNN takes more to work with.
inline constexpr int64_t kBytesPerInputByte = 64;

class RowBatches {
 public:
  using Net = std::function<Result<std::vector<Tensor>>(std::span<const Tensor> inputs)>;

  // `memory`: bytes that a run may take, about; what is not known is as much as one likes.
  explicit RowBatches(int64_t memory = std::numeric_limits<int64_t>::max()) : memory_(memory) {}

  // Calls the net on pieces of the first input's rows (its first dimension), with the other inputs as they
  // are, and puts the outputs' rows together again. The net must compute rows by themselves. A piece for
  // which it answers kOutOfResources is tried again as two halves, and no later run takes more than such a
  // half. `bytes_per_row` > 0: what a row takes while it is computed, about. Errors: the net's, where it has
  // other errors, or too little memory for one row; kMismatch for outputs that have not a row for each of the
  // input's.
  Result<std::vector<Tensor>> Run(const Net& net, std::span<const Tensor> inputs, int64_t bytes_per_row);

 private:
  const int64_t memory_;
  std::atomic<int64_t> most_ = std::numeric_limits<int64_t>::max();
};

}  // namespace crossface
