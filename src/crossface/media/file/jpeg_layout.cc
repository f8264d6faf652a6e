#include "crossface/media/file/jpeg_layout.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace crossface {
namespace {

constexpr std::string_view kMpf("MPF\0", 4);

uint8_t Byte(std::string_view content, size_t at) { return static_cast<uint8_t>(content[at]); }

// Numbers of a TIFF structure, in its byte order; 0 past its end.
class TiffNumbers {
 public:
  explicit TiffNumbers(std::string_view bytes) : bytes_(bytes), little_(bytes.starts_with("II")) {}
  uint32_t Read(size_t at, size_t count) const {
    if (at > bytes_.size() || bytes_.size() - at < count) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) value = value << 8 | Byte(bytes_, at + (little_ ? count - 1 - i : i));
    return value;
  }

 private:
  std::string_view bytes_;
  bool little_;
};

// The index of a multi-picture file: entries of 16 bytes, with a kind, a size and a place from `header` on.
void ReadIndex(std::string_view index, size_t header, JpegLayout* layout) {
  constexpr uint32_t kEntries = 0xB002, kKind = 0xFFFFFF, kMultiView = 0x020000;
  const TiffNumbers numbers(index);
  const size_t directory = numbers.Read(4, 4);
  const uint32_t tags = std::min<uint32_t>(numbers.Read(directory, 2), 64);
  for (uint32_t i = 0; i < tags; ++i) {
    const size_t tag = directory + 2 + size_t{12} * i;
    if (numbers.Read(tag, 2) != kEntries) continue;
    const size_t count = numbers.Read(tag + 4, 4) / 16, first = numbers.Read(tag + 8, 4);
    for (size_t entry = 0; entry < std::min<size_t>(count, 256); ++entry) {
      const size_t at = first + 16 * entry, place = numbers.Read(at + 8, 4);
      const uint32_t kind = numbers.Read(at, 4) & kKind;
      if (place > 0 && (kind & 0xFF0000) == kMultiView) layout->views.push_back(header + place);
    }
  }
}

void TakeSegment(uint8_t marker, std::string_view payload, size_t at, JpegLayout* layout) {
  if (marker == 0xE2 && payload.starts_with(kMpf)) {
    layout->describes_others = true;
    ReadIndex(payload.substr(kMpf.size()), at + kMpf.size(), layout);
  }
  // The frame header of the baseline and the two DCT processes behind it.
  if (marker >= 0xC0 && marker <= 0xC2 && payload.size() >= 5) {
    const auto number = [&](size_t i) { return int64_t{Byte(payload, i)} << 8 | Byte(payload, i + 1); };
    layout->pixels = number(1) * number(3);
  }
  if (marker != 0xE1) return;
  // Google's and Adobe's ways to say that another picture in the file belongs to this one.
  for (const std::string_view word : {"hdrgm:", "GainMap", "GDepth:", "GImage:", "DepthMap"}) {
    layout->describes_others = layout->describes_others || payload.find(word) != std::string_view::npos;
  }
}

// Behind the compressed data that begins at `at`: the next marker that is no restart.
size_t EndOfScan(std::string_view content, size_t at) {
  for (at = content.find('\xFF', at); at != std::string_view::npos; at = content.find('\xFF', at + 1)) {
    if (at + 1 >= content.size()) break;
    const uint8_t marker = Byte(content, at + 1);
    if (marker != 0 && marker != 0xFF && (marker < 0xD0 || marker > 0xD7)) return at;
  }
  return content.size();
}

}  // namespace

JpegLayout ReadJpegLayout(std::string_view content) {
  constexpr uint8_t kEnd = 0xD9, kScan = 0xDA;
  JpegLayout layout{.end = content.size()};
  size_t at = 2;
  while (at + 4 <= content.size() && Byte(content, at) == 0xFF) {
    const uint8_t marker = Byte(content, at + 1);
    if (marker == 0xFF) {  // fill
      ++at;
      continue;
    }
    if (marker == kEnd) break;
    const size_t length = size_t{Byte(content, at + 2)} << 8 | Byte(content, at + 3);
    if (length < 2 || length > content.size() - at - 2) break;
    TakeSegment(marker, content.substr(at + 4, length - 2), at + 4, &layout);
    at += 2 + length;
    if (marker == kScan) at = EndOfScan(content, at);
  }
  if (at + 2 <= content.size() && Byte(content, at) == 0xFF && Byte(content, at + 1) == kEnd)
    layout.end = at + 2;
  std::erase_if(layout.views, [&](size_t view) {
    return view < layout.end || view >= content.size() || !content.substr(view).starts_with("\xFF\xD8\xFF");
  });
  return layout;
}

}  // namespace crossface
