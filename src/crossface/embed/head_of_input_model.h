// A net for tests that hands on the first values of what it is given, times a factor: shows what enters a net
// whose weights are not to be had, and makes broken answers. Written as ONNX (protocol buffers) by hand,
// because no library here writes it.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "crossface/inference/engine/onnx_message.h"

namespace crossface::testing {

// Input [any, sizes...], output [any, `head`]: the first `head` of the input's values, row-major, times
// `factor`.
inline void WriteHeadOfInputModel(const std::filesystem::path& path, const std::vector<int64_t>& sizes,
                                  int64_t head, const std::string& input, const std::string& output,
                                  float factor = 1) {
  using protobuf::Bytes;
  using protobuf::Number;
  constexpr uint64_t kFloat = 1, kInt64 = 7, kIntAttribute = 2;
  const auto node = [](const std::string& type, const std::vector<std::string>& inputs,
                       const std::string& result, const std::string& attribute = "") {
    std::string message;
    for (const std::string& name : inputs) message += Bytes(1, name);
    return Bytes(1, message + Bytes(2, result) + Bytes(4, type) + attribute);
  };
  const auto raw = [](const auto& value) {
    std::string bytes(sizeof(value), '\0');
    std::memcpy(bytes.data(), &value, sizeof(value));
    return bytes;
  };
  const auto constant = [&](const std::string& name, uint64_t type, const std::string& data) {
    return Bytes(5, Number(1, 1) + Number(2, type) + Bytes(8, name) + Bytes(9, data));
  };
  const auto value_info = [&](int field, const std::string& name, const std::vector<int64_t>& shape) {
    std::string dimensions = Bytes(1, Bytes(2, "batch"));
    for (int64_t size : shape) dimensions += Bytes(1, Number(1, static_cast<uint64_t>(size)));
    return Bytes(field, Bytes(1, name) + Bytes(2, Bytes(1, Number(1, kFloat) + Bytes(2, dimensions))));
  };
  const std::string axis_one = Bytes(5, Bytes(1, "axis") + Number(3, 1) + Number(20, kIntAttribute));
  const std::string graph =
      node("Flatten", {input}, "flat", axis_one) + node("Slice", {"flat", "from", "to", "axis"}, "head") +
      node("Mul", {"head", "factor"}, output) + Bytes(2, "head of input") +
      constant("from", kInt64, raw(int64_t{0})) + constant("to", kInt64, raw(head)) +
      constant("axis", kInt64, raw(int64_t{1})) + constant("factor", kFloat, raw(factor)) +
      value_info(11, input, sizes) + value_info(12, output, {head});
  const std::string opset = Bytes(1, "") + Number(2, 13);
  std::ofstream(path, std::ios::binary) << Number(1, 8) + Bytes(7, graph) + Bytes(8, opset);
}

}  // namespace crossface::testing
