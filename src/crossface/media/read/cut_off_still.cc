#include "crossface/media/read/cut_off_still.h"

#include <algorithm>
#include <cstdint>

namespace crossface {
namespace {

constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
constexpr std::string_view kClosingChunk("\0\0\0\0IEND\xAE\x42\x60\x82", 12);
constexpr size_t kCheckSumBytes = 4;

uint32_t BigEndian(const std::string& file, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(file[at + i]);
  return value;
}

}  // namespace

bool JpegIsCutOff(std::string_view file) {
  if (!file.starts_with("\xFF\xD8")) return false;
  // In the compressed data the end marker cannot occur; before it, in an embedded thumbnail, it can.
  const size_t scan = file.find("\xFF\xDA", 2);
  return scan == std::string_view::npos || file.find("\xFF\xD9", scan) == std::string_view::npos;
}

bool CloseCutOffPng(std::string& file) {
  if (!file.starts_with(kSignature)) return false;
  bool has_data = false;
  size_t at = kSignature.size();
  while (at + 8 <= file.size()) {
    const uint32_t length = BigEndian(file, at);
    const std::string_view type(file.data() + at + 4, 4);
    if (type == "IEND") return false;
    const size_t begin = at + 8;
    if (file.size() - begin < size_t{length} + kCheckSumBytes) {
      const size_t left = file.size() - begin;
      if (type == "IDAT" && left > 0) {
        const size_t kept = std::min<size_t>(left, length);
        for (size_t i = 0; i < 4; ++i) file[at + i] = static_cast<char>(kept >> (8 * (3 - i)));
        file.resize(begin + kept);
        file.append(kCheckSumBytes, '\0');
        file.append(kClosingChunk);
        return true;
      }
      break;
    }
    has_data = has_data || type == "IDAT";
    at = begin + length + kCheckSumBytes;
  }
  if (!has_data) return false;
  file.resize(std::min(at, file.size()));
  file.append(kClosingChunk);
  return true;
}

}  // namespace crossface
