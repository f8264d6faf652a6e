#include "crossface/media/read/avi_empty_frames.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace crossface {
namespace {

constexpr int64_t kHeadBytes = 8, kListHeadBytes = 12;
// Small chunks come many to a read.
constexpr size_t kBlockBytes = 1 << 16;

// The bytes of a file, a block at a time.
class Heads {
 public:
  explicit Heads(const InputFile& file) : file_(file) {}

  // The `count` bytes at `offset`; nothing where the file has fewer or cannot be read.
  std::string_view At(int64_t offset, size_t count) {
    const auto end = offset + static_cast<int64_t>(count);
    if (offset < begin_ || end > begin_ + static_cast<int64_t>(block_.size())) {
      Result<std::string> read = file_.ReadAt(offset, kBlockBytes);
      if (!read.ok()) return {};
      block_ = std::move(*read);
      begin_ = offset;
    }
    return block_.size() < count
               ? std::string_view()
               : std::string_view(block_).substr(static_cast<size_t>(offset - begin_), count);
  }

 private:
  const InputFile& file_;
  int64_t begin_ = 0;
  std::string block_;
};

uint32_t LittleEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

}  // namespace

int64_t CountEmptyAviFrames(const InputFile& file, int stream) {
  const std::string compressed = fmt::format("{:02}dc", stream), plain = fmt::format("{:02}db", stream);
  Heads heads(file);
  int64_t empty = 0;
  for (int64_t at = 0; at + kHeadBytes <= file.size();) {
    const std::string_view head = heads.At(at, kHeadBytes);
    if (head.empty()) break;
    const std::string name(head.substr(0, 4));
    const int64_t size = LittleEndian(head.substr(4));
    if (name == "RIFF" || name == "LIST") {
      const std::string_view type = heads.At(at + kHeadBytes, 4);
      // What holds chunks of pictures is entered, other lists are passed over.
      const bool entered = name == "RIFF" || type == "movi" || type == "rec ";
      at += entered ? kListHeadBytes : kHeadBytes + size + size % 2;
      continue;
    }
    for (const char letter : name) {
      if (letter < ' ' || letter > '~') return empty;
    }
    if (size == 0 && (name == compressed || name == plain)) ++empty;
    at += kHeadBytes + size + size % 2;
  }
  return empty;
}

}  // namespace crossface
