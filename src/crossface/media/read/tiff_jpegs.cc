#include "crossface/media/read/tiff_jpegs.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <set>
#include <string>

#include "crossface/media/file/jpeg_layout.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr size_t kMaxDirectories = 64, kMaxTags = 512;
constexpr int64_t kMaxJpegBytes = 256 << 20;

class Directories {
 public:
  explicit Directories(const InputFile& file) : file_(file) {
    const Result<std::string> head = file.ReadAt(0, 8);
    if (!head.ok() || head->size() < 8) return;
    little_ = head->starts_with("II");
    if (Number(*head, 2, 2) == 42) Visit(Number(*head, 4, 4));
  }

  std::vector<JpegInTiff> Take() {
    std::stable_sort(found_.begin(), found_.end(),
                     [](const auto& a, const auto& b) { return a.pixels > b.pixels; });
    return std::move(found_);
  }

 private:
  uint32_t Number(const std::string& bytes, size_t at, size_t count) const {
    uint32_t value = 0;
    for (size_t i = 0; i < count && at + i < bytes.size(); ++i)
      value = value << 8 | static_cast<uint8_t>(bytes[little_ ? at + count - 1 - i : at + i]);
    return value;
  }

  void Visit(uint32_t offset) {
    while (offset != 0 && seen_.size() < kMaxDirectories && seen_.insert(offset).second) {
      const Result<std::string> bytes = file_.ReadAt(offset, 2 + 12 * kMaxTags + 4);
      if (!bytes.ok() || bytes->size() < 2) return;
      const size_t tags = std::min<size_t>(Number(*bytes, 0, 2), kMaxTags);
      if (bytes->size() < 2 + 12 * tags) return;
      Read(*bytes, tags);
      offset = Number(*bytes, 2 + 12 * tags, 4);
    }
  }

  void Read(const std::string& directory, size_t tags) {
    constexpr uint32_t kCompression = 259, kStrip = 273, kStripBytes = 279, kSub = 330, kJpeg = 513,
                       kJpegBytes = 514;
    uint32_t compression = 0, strip = 0, strip_bytes = 0, jpeg = 0, jpeg_bytes = 0;
    std::vector<uint32_t> sub;
    for (size_t i = 0; i < tags; ++i) {
      const size_t at = 2 + 12 * i;
      const uint32_t tag = Number(directory, at, 2), count = Number(directory, at + 4, 4);
      const uint32_t value = Number(directory, at + 8, Number(directory, at + 2, 2) == 3 ? 2 : 4);
      if (tag == kCompression) compression = value;
      if (tag == kStrip && count == 1) strip = value;
      if (tag == kStripBytes && count == 1) strip_bytes = value;
      if (tag == kJpeg) jpeg = value;
      if (tag == kJpegBytes) jpeg_bytes = value;
      if (tag == kSub) sub = Offsets(count, value);
    }
    if (compression == 6 || compression == 7) Note(strip, strip_bytes);
    Note(jpeg, jpeg_bytes);
    for (const uint32_t offset : sub) Visit(offset);
  }

  std::vector<uint32_t> Offsets(uint32_t count, uint32_t value) const {
    if (count == 1) return {value};
    const Result<std::string> bytes = file_.ReadAt(value, size_t{4} * std::min<uint32_t>(count, 16));
    std::vector<uint32_t> offsets;
    for (size_t at = 0; bytes.ok() && at + 4 <= bytes->size(); at += 4)
      offsets.push_back(Number(*bytes, at, 4));
    return offsets;
  }

  void Note(uint32_t begin, uint32_t bytes) {
    if (begin == 0 || bytes == 0 || bytes > kMaxJpegBytes) return;
    const Result<std::string> content = file_.ReadAt(begin, bytes);
    if (!content.ok() || !content->starts_with("\xFF\xD8\xFF")) return;
    if (const int64_t pixels = ReadJpegLayout(*content).pixels; pixels > 0)
      found_.push_back({begin, bytes, pixels});
  }

  const InputFile& file_;
  bool little_ = true;
  std::set<uint32_t> seen_;
  std::vector<JpegInTiff> found_;
};

}  // namespace

std::vector<JpegInTiff> FindJpegsInTiff(const InputFile& file) { return Directories(file).Take(); }

Result<LibavPtr<AVFrame>> DecodeJpeg(const InputFile& file, const JpegInTiff& jpeg) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string content,
                             file.ReadAt(jpeg.begin, static_cast<size_t>(jpeg.bytes)));
  LibavLog log;
  const LibavPtr<AVCodecContext> decoder(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG)));
  const LibavPtr<AVPacket> packet(av_packet_alloc());
  LibavPtr<AVFrame> frame(av_frame_alloc());
  if (!decoder || !packet || !frame) throw std::bad_alloc();
  decoder->opaque = &log;
  if (av_new_packet(packet.get(), static_cast<int>(content.size())) < 0) throw std::bad_alloc();
  std::memcpy(packet->data, content.data(), content.size());
  int error = avcodec_open2(decoder.get(), nullptr, nullptr);
  if (error >= 0) error = avcodec_send_packet(decoder.get(), packet.get());
  if (error >= 0) error = avcodec_send_packet(decoder.get(), nullptr);
  if (error >= 0) error = avcodec_receive_frame(decoder.get(), frame.get());
  if (error >= 0) return frame;
  return Status(
      StatusCode::kCorrupt,
      DisplayPath(file.path()) + ": the JPEG picture inside cannot be decoded: " + LibavErrorText(error));
}

}  // namespace crossface
