#include <cstring>

#include "crossface/media/metadata/metadata.h"

namespace crossface {
namespace {

// Far above what real files have, so that a made-up file costs no time and no memory.
constexpr int kMaxBoxes = 4096;
constexpr int64_t kMaxPayload = 8 << 20;

constexpr std::string_view kXmpUuid("\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC", 16);

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// Boxes of ISO 14496-12 4.2: a size, a type, a payload, which for some types is boxes again.
class BoxReader {
 public:
  BoxReader(const InputFile& file, SourceInfo& info) : file_(file), info_(info) {}

  void Visit(int64_t begin, int64_t end, std::string_view parent) {
    while (begin + 8 <= end && ++visited_ <= kMaxBoxes) {
      const Result<std::string> head = file_.ReadAt(begin, 16);
      if (!head.ok() || head->size() < 8) return;
      const std::string_view type = std::string_view(*head).substr(4, 4);
      int64_t header = 8, size = static_cast<int64_t>(BigEndian(std::string_view(*head).substr(0, 4)));
      if (size == 1 && head->size() == 16) {
        header = 16;
        const uint64_t large = BigEndian(std::string_view(*head).substr(8, 8));
        if (large > static_cast<uint64_t>(end)) return;
        size = static_cast<int64_t>(large);
      } else if (size == 0) {
        size = end - begin;
      }
      if (size < header || size > end - begin) return;
      Take(type, parent, begin + header, begin + size);
      begin += size;
    }
  }

 private:
  void Take(std::string_view type, std::string_view parent, int64_t begin, int64_t end) {
    if (type == "moov" && parent.empty()) return Visit(begin, end, "moov");
    if (type == "udta" && parent == "moov") return Visit(begin, end, "udta");
    if (type == "XMP_" && parent == "udta") return ReadXmp(Payload(begin, end), info_);
    if (type == "\xA9TIM" && parent == "udta" && info_.timecode.empty()) {
      // Two bytes of length, two of language, text.
      const std::string text = Payload(begin, end);
      info_.timecode =
          NormaliseTimecode(text.size() > 4 ? std::string_view(text).substr(4) : std::string_view());
      if (!info_.timecode.empty()) info_.timecode_from = "user data";
    }
    if (type == "uuid" && parent.empty() && end - begin > 16 && end - begin <= kMaxPayload) {
      const std::string payload = Payload(begin, end);
      if (payload.starts_with(kXmpUuid)) ReadXmp(payload.substr(kXmpUuid.size()), info_);
    }
  }

  std::string Payload(int64_t begin, int64_t end) const {
    if (end - begin > kMaxPayload) return "";
    Result<std::string> payload = file_.ReadAt(begin, static_cast<size_t>(end - begin));
    return payload.ok() ? *std::move(payload) : "";
  }

  const InputFile& file_;
  SourceInfo& info_;
  int visited_ = 0;
};

}  // namespace

void ReadIsoBoxes(const InputFile& file, SourceInfo& info) {
  const Result<std::string> head = file.ReadAt(0, 8);
  if (!head.ok() || head->size() < 8) return;
  const std::string_view type = std::string_view(*head).substr(4);
  for (const std::string_view known : {"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"}) {
    if (type == known) return BoxReader(file, info).Visit(0, file.size(), "");
  }
}

}  // namespace crossface
