#include <cmath>
#include <cstdlib>
#include <exiv2/exiv2.hpp>
#include <exiv2/webpimage.hpp>
#include <mutex>

#include "crossface/media/metadata/metadata.h"
#include "crossface/media/metadata/metadata_pieces.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

// Exiv2's XMP parser shares tables between threads.
void LockXmp(void* mutex, bool lock) {
  lock ? static_cast<std::mutex*>(mutex)->lock() : static_cast<std::mutex*>(mutex)->unlock();
}

// Exiv2's XMP parser has to be set up before threads use it, and its messages must not reach the terminal.
void SetUpExiv2() {
  static std::once_flag done;
  static std::mutex mutex;
  std::call_once(done, [] {
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    Exiv2::XmpParser::initialize(&LockXmp, &mutex);
  });
}

std::string Text(const Exiv2::ExifData& exif, const char* key) {
  const auto found = exif.findKey(Exiv2::ExifKey(key));
  return found == exif.end() ? "" : EscapeInvalidUtf8(Trim(found->toString()));
}

std::string Text(const Exiv2::XmpData& xmp, const char* key) {
  const auto found = xmp.findKey(Exiv2::XmpKey(key));
  return found == xmp.end() ? "" : EscapeInvalidUtf8(Trim(found->toString()));
}

std::optional<double> Rational(const Exiv2::Exifdatum& datum, long index) {
  const auto [numerator, denominator] = datum.toRational(index);
  if (denominator == 0) return std::nullopt;
  return static_cast<double>(numerator) / denominator;
}

// Degrees from EXIF's three rationals (degrees, minutes, seconds) and its N/S or E/W letter.
std::optional<double> Coordinate(const Exiv2::ExifData& exif, const char* key, const char* reference_key,
                                 char negative, double limit) {
  const auto found = exif.findKey(Exiv2::ExifKey(key));
  if (found == exif.end() || found->count() < 3) return std::nullopt;
  double value = 0, unit = 1;
  for (long i = 0; i < 3; ++i, unit /= 60) {
    const auto part = Rational(*found, i);
    if (!part) return std::nullopt;
    value += *part * unit;
  }
  if (!(value >= 0 && value <= limit)) return std::nullopt;
  return Text(exif, reference_key).starts_with(negative) ? -value : value;
}

// Metres; a reference of 1 means below the sea.
std::optional<double> Altitude(const Exiv2::ExifData& exif) {
  const auto found = exif.findKey(Exiv2::ExifKey("Exif.GPSInfo.GPSAltitude"));
  if (found == exif.end() || found->count() == 0) return std::nullopt;
  const auto metres = Rational(*found, 0);
  const bool below = Text(exif, "Exif.GPSInfo.GPSAltitudeRef").starts_with('1');
  return metres && below ? -*metres : metres;
}

void ReadExifDate(const Exiv2::ExifData& exif, SourceInfo& info) {
  struct Tags {
    const char *date, *offset, *fraction;
  };
  constexpr Tags kDates[] = {
      {"Exif.Photo.DateTimeOriginal", "Exif.Photo.OffsetTimeOriginal", "Exif.Photo.SubSecTimeOriginal"},
      {"Exif.Photo.DateTimeDigitized", "Exif.Photo.OffsetTimeDigitized", "Exif.Photo.SubSecTimeDigitized"},
      {"Exif.Image.DateTime", "Exif.Photo.OffsetTime", "Exif.Photo.SubSecTime"}};
  for (const auto& [date, offset, fraction] : kDates) {
    info.created = NormaliseDate(Text(exif, date));
    if (info.created.empty()) continue;
    const std::string digits = Text(exif, fraction);
    const std::string precise = Text(exif, date) + (digits.empty() ? "" : "." + digits) + Text(exif, offset);
    if (const std::string whole = NormaliseDate(precise); !whole.empty()) info.created = whole;
    info.created_from = date;
    return;
  }
}

void ReadExifPosition(const Exiv2::ExifData& exif, SourceInfo& info) {
  const auto latitude = Coordinate(exif, "Exif.GPSInfo.GPSLatitude", "Exif.GPSInfo.GPSLatitudeRef", 'S', 90);
  const auto longitude =
      Coordinate(exif, "Exif.GPSInfo.GPSLongitude", "Exif.GPSInfo.GPSLongitudeRef", 'W', 180);
  if (!latitude || !longitude || (*latitude == 0 && *longitude == 0)) return;
  info.latitude = latitude;
  info.longitude = longitude;
  info.altitude = Altitude(exif);
  info.located_from = "Exif.GPSInfo";
}

// "48,51.504N" or "48,51,30.24N", as XMP has coordinates (exif:GPSLatitude).
std::optional<double> XmpCoordinate(std::string text, double limit) {
  if (text.empty()) return std::nullopt;
  const char side = text.back();
  text.pop_back();
  double value = 0, unit = 1;
  const char* at = text.c_str();
  for (int part = 0; part < 3 && *at != '\0'; ++part, unit /= 60) {
    char* end = nullptr;
    const double number = std::strtod(at, &end);
    if (end == at || !(number >= 0)) return std::nullopt;
    value += number * unit;
    if (*end != '\0' && *end != ',') return std::nullopt;
    at = *end == ',' ? end + 1 : end;
  }
  if (!(value <= limit) || std::string_view("NSEW").find(side) == std::string_view::npos) return std::nullopt;
  return side == 'S' || side == 'W' ? -value : value;
}

void FillFromXmp(const Exiv2::XmpData& xmp, SourceInfo& info) {
  for (const char* key : {"Xmp.exif.DateTimeOriginal", "Xmp.xmpDM.shotDate", "Xmp.photoshop.DateCreated",
                          "Xmp.xmp.CreateDate"}) {
    if (!info.created.empty()) break;
    info.created = NormaliseDate(Text(xmp, key));
    if (!info.created.empty()) info.created_from = key;
  }
  const auto latitude = XmpCoordinate(Text(xmp, "Xmp.exif.GPSLatitude"), 90);
  const auto longitude = XmpCoordinate(Text(xmp, "Xmp.exif.GPSLongitude"), 180);
  if (!info.latitude && latitude && longitude) {
    info.latitude = latitude;
    info.longitude = longitude;
    info.located_from = "Xmp.exif.GPSLatitude";
  }
  if (info.make.empty() && info.model.empty()) {
    info.make = Text(xmp, "Xmp.tiff.Make");
    info.model = Text(xmp, "Xmp.tiff.Model");
    info.device = DeviceName(info.make, info.model);
  }
  if (info.software.empty()) info.software = Text(xmp, "Xmp.xmp.CreatorTool");
  if (info.timecode.empty()) {
    info.timecode = NormaliseTimecode(Text(xmp, "Xmp.xmpDM.startTimecode/xmpDM:timeValue"));
    if (!info.timecode.empty()) info.timecode_from = "Xmp.xmpDM.startTimecode";
  }
}

// Exiv2's readers of videos write past their buffers on damaged files (0.27.6): none but those of pictures
// are ever let near a file, whatever it looks like.
bool IsPictureForExiv2(std::string_view file) {
  const int type = Exiv2::ImageFactory::getType(reinterpret_cast<const Exiv2::byte*>(file.data()),
                                                static_cast<long>(file.size()));
  return type == Exiv2::ImageType::jpeg || type == Exiv2::ImageType::png || type == Exiv2::ImageType::tiff ||
         type == Exiv2::ImageType::webp || type == Exiv2::ImageType::jp2;
}

// Exiv2 throws on damaged metadata, and what throws must take nothing else with it.
template <typename Work>
bool Trying(Work work) {
  try {
    work();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void DecodeExif(std::string_view tiff, Exiv2::ExifData* exif) {
  Exiv2::ExifData decoded;
  Trying([&] {
    Exiv2::ExifParser::decode(decoded, reinterpret_cast<const Exiv2::byte*>(tiff.data()),
                              static_cast<uint32_t>(tiff.size()));
  });
  if (!decoded.empty()) *exif = std::move(decoded);
}

void DecodeXmp(const std::string& packet, Exiv2::XmpData* xmp) {
  Exiv2::XmpData decoded;
  if (Trying([&] { Exiv2::XmpParser::decode(decoded, packet); }) && !decoded.empty())
    *xmp = std::move(decoded);
}

// What Exiv2 makes of the whole file; and where it gives up on it or finds nothing, of each piece by itself.
void ReadMetadata(std::string_view file, Exiv2::ExifData* exif, Exiv2::XmpData* xmp) {
  Trying([&] {
    if (!IsPictureForExiv2(file)) return;
    const auto image = Exiv2::ImageFactory::open(reinterpret_cast<const Exiv2::byte*>(file.data()),
                                                 static_cast<long>(file.size()));
    image->readMetadata();
    *exif = image->exifData();
    *xmp = image->xmpData();
  });
  if (!exif->empty() && !xmp->empty()) return;
  const MetadataPieces pieces = FindMetadataPieces(file);
  for (const std::string& piece : pieces.exif) {
    if (exif->empty()) DecodeExif(piece, exif);
  }
  for (const std::string& packet : pieces.xmp) {
    if (xmp->empty()) DecodeXmp(packet, xmp);
  }
  // Where nothing but TIFF is left, it is EXIF's own structure, with an XMP packet in it.
  if (exif->empty() && pieces.is_tiff) DecodeExif(file, exif);
  if (!xmp->empty() || !pieces.is_tiff) return;
  Trying([&] {
    const auto found = exif->findKey(Exiv2::ExifKey("Exif.Image.XMLPacket"));
    if (found == exif->end()) return;
    std::string packet(static_cast<size_t>(found->size()), '\0');
    found->copy(reinterpret_cast<Exiv2::byte*>(packet.data()), Exiv2::invalidByteOrder);
    DecodeXmp(packet, xmp);
  });
}

void FillFromExif(const Exiv2::ExifData& exif, SourceInfo& info) {
  Trying([&] { ReadExifDate(exif, info); });
  Trying([&] { ReadExifPosition(exif, info); });
  Trying([&] {
    info.make = Text(exif, "Exif.Image.Make");
    info.model = Text(exif, "Exif.Image.Model");
    info.device = DeviceName(info.make, info.model);
  });
  Trying([&] { info.software = Text(exif, "Exif.Image.Software"); });
}

// 1 to 8; 0 for none, and for what is no orientation.
int64_t StatedOrientation(const Exiv2::ExifData& exif, const char* key) {
  int64_t value = 0;
  Trying([&] {
    const auto found = exif.findKey(Exiv2::ExifKey(key));
    if (found != exif.end() && found->count() > 0) value = found->toLong();
  });
  return value >= 1 && value <= 8 ? value : 0;
}

int64_t StatedOrientation(const Exiv2::XmpData& xmp) {
  int64_t value = 0;
  Trying([&] { value = std::strtol(Text(xmp, "Xmp.tiff.Orientation").c_str(), nullptr, 10); });
  return value >= 1 && value <= 8 ? value : 0;
}

}  // namespace

Orientation ReadExif(std::string_view file, SourceInfo& info) {
  SetUpExiv2();
  Exiv2::ExifData exif;
  Exiv2::XmpData xmp;
  ReadMetadata(file, &exif, &xmp);
  FillFromExif(exif, info);
  Trying([&] { FillFromXmp(xmp, info); });
  const int64_t orientation = StatedOrientation(exif, "Exif.Image.Orientation");
  return OrientationFromExif(orientation != 0 ? orientation : StatedOrientation(xmp));
}

void ReadXmp(const std::string& packet, SourceInfo& info) {
  SetUpExiv2();
  try {
    Exiv2::XmpData xmp;
    if (Exiv2::XmpParser::decode(xmp, packet) == 0) FillFromXmp(xmp, info);
  } catch (const std::exception&) {
    // As above: a damaged packet is no reason to lose the video.
  }
}

}  // namespace crossface
