#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "crossface/media/metadata/metadata.h"

extern "C" {
#include <libavutil/timecode.h>
}

namespace crossface {
namespace {

// "Modified Digital Video Pack Metadata" in H.264 user data, as AVCHD camcorders (MTS, M2TS) write it: the
// UUID, "MDPM", a count, then that many packs of a tag and four bytes; tags as in DV and EXIF.
constexpr std::string_view kMdpm("\x17\xee\x8c\x60\xf8\x4d\x11\xd9\x8c\xd6\x08\x00\x20\x0c\x9a\x66MDPM", 20);

class MdpmPacks {
 public:
  explicit MdpmPacks(std::span<const uint8_t> packs) : packs_(packs) {}

  // The four bytes of a tag; nullptr when it is not there.
  const uint8_t* Find(uint8_t tag) const {
    for (size_t at = 0; at + 5 <= packs_.size(); at += 5) {
      if (packs_[at] == tag) return &packs_[at + 1];
    }
    return nullptr;
  }

  // The EXIF rational that four bytes hold as two 16-bit numbers.
  std::optional<double> Rational(uint8_t tag) const {
    const uint8_t* const bytes = Find(tag);
    if (bytes == nullptr) return std::nullopt;
    const int numerator = bytes[0] << 8 | bytes[1], denominator = bytes[2] << 8 | bytes[3];
    if (denominator == 0) return std::nullopt;
    return static_cast<double>(numerator) / denominator;
  }

 private:
  std::span<const uint8_t> packs_;
};

// Tag 0x18: zone, then year and month in binary-coded decimals; 0x19: day, hour, minute, second. The zone's
// lowest bit is a half hour, the next four whole hours, bit 5 the sign.
std::string MdpmDate(const MdpmPacks& packs) {
  const uint8_t *const date = packs.Find(0x18), *const time = packs.Find(0x19);
  if (date == nullptr || time == nullptr) return "";
  const std::string local = fmt::format("{:02x}{:02x}-{:02x}-{:02x}T{:02x}:{:02x}:{:02x}", date[1], date[2],
                                        date[3], time[0], time[1], time[2], time[3]);
  // With all bits set the camera does not say.
  if (date[0] == 0xFF) return NormaliseDate(local);
  return NormaliseDate(fmt::format("{}{}{:02}:{}", local, date[0] & 0x20 ? '-' : '+', date[0] >> 1 & 0x0F,
                                   date[0] & 1 ? "30" : "00"));
}

// Three packs: degrees, minutes, seconds. The letter before them: 'S' and 'W' are negative.
std::optional<double> MdpmCoordinate(const MdpmPacks& packs, uint8_t reference, char negative, double limit) {
  const uint8_t* const letter = packs.Find(reference);
  const auto degrees = packs.Rational(static_cast<uint8_t>(reference + 1)),
             minutes = packs.Rational(static_cast<uint8_t>(reference + 2)),
             seconds = packs.Rational(static_cast<uint8_t>(reference + 3));
  if (letter == nullptr || !degrees || !minutes || !seconds) return std::nullopt;
  const double value = *degrees + *minutes / 60 + *seconds / 3600;
  if (value > limit) return std::nullopt;
  return letter[0] == static_cast<uint8_t>(negative) ? -value : value;
}

std::string MdpmMake(const MdpmPacks& packs) {
  const uint8_t* const make = packs.Find(0xE0);
  if (make == nullptr) return "";
  switch (make[0] << 8 | make[1]) {
    case 0x0103:
      return "Panasonic";
    case 0x0108:
      return "Sony";
    case 0x1011:
      return "Canon";
    case 0x1104:
      return "JVC";
    default:
      return "";
  }
}

void TakeTimecode(const std::string& text, const char* from, SourceInfo& info) {
  if (!info.timecode.empty()) return;
  info.timecode = NormaliseTimecode(text);
  if (!info.timecode.empty()) info.timecode_from = from;
}

void ReadMdpm(const MdpmPacks& packs, SourceInfo& info) {
  if (const uint8_t* const time = packs.Find(0x13)) {
    TakeTimecode(fmt::format("{:02x}:{:02x}:{:02x}:{:02x}", time[3], time[2], time[1], time[0]), "MDPM",
                 info);
  }
  if (info.created.empty()) {
    info.created = MdpmDate(packs);
    if (!info.created.empty()) info.created_from = "MDPM";
  }
  const auto latitude = MdpmCoordinate(packs, 0xB1, 'S', 90),
             longitude = MdpmCoordinate(packs, 0xB5, 'W', 180);
  if (!info.latitude && latitude && longitude) {
    info.latitude = latitude;
    info.longitude = longitude;
    info.located_from = "MDPM";
  }
  if (info.make.empty()) {
    info.make = MdpmMake(packs);
    info.device = DeviceName(info.make, info.model);
  }
}

}  // namespace

void ReadPictureTags(const AVFrame& first, SourceInfo& info) {
  char text[AV_TIMECODE_STR_SIZE];
  for (int i = 0; i < first.nb_side_data; ++i) {
    const AVFrameSideData& data = *first.side_data[i];
    if (data.type == AV_FRAME_DATA_S12M_TIMECODE && data.size >= 8) {
      uint32_t words[2];
      std::memcpy(words, data.data, sizeof words);
      if (words[0] == 0) continue;
      av_timecode_make_smpte_tc_string2(text, av_d2q(info.fps, 1'001'000), words[1], 0, 0);
      TakeTimecode(text, "SEI time code", info);
    } else if (data.type == AV_FRAME_DATA_GOP_TIMECODE && data.size >= sizeof(int64_t)) {
      int64_t bits = 0;
      std::memcpy(&bits, data.data, sizeof bits);
      av_timecode_make_mpeg_tc_string(text, static_cast<uint32_t>(bits));
      TakeTimecode(text, "GOP time code", info);
    } else if (data.type == AV_FRAME_DATA_SEI_UNREGISTERED && data.size > kMdpm.size() &&
               std::memcmp(data.data, kMdpm.data(), kMdpm.size()) == 0) {
      const size_t stated = size_t{5} * data.data[kMdpm.size()], there = data.size - kMdpm.size() - 1;
      ReadMdpm(MdpmPacks({data.data + kMdpm.size() + 1, std::min(stated, there)}), info);
    }
  }
}

}  // namespace crossface
