#include "crossface/cluster/graph/device_products.h"

#include <algorithm>
#include <string>
#include <vector>

#include "crossface/inference/engine/onnx_message.h"

namespace crossface {
namespace {

using protobuf::Bytes;
using protobuf::Number;

// What a query takes of a device's memory for each target: the product, and what TopK makes of it to sort
// (pairs of product and number, in and out).
constexpr int64_t kBytesPerProduct = 32;

std::string Node(const std::string& type, const std::vector<std::string>& inputs,
                 const std::vector<std::string>& outputs, const std::string& attributes = "") {
  std::string message;
  for (const std::string& name : inputs) message += Bytes(1, name);
  for (const std::string& name : outputs) message += Bytes(2, name);
  return Bytes(1, message + Bytes(4, type) + attributes);
}

std::string Attribute(const std::string& name, uint64_t value) {
  constexpr uint64_t kInteger = 2;
  return Bytes(5, Bytes(1, name) + Number(3, value) + Number(20, kInteger));
}

constexpr uint64_t kFloat = 1, kInt64 = 7;

// Float32, of sizes that have these names.
std::string Value(int field, const std::string& name, const std::vector<std::string>& sizes) {
  std::string shape;
  for (const std::string& size : sizes) shape += Bytes(1, Bytes(2, size));
  return Bytes(field, Bytes(1, name) + Bytes(2, Bytes(1, Number(1, kFloat) + Bytes(2, shape))));
}

// Numbers come out as floats, which hold them up to 2^24, because that is what a Session gives.
std::string Net() {
  constexpr int kInput = 11, kOutput = 12;
  constexpr uint64_t kIrVersion = 8, kOpset = 13;
  const std::string graph =
      Node("Cast", {"most"}, {"count"}, Attribute("to", kInt64)) +
      Node("Gemm", {"queries", "targets"}, {"all"}, Attribute("transB", 1)) +
      Node("TopK", {"all", "count"}, {"products", "numbers"}, Attribute("axis", 1)) +
      Node("Cast", {"numbers"}, {"found"}, Attribute("to", kFloat)) + Bytes(2, "largest products") +
      Value(kInput, "queries", {"queries", "dimensions"}) +
      Value(kInput, "targets", {"targets", "dimensions"}) + Value(kInput, "most", {"one"}) +
      Value(kOutput, "products", {"queries", "kept"}) + Value(kOutput, "found", {"queries", "kept"});
  return Number(1, kIrVersion) + Bytes(7, graph) + Bytes(8, Bytes(1, "") + Number(2, kOpset));
}

Tensor TensorOf(const RowMatrix& rows) {
  return {.shape = {rows.rows(), rows.cols()}, .data = {rows.data(), rows.data() + rows.size()}};
}

}  // namespace

Result<std::shared_ptr<DeviceProducts>> DeviceProducts::On(const SessionOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(auto session,
                             Session::Of("the search for neighbours", Net(),
                                         {{"queries", {-1, -1}}, {"targets", {-1, -1}}, {"most", {-1}}},
                                         {{"products", {-1, -1}}, {"found", {-1, -1}}}, options));
  return std::shared_ptr<DeviceProducts>(new DeviceProducts(std::move(session)));
}

Status DeviceProducts::Search(const Next& next, const Take& take, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<ProductPart> part, next());
    if (!part) return {};
    CROSSFACE_ASSIGN_OR_RETURN(LargestProducts found, Find(*part));
    CROSSFACE_RETURN_IF_ERROR(take(std::move(found)));
  }
  return {StatusCode::kInterrupted, "clustering was stopped"};
}

Result<LargestProducts> DeviceProducts::Find(const ProductPart& part) const {
  const RowMatrix& queries = *part.queries;
  const Tensor inputs[] = {TensorOf(queries), TensorOf(part.targets), {{1}, {static_cast<float>(part.most)}}};
  const int64_t bytes =
      kBytesPerProduct * part.targets.rows() + static_cast<int64_t>(sizeof(float)) * queries.cols();
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<Tensor> outputs, session_->RunRows(inputs, bytes));
  const size_t wanted = static_cast<size_t>(queries.rows()) * part.most;
  if (outputs[0].data.size() != wanted || outputs[1].data.size() != wanted)
    return Status(StatusCode::kMismatch, "the search for neighbours answered with another number of them");
  return LargestProducts{.products = std::move(outputs[0].data),
                         .found = {outputs[1].data.begin(), outputs[1].data.end()}};
}

}  // namespace crossface
