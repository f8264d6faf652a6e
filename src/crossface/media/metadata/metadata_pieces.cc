#include "crossface/media/metadata/metadata_pieces.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "crossface/media/file/camera_raw.h"
#include "crossface/media/file/heif_file.h"

namespace crossface {
namespace {

constexpr std::string_view kJpegStart("\xFF\xD8", 2);
constexpr std::string_view kPngStart("\x89PNG\r\n\x1a\n", 8);
constexpr std::string_view kExifMark("Exif\0\0", 6);
constexpr std::string_view kXmpMark("http://ns.adobe.com/xap/1.0/\0", 29);
constexpr std::string_view kPngXmpMark("XML:com.adobe.xmp\0", 18);
// More XMP than any program writes; a packed one may claim anything.
constexpr size_t kMostXmpBytes = 16 << 20;

uint32_t BigEndian(std::string_view bytes, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

uint32_t LittleEndian(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

void TakeJpegSegment(std::string_view content, MetadataPieces* pieces) {
  if (content.starts_with(kExifMark)) pieces->exif.emplace_back(content.substr(kExifMark.size()));
  if (content.starts_with(kXmpMark)) pieces->xmp.emplace_back(content.substr(kXmpMark.size()));
}

// The next APP1 segment at or after `at` that says what it is.
size_t FindMarkedSegment(std::string_view file, size_t at) {
  constexpr std::string_view kApp1("\xFF\xE1", 2);
  for (at = file.find(kApp1, at); at != std::string_view::npos; at = file.find(kApp1, at + 1)) {
    const std::string_view content = file.substr(std::min(at + 4, file.size()));
    if (content.starts_with(kExifMark) || content.starts_with(kXmpMark)) return at;
  }
  return std::string_view::npos;
}

void ReadJpeg(std::string_view file, MetadataPieces* pieces) {
  size_t at = kJpegStart.size(), last = at;
  while (at + 4 <= file.size()) {
    const auto mark = static_cast<uint8_t>(file[at + 1]);
    const size_t length = BigEndian(file, at + 2, 2);
    const bool is_segment = file[at] == '\xFF' && mark >= 0xC0 && mark != 0xFF && length >= 2;
    if (is_segment && mark == 0xDA) break;  // the picture itself
    if (file[at] == '\xFF' && mark == 0xFF) {
      ++at;  // a filling byte
    } else if (is_segment && at + 2 + length <= file.size()) {
      TakeJpegSegment(file.substr(at + 4, length - 2), pieces);
      last = at;
      at += 2 + length;
    } else {
      // The length of the segment before was wrong, or this one's is.
      at = FindMarkedSegment(file, last + 1);
      if (at == std::string_view::npos) break;
      last = at;
      if (at + 2 + BigEndian(file, at + 2, 2) > file.size()) {
        TakeJpegSegment(file.substr(at + 4), pieces);
        break;
      }
    }
  }
}

std::string Inflate(std::string_view packed) {
  z_stream stream = {};
  if (inflateInit(&stream) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  char block[1 << 14];
  int result = Z_OK;
  while (result == Z_OK && text.size() < kMostXmpBytes) {
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(block, sizeof block - stream.avail_out);
  }
  inflateEnd(&stream);
  return text;
}

// An iTXt chunk: keyword, packed or not, method, language, translated keyword, text.
void TakePngText(std::string_view chunk, MetadataPieces* pieces) {
  if (!chunk.starts_with(kPngXmpMark) || chunk.size() < kPngXmpMark.size() + 4) return;
  const bool packed = chunk[kPngXmpMark.size()] == 1;
  size_t at = kPngXmpMark.size() + 2;
  for (int field = 0; field < 2; ++field) {
    at = chunk.find('\0', at);
    if (at == std::string_view::npos) return;
    ++at;
  }
  pieces->xmp.push_back(packed ? Inflate(chunk.substr(at)) : std::string(chunk.substr(at)));
}

void ReadPng(std::string_view file, MetadataPieces* pieces) {
  size_t at = kPngStart.size();
  while (at + 12 <= file.size()) {
    const size_t length = BigEndian(file, at, 4);
    const std::string_view type = file.substr(at + 4, 4);
    if (length > file.size() - at - 12) break;
    const std::string_view content = file.substr(at + 8, length);
    if (type == "eXIf")
      pieces->exif.emplace_back(content.substr(content.starts_with(kExifMark) ? kExifMark.size() : 0));
    if (type == "iTXt") TakePngText(content, pieces);
    at += 12 + length;
  }
}

void ReadWebp(std::string_view file, MetadataPieces* pieces) {
  size_t at = 12;
  while (at + 8 <= file.size()) {
    const std::string_view type = file.substr(at, 4);
    const size_t length = LittleEndian(file, at + 4);
    const std::string_view content = file.substr(at + 8, std::min(length, file.size() - at - 8));
    if (type == "EXIF")
      pieces->exif.emplace_back(content.substr(content.starts_with(kExifMark) ? kExifMark.size() : 0));
    if (type == "XMP ") pieces->xmp.emplace_back(content);
    if (length > file.size() - at - 8) break;
    at += 8 + length + length % 2;
  }
}

// All application segments but those that say how the picture is coded (APP0, Adobe's APP14), and comments.
bool DropFromJpeg(std::string& file) {
  std::string kept = file.substr(0, kJpegStart.size());
  size_t at = kJpegStart.size();
  while (at + 4 <= file.size() && file[at] == '\xFF') {
    const auto mark = static_cast<uint8_t>(file[at + 1]);
    const size_t bytes = 2 + BigEndian(file, at + 2, 2);
    if (mark < 0xC0 || mark == 0xDA || mark == 0xFF || bytes < 4 || bytes > file.size() - at) break;
    const bool colours = mark == 0xEE && std::string_view(file).substr(at + 4).starts_with("Adobe");
    const bool metadata = (mark >= 0xE1 && mark <= 0xEF && !colours) || mark == 0xFE;
    if (!metadata) kept.append(file, at, bytes);
    at += bytes;
  }
  if (kept.size() == at) return false;
  kept.append(file, at);
  file = std::move(kept);
  return true;
}

bool DropFromPng(std::string& file) {
  for (size_t at = kPngStart.size(); at + 12 <= file.size();) {
    const size_t bytes = 12 + size_t{BigEndian(file, at, 4)};
    const std::string_view type = std::string_view(file).substr(at + 4, 4);
    if (type == "IDAT" || bytes > file.size() - at) break;
    if (type == "iCCP") {
      file.erase(at, bytes);
      return true;
    }
    at += bytes;
  }
  return false;
}

bool DropFromWebp(std::string& file) {
  bool dropped = false;
  for (size_t at = 12; at + 8 <= file.size();) {
    const std::string_view type = std::string_view(file).substr(at, 4);
    const size_t bytes = LittleEndian(file, at + 4);
    if (type == "EXIF" || type == "XMP " || type == "ICCP") {
      file.replace(at, 4, "junk");
      dropped = true;
    }
    if (bytes > file.size() - at - 8) break;
    at += 8 + bytes + bytes % 2;
  }
  return dropped;
}

bool IsWebp(std::string_view file) {
  return file.starts_with("RIFF") && file.substr(std::min<size_t>(8, file.size())).starts_with("WEBP");
}

// What belongs to the main picture.
void ReadHeif(std::string_view file, MetadataPieces* pieces) {
  const auto context = OpenHeif(file);
  heif_image_handle* handle = nullptr;
  if (!context.ok() || heif_context_get_primary_image_handle(context->get(), &handle).code != heif_error_Ok)
    return;
  const HeifPtr<heif_image_handle> owner(handle);
  std::vector<heif_item_id> blocks(
      static_cast<size_t>(std::max(heif_image_handle_get_number_of_metadata_blocks(handle, nullptr), 0)));
  heif_image_handle_get_list_of_metadata_block_IDs(handle, nullptr, blocks.data(),
                                                   static_cast<int>(blocks.size()));
  for (const heif_item_id block : blocks) {
    const std::string_view type = heif_image_handle_get_metadata_type(handle, block),
                           content = heif_image_handle_get_metadata_content_type(handle, block);
    const bool exif = type == "Exif", xmp = type == "mime" && content == "application/rdf+xml";
    std::string bytes(heif_image_handle_get_metadata_size(handle, block), '\0');
    if ((!exif && !xmp) || bytes.size() < 4 || bytes.size() > kMostXmpBytes ||
        heif_image_handle_get_metadata(handle, block, bytes.data()).code != heif_error_Ok)
      continue;
    if (xmp) pieces->xmp.push_back(std::move(bytes));
    // How far behind this number the TIFF structure begins stands first (ISO 23008-12, A.2.1).
    else if (const size_t begin = 4 + size_t{BigEndian(bytes, 0, 4)}; begin < bytes.size())
      pieces->exif.push_back(bytes.substr(begin));
  }
}

// The developed copy's own; what Canon's CR3 keeps in a box; of what is a TIFF but for the number that it
// begins with, that TIFF.
void ReadRaw(std::string_view file, MetadataPieces* pieces) {
  if (const auto copy = FindDevelopedCopy(file)) ReadJpeg(file.substr(copy->begin, copy->bytes), pieces);
  constexpr std::string_view kBox = "CMT1";
  const size_t box = file.substr(0, 12).ends_with("ftypcrx ") ? file.find(kBox) : std::string_view::npos;
  if (box != std::string_view::npos && box >= 4) {
    const size_t length = BigEndian(file, box - 4, 4), header = 8;
    if (length > header && length < kMostXmpBytes)
      pieces->exif.emplace_back(file.substr(box + kBox.size(), length - header));
  }
  const bool little = file.starts_with("II"), big = file.starts_with("MM");
  if (!little && !big) return;
  std::string& tiff = pieces->exif.emplace_back(file);
  tiff.replace(0, 4, std::string(little ? "II*\0" : "MM\0*", 4));
}

}  // namespace

MetadataPieces FindMetadataPieces(std::string_view file) {
  MetadataPieces pieces;
  if (file.starts_with(kJpegStart)) {
    ReadJpeg(file, &pieces);
  } else if (file.starts_with(kPngStart)) {
    ReadPng(file, &pieces);
  } else if (IsWebp(file)) {
    ReadWebp(file, &pieces);
  } else if (IsHeif(file)) {
    ReadHeif(file, &pieces);
  } else if (IsRawPicture(file)) {
    ReadRaw(file, &pieces);
  } else {
    pieces.is_tiff =
        file.starts_with(std::string_view("II*\0", 4)) || file.starts_with(std::string_view("MM\0*", 4));
  }
  return pieces;
}

bool DropMetadata(std::string& file) {
  if (file.starts_with(kJpegStart)) return DropFromJpeg(file);
  if (file.starts_with(kPngStart)) return DropFromPng(file);
  return IsWebp(file) && DropFromWebp(file);
}

}  // namespace crossface
