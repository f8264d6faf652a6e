#include "crossface/media/file/iso_boxes.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace crossface {
namespace {

// Far above what real files have, so that a made-up file costs no time.
constexpr size_t kMaxBoxes = 1 << 16;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

bool IsTypeByte(char byte) { return (byte >= ' ' && byte <= '~') || byte == '\xA9'; }

// Entries of picture tracks have 78 bytes of fields before their boxes (ISO 14496-12 12.1.3).
constexpr int64_t kVisualFields = 78;

IsoSampleFormat ReadSampleFormat(const InputFile& file, const IsoBox& entry) {
  IsoSampleFormat format{.type = entry.type};
  format.encrypted = entry.type == "encv" || entry.type == "drmi" || entry.type == "drmv";
  for (const IsoBox& box : ListIsoBoxes(file, entry.begin + kVisualFields, entry.end)) {
    if (box.type != "sinf") continue;
    format.encrypted = true;
    for (const IsoBox& part : ListIsoBoxes(file, box.begin, box.end)) {
      if (part.type != "schm") continue;
      // After version and flags.
      const Result<std::string> scheme = file.ReadAt(part.begin + 4, 4);
      constexpr std::string_view kCommon[] = {"cenc", "cens", "cbc1", "cbcs"};
      format.common_encryption =
          scheme.ok() && std::find(std::begin(kCommon), std::end(kCommon), *scheme) != std::end(kCommon);
    }
  }
  return format;
}

void Collect(const InputFile& file, int64_t begin, int64_t end, int depth,
             std::vector<IsoSampleFormat>* formats) {
  constexpr std::string_view kPath[] = {"moov", "trak", "mdia", "minf", "stbl", "stsd"};
  for (const IsoBox& box : ListIsoBoxes(file, begin, end)) {
    if (box.type != kPath[depth]) continue;
    if (box.type != "stsd") {
      Collect(file, box.begin, box.end, depth + 1, formats);
      continue;
    }
    for (const IsoBox& entry : ListIsoBoxes(file, box.begin + 8, box.end))
      formats->push_back(ReadSampleFormat(file, entry));
  }
}

}  // namespace

IsoBox ReadIsoBox(const InputFile& file, int64_t at) {
  const Result<std::string> head = file.ReadAt(at, 16);
  if (!head.ok() || head->size() < 8) return {};
  const std::string_view bytes = *head;
  IsoBox box{.type = std::string(bytes.substr(4, 4)), .at = at, .begin = at + 8};
  if (!std::all_of(box.type.begin(), box.type.end(), &IsTypeByte)) return {};
  uint64_t size = BigEndian(bytes.substr(0, 4));
  if (size == 1 && bytes.size() == 16) {
    box.begin = at + 16;
    size = BigEndian(bytes.substr(8, 8));
  } else if (size == 0) {
    size = static_cast<uint64_t>(file.size() - at);
  }
  if (size < static_cast<uint64_t>(box.begin - at)) return {};
  const auto longest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max() - at);
  box.end = at + static_cast<int64_t>(std::min(size, longest));
  return box;
}

std::vector<IsoBox> ListIsoBoxes(const InputFile& file, int64_t begin, int64_t end) {
  std::vector<IsoBox> boxes;
  for (int64_t at = begin; at + 8 <= end && boxes.size() < kMaxBoxes;) {
    IsoBox box = ReadIsoBox(file, at);
    if (box.type.empty() || box.end > end) break;
    at = box.end;
    boxes.push_back(std::move(box));
  }
  return boxes;
}

std::vector<IsoSampleFormat> ListIsoSampleFormats(const InputFile& file) {
  std::vector<IsoSampleFormat> formats;
  Collect(file, 0, file.size(), 0, &formats);
  return formats;
}

}  // namespace crossface
