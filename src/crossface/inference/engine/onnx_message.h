// Pieces of messages as ONNX files have them (protocol buffers), for small nets that are made while the
// program runs: no library here writes them. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace crossface::protobuf {

inline std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes.push_back(static_cast<char>(value | 128));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}
inline std::string Number(int field, uint64_t value) {
  return Varint(static_cast<uint64_t>(field) << 3) + Varint(value);
}
inline std::string Bytes(int field, const std::string& value) {
  return Varint(static_cast<uint64_t>(field) << 3 | 2) + Varint(value.size()) + value;
}

}  // namespace crossface::protobuf
