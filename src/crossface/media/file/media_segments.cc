#include "crossface/media/file/media_segments.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "crossface/media/file/iso_boxes.h"
#include "crossface/media/file/jpeg_layout.h"

namespace crossface {
namespace {

constexpr size_t kMaxSegments = 256;
// Above this a picture is not read for its end.
constexpr int64_t kMaxPictureBytes = 256 << 20;
constexpr std::string_view kPng("\x89PNG\r\n\x1a\n", 8), kEbml("\x1A\x45\xDF\xA3", 4),
    kJpeg("\xFF\xD8\xFF", 3), kFlv("FLV\1", 4),
    kAsf("\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C", 16);

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

// What ends where: `end` of this film or picture, and the `next` one's beginning where that is known already.
struct Extent {
  int64_t end = 0;
  std::optional<int64_t> next = {};
  std::vector<int64_t> views = {};  // further pictures of an MPO
  bool described = false;           // the file itself says what its further pictures are
};

// Bytes of a file by position; empty past its end.
std::string Bytes(const InputFile& file, int64_t at, size_t count) {
  const Result<std::string> bytes = file.ReadAt(at, count);
  return bytes.ok() ? *bytes : std::string();
}

bool IsOneOf(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// A file type with a film behind it, not just the four letters.
bool IsFilmAt(const InputFile& file, int64_t at) {
  const IsoBox type = ReadIsoBox(file, at);
  if (type.type != "ftyp" || type.end - type.at < 16 || type.end - type.at > 1024) return false;
  const auto boxes = ListIsoBoxes(file, type.end, file.size());
  return std::any_of(boxes.begin(), boxes.end(), [](const IsoBox& box) { return box.type == "moov"; });
}

// Where a film may be expected it need not be whole to be told.
bool BeginsFilm(const InputFile& file, const IsoBox& file_type) {
  return IsOneOf(ReadIsoBox(file, file_type.end).type,
                 {"free", "skip", "wide", "mdat", "moov", "uuid", "meta"});
}

// A film ends where another one's file type stands, or (QuickTime without file types) where boxes begin that
// belong to a second index.
Extent IsoExtent(const InputFile& file, int64_t begin) {
  const int64_t size = file.size();
  bool index = false, media = false, fragments = false;
  std::optional<int64_t> maybe_next;
  int64_t at = begin;
  while (at + 8 <= size) {
    const IsoBox box = ReadIsoBox(file, at);
    if (box.type.empty()) return {.end = at};
    // What goes past the end behind a whole film is no box.
    if (box.end > size) return {.end = index && media ? at : size};
    const bool complete = index && media && !fragments;
    if (box.type == "ftyp" && (index || media))
      return {.end = at, .next = BeginsFilm(file, box) ? std::optional(at) : std::nullopt};
    // The film of a motion photo in HEIF.
    if (box.type == "mpvd") return {.end = at, .next = box.begin};
    if (box.type == "moov" && complete)
      return {.end = maybe_next.value_or(at), .next = maybe_next.value_or(at)};
    if (complete && !maybe_next) maybe_next = at;
    index = index || IsOneOf(box.type, {"moov", "meta"});
    media = media || box.type == "mdat";
    fragments = fragments || box.type == "moof";
    at = box.end;
  }
  return {.end = at};
}

Extent RiffExtent(const InputFile& file, int64_t begin) {
  int64_t at = begin;
  for (std::string head = Bytes(file, at, 12); head.size() == 12; head = Bytes(file, at, 12)) {
    // An AVI of more than a gigabyte goes on in further chunks.
    if (at > begin && (!head.starts_with("RIFF") || head.substr(8) != "AVIX")) break;
    const auto length = static_cast<int64_t>(LittleEndian(std::string_view(head).substr(4, 4)));
    if (length < 4 || at + 8 + length > file.size()) return {.end = file.size()};
    at += 8 + length + length % 2;
  }
  return {.end = std::min(at, file.size())};
}

// An element's number of bytes, as Matroska writes numbers. Nothing for the unknown size of live recordings.
std::optional<int64_t> TakeEbmlNumber(std::string_view& bytes) {
  if (bytes.empty() || bytes.front() == 0) return std::nullopt;
  size_t length = 1;
  while ((static_cast<uint8_t>(bytes.front()) & (0x80 >> (length - 1))) == 0) ++length;
  if (bytes.size() < length) return std::nullopt;
  uint64_t value = static_cast<uint8_t>(bytes.front()) & (0xFF >> length);
  for (size_t i = 1; i < length; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  bytes.remove_prefix(length);
  if (value == (uint64_t{1} << (7 * length)) - 1) return std::nullopt;
  return static_cast<int64_t>(value);
}

Extent EbmlExtent(const InputFile& file, int64_t begin) {
  constexpr std::string_view kSegment("\x18\x53\x80\x67", 4), kVoid("\xEC", 1);
  int64_t at = begin;
  for (bool first = true;; first = false) {
    const std::string head = Bytes(file, at, 16);
    std::string_view left = head;
    const bool segment = left.starts_with(kSegment);
    if (first ? !left.starts_with(kEbml) : !segment && !left.starts_with(kVoid)) return {.end = at};
    left.remove_prefix(left.starts_with(kVoid) ? kVoid.size() : kEbml.size());
    const auto length = TakeEbmlNumber(left);
    if (!length || *length > file.size() - at) return {.end = file.size()};
    at += static_cast<int64_t>(head.size() - left.size()) + *length;
    if (segment) return {.end = std::min(at, file.size())};
  }
}

// Flash: tags of a kind, a length and a time, each followed by its length again.
Extent FlvExtent(const InputFile& file, int64_t begin) {
  constexpr int64_t kHeader = 9, kTagHeader = 11, kTrailer = 4;
  int64_t at = begin + kHeader + kTrailer;
  while (at + kTagHeader + kTrailer <= file.size()) {
    const std::string head = Bytes(file, at, 4);
    const int kind = head.empty() ? 0 : head[0] & 0x1F;
    if (head.size() < 4 || (kind != 8 && kind != 9 && kind != 18)) return {.end = at};
    int64_t length = 0;
    for (size_t i = 1; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(head[i]);
    if (at + kTagHeader + length + kTrailer > file.size()) break;
    at += kTagHeader + length + kTrailer;
  }
  return {.end = file.size()};
}

// Windows Media: objects of a kind and a length; the first one is the header.
Extent AsfExtent(const InputFile& file, int64_t begin) {
  int64_t at = begin;
  for (std::string head = Bytes(file, at, 24); head.size() == 24; head = Bytes(file, at, 24)) {
    if (at > begin && head.starts_with(kAsf)) return {.end = at, .next = at};
    const auto length = static_cast<int64_t>(LittleEndian(std::string_view(head).substr(16, 8)));
    if (length < 24 || length > file.size() - at)
      return {.end = at > begin && length != 0 ? at : file.size()};
    at += length;
  }
  return {.end = at};
}

Extent PngExtent(const InputFile& file, int64_t begin) {
  int64_t at = begin + static_cast<int64_t>(kPng.size());
  while (at < file.size()) {
    const std::string head = Bytes(file, at, 8);
    if (head.size() < 8) break;
    int64_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(head[i]);
    at += 12 + length;
    if (head.ends_with("IEND")) return {.end = std::min(at, file.size())};
  }
  return {.end = file.size()};
}

Extent JpegExtent(const InputFile& file, int64_t begin) {
  const int64_t size = file.size() - begin;
  if (size > kMaxPictureBytes) return {.end = file.size()};
  const std::string content = Bytes(file, begin, static_cast<size_t>(size));
  const JpegLayout layout = ReadJpegLayout(content);
  Extent extent{.end = begin + static_cast<int64_t>(layout.end), .described = layout.describes_others};
  for (const size_t view : layout.views) extent.views.push_back(begin + static_cast<int64_t>(view));
  return extent;
}

std::optional<Extent> ExtentAt(const InputFile& file, int64_t begin) {
  const std::string head = Bytes(file, begin, 12);
  const std::string_view bytes = head;
  if (bytes.size() < 12) return std::nullopt;
  if (bytes.starts_with(kJpeg)) return JpegExtent(file, begin);
  if (bytes.starts_with(kPng)) return PngExtent(file, begin);
  if (bytes.starts_with(kEbml)) return EbmlExtent(file, begin);
  if (bytes.starts_with(kFlv)) return FlvExtent(file, begin);
  if (bytes.starts_with(kAsf.substr(0, bytes.size()))) return AsfExtent(file, begin);
  if (bytes.starts_with("RIFF") && IsOneOf(bytes.substr(8), {"AVI ", "WEBP"})) return RiffExtent(file, begin);
  if (IsOneOf(bytes.substr(4, 4), {"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"}))
    return IsoExtent(file, begin);
  return std::nullopt;
}

bool IsOtherMediaAt(const InputFile& file, int64_t at) {
  const std::string head = Bytes(file, at, 64);
  const std::string_view bytes = head;
  if (bytes.size() < 16) return false;
  if (bytes.starts_with(kFlv)) return bytes.substr(5, 4) == std::string_view("\0\0\0\x09", 4);
  if (bytes.starts_with(kAsf)) return true;
  if (bytes.starts_with(kEbml)) return bytes.find("matroska") < 64 || bytes.find("webm") < 64;
  if (bytes.starts_with("RIFF")) return IsOneOf(bytes.substr(8, 4), {"AVI ", "WEBP"});
  return bytes.starts_with(kPng) && bytes.substr(12, 4) == "IHDR";
}

// JPEG pictures are begun by three bytes that occur everywhere: one is believed only where the end of the
// last is followed by nothing else.
std::optional<int64_t> JpegAfter(const InputFile& file, int64_t end) {
  const std::string bytes = Bytes(file, end, 1 << 16);
  const size_t begin = bytes.find_first_not_of('\0');
  if (begin == std::string::npos || std::string_view(bytes).substr(begin, 3) != kJpeg) return std::nullopt;
  return end + static_cast<int64_t>(begin);
}

// Where the next film or picture begins, at or behind `from`.
std::optional<int64_t> SearchMedia(const InputFile& file, int64_t from) {
  constexpr size_t kBlock = 1 << 20, kOverlap = 16;
  for (int64_t at = from; at < file.size(); at += kBlock) {
    const std::string block = Bytes(file, at, kBlock + kOverlap);
    constexpr const char* kFirstBytes = "fRF0\x89\x1A";
    size_t found = block.find_first_of(kFirstBytes);
    for (; found != std::string::npos && found < kBlock;
         found = block.find_first_of(kFirstBytes, found + 1)) {
      const std::string_view here = std::string_view(block).substr(found);
      const int64_t place = at + static_cast<int64_t>(found);
      if (here.starts_with("ftyp") && place - 4 >= from && IsFilmAt(file, place - 4)) return place - 4;
      const bool signature = here.starts_with("RIFF") || here.starts_with(kPng) || here.starts_with(kEbml) ||
                             here.starts_with(kFlv) || here.starts_with(kAsf);
      if (signature && IsOtherMediaAt(file, place)) return place;
    }
  }
  return std::nullopt;
}

std::optional<int64_t> NextAfter(const InputFile& file, const Extent& extent) {
  if (extent.next) return extent.next;
  if (extent.end >= file.size()) return std::nullopt;
  if (!extent.described) {
    if (const auto jpeg = JpegAfter(file, extent.end)) return jpeg;
  }
  return SearchMedia(file, extent.end);
}

}  // namespace

std::vector<MediaSegment> FindMediaSegments(const InputFile& file) {
  std::vector<MediaSegment> segments = {{0, file.size()}};
  int64_t begin = 0;
  while (segments.size() < kMaxSegments) {
    const auto extent = ExtentAt(file, begin);
    if (!extent) break;
    std::vector<int64_t> begins = extent->views;
    if (begins.empty()) {
      const auto next = NextAfter(file, *extent);
      if (!next) break;
      begins.push_back(*next);
    }
    std::erase_if(begins, [&](int64_t at) { return at <= begin || at >= file.size(); });
    if (begins.empty()) break;
    std::sort(begins.begin(), begins.end());
    begins.erase(std::unique(begins.begin(), begins.end()), begins.end());  // a list may name one twice
    segments.back().end = std::min(extent->end, begins.front());
    for (size_t i = 0; i < begins.size(); ++i)
      segments.push_back({begins[i], i + 1 < begins.size() ? begins[i + 1] : file.size()});
    begin = begins.back();
  }
  return segments;
}

}  // namespace crossface
