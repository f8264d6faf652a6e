#include "crossface/media/read/encryption.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "crossface/media/file/iso_boxes.h"

extern "C" {
#include <libavutil/dict.h>
}

namespace crossface {
namespace {

constexpr size_t kLooked = 4 << 20;

uint8_t Byte(const std::string& bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

struct Share {
  int scrambled = 0, all = 0;
  bool Most() const { return scrambled * 2 > all; }
};

// Packets of 188 bytes (204 with error correction, 192 with a time stamp) with the stream's number; two bits
// of the fourth byte say which key they are scrambled with.
bool TransportPacketsAreScrambled(const std::string& bytes, int stream_number) {
  for (const size_t length : {size_t{188}, size_t{192}, size_t{204}}) {
    const size_t start = length == 192 ? 4 : 0;
    Share share;
    size_t synchronised = 0, packets = 0;
    for (size_t at = start; at + 188 <= bytes.size(); at += length, ++packets) {
      if (Byte(bytes, at) != 0x47) continue;
      ++synchronised;
      const int number = (Byte(bytes, at + 1) & 0x1F) << 8 | Byte(bytes, at + 2);
      if (number != stream_number) continue;
      ++share.all;
      share.scrambled += (Byte(bytes, at + 3) & 0xC0) != 0;
    }
    if (synchronised * 10 > packets * 9) return share.Most();
  }
  return false;
}

// The packets of DVDs: start code, stream number, length, and two bits for the scrambling.
bool ProgramPacketsAreScrambled(const std::string& bytes, int stream_number) {
  const std::string start = std::string("\0\0\1", 3) + static_cast<char>(stream_number);
  Share share;
  for (size_t at = bytes.find(start); at != std::string::npos && at + 6 < bytes.size();
       at = bytes.find(start, at + 4)) {
    const uint8_t flags = Byte(bytes, at + 6);
    if ((flags & 0xC0) != 0x80) continue;  // no packet of MPEG-2
    ++share.all;
    share.scrambled += (flags & 0x30) != 0;
  }
  return share.Most();
}

}  // namespace

bool IsEncrypted(const AVPacket& packet) {
  size_t bytes = 0;
  return av_packet_get_side_data(&packet, AV_PKT_DATA_ENCRYPTION_INFO, &bytes) != nullptr;
}

bool IsLocked(const AVFormatContext& format, const AVStream& stream, const InputFile& file) {
  const auto has_tag = [](const AVDictionary* tags, const char* key) {
    return av_dict_get(tags, key, nullptr, 0) != nullptr;
  };
  if (has_tag(format.metadata, "ASF_Protection_Type") || has_tag(stream.metadata, "enc_key_id")) return true;
  if (!std::string_view(format.iformat->name).starts_with("mov,")) return false;
  const auto formats = ListIsoSampleFormats(file);
  return std::any_of(formats.begin(), formats.end(),
                     [](const auto& format) { return format.encrypted && !format.common_encryption; });
}

bool SaysEncrypted(const AVFormatContext& format, const AVStream& stream, const InputFile& file) {
  const std::string_view container = format.iformat->name;
  if (container.starts_with("mov,")) {
    const auto formats = ListIsoSampleFormats(file);
    return std::any_of(formats.begin(), formats.end(), [](const auto& format) { return format.encrypted; });
  }
  if (container != "mpegts" && container != "mpeg") return false;
  const Result<std::string> bytes = file.ReadAt(0, kLooked);
  if (!bytes.ok()) return false;
  return container == "mpegts" ? TransportPacketsAreScrambled(*bytes, stream.id)
                               : ProgramPacketsAreScrambled(*bytes, stream.id);
}

}  // namespace crossface
