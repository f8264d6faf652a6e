#include "crossface/inference/engine/row_batches.h"

#include <fmt/format.h>

#include <algorithm>

namespace crossface {
namespace {

Tensor RowsOf(const Tensor& tensor, int64_t first, int64_t count) {
  const auto row = static_cast<int64_t>(tensor.data.size()) / tensor.shape.front();
  Tensor part{.shape = tensor.shape, .data = {}};
  part.shape.front() = count;
  part.data.assign(tensor.data.begin() + first * row, tensor.data.begin() + (first + count) * row);
  return part;
}

Status Append(std::vector<Tensor> part, int64_t rows, std::vector<Tensor>* whole) {
  for (const Tensor& tensor : part) {
    if (!tensor.shape.empty() && tensor.shape.front() == rows) continue;
    return {StatusCode::kMismatch, fmt::format("a net answered {} rows with {}", rows,
                                               tensor.shape.empty() ? 0 : tensor.shape.front())};
  }
  if (whole->empty()) {
    *whole = std::move(part);
    return {};
  }
  for (size_t i = 0; i < part.size(); ++i) {
    Tensor& all = (*whole)[i];
    all.shape.front() += rows;
    all.data.insert(all.data.end(), part[i].data.begin(), part[i].data.end());
  }
  return {};
}

}  // namespace

Result<std::vector<Tensor>> RowBatches::Run(const Net& net, std::span<const Tensor> inputs,
                                            int64_t bytes_per_row) {
  const int64_t rows = inputs.front().shape.front();
  const int64_t by_memory = std::max<int64_t>(1, memory_ / bytes_per_row);
  std::vector<Tensor> whole, piece(inputs.begin() + 1, inputs.end());
  piece.emplace(piece.begin());
  for (int64_t first = 0; first < rows;) {
    const int64_t count = std::min({rows - first, by_memory, most_.load()});
    const bool is_all = count == rows;
    if (!is_all) piece.front() = RowsOf(inputs.front(), first, count);
    Result<std::vector<Tensor>> answer = net(is_all ? inputs : std::span<const Tensor>(piece));
    if (answer.status().code() == StatusCode::kOutOfResources && count > 1) {
      int64_t most = most_.load();
      while (count / 2 < most && !most_.compare_exchange_weak(most, count / 2)) {
      }
      continue;
    }
    if (!answer.ok()) return answer.status();
    CROSSFACE_RETURN_IF_ERROR(Append(std::move(*answer), count, &whole));
    first += count;
  }
  return whole;
}

}  // namespace crossface
