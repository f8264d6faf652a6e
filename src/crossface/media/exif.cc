#include <cmath>
#include <exiv2/exiv2.hpp>
#include <mutex>

#include "crossface/media/metadata.h"
#include "crossface/media/text.h"

namespace crossface {
namespace {

// Exiv2's XMP parser has to be set up before threads use it, and its messages must not reach the terminal.
void SetUpExiv2() {
  static std::once_flag done;
  std::call_once(done, [] {
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    Exiv2::XmpParser::initialize();
  });
}

std::string Text(const Exiv2::ExifData& exif, const char* key) {
  const auto found = exif.findKey(Exiv2::ExifKey(key));
  return found == exif.end() ? "" : std::string(Trim(found->toString()));
}

// Degrees from EXIF's three rationals (degrees, minutes, seconds) and its N/S or E/W letter.
std::optional<double> Coordinate(const Exiv2::ExifData& exif, const char* key, const char* reference_key,
                                 char negative, double limit) {
  const auto found = exif.findKey(Exiv2::ExifKey(key));
  if (found == exif.end() || found->count() < 3) return std::nullopt;
  double value = 0, unit = 1;
  for (long i = 0; i < 3; ++i, unit /= 60) {
    const auto [numerator, denominator] = found->toRational(i);
    if (denominator == 0) return std::nullopt;
    value += static_cast<double>(numerator) / denominator * unit;
  }
  if (!(value >= 0 && value <= limit)) return std::nullopt;
  return Text(exif, reference_key).starts_with(negative) ? -value : value;
}

void ReadExifDate(const Exiv2::ExifData& exif, SourceInfo& info) {
  constexpr std::pair<const char*, const char*> kDates[] = {
      {"Exif.Photo.DateTimeOriginal", "Exif.Photo.OffsetTimeOriginal"},
      {"Exif.Photo.DateTimeDigitized", "Exif.Photo.OffsetTimeDigitized"},
      {"Exif.Image.DateTime", "Exif.Photo.OffsetTime"}};
  for (const auto& [date, offset] : kDates) {
    info.created = NormaliseDate(Text(exif, date));
    if (info.created.empty()) continue;
    if (const std::string zoned = NormaliseDate(Text(exif, date) + Text(exif, offset)); !zoned.empty())
      info.created = zoned;
    info.created_from = date;
    return;
  }
}

}  // namespace

Orientation ReadExif(std::string_view file, SourceInfo& info) {
  SetUpExiv2();
  try {
    const auto image = Exiv2::ImageFactory::open(reinterpret_cast<const Exiv2::byte*>(file.data()),
                                                 static_cast<long>(file.size()));
    image->readMetadata();
    const Exiv2::ExifData& exif = image->exifData();
    ReadExifDate(exif, info);
    info.device = DeviceName(Text(exif, "Exif.Image.Make"), Text(exif, "Exif.Image.Model"));
    const auto latitude =
        Coordinate(exif, "Exif.GPSInfo.GPSLatitude", "Exif.GPSInfo.GPSLatitudeRef", 'S', 90);
    const auto longitude =
        Coordinate(exif, "Exif.GPSInfo.GPSLongitude", "Exif.GPSInfo.GPSLongitudeRef", 'W', 180);
    if (latitude && longitude) {
      info.latitude = latitude;
      info.longitude = longitude;
    }
    const auto orientation = exif.findKey(Exiv2::ExifKey("Exif.Image.Orientation"));
    return orientation == exif.end() || orientation->count() == 0
               ? Orientation()
               : OrientationFromExif(orientation->toLong());
  } catch (const std::exception&) {
    // Exiv2 throws on damaged metadata; the picture itself may be sound.
    return {};
  }
}

}  // namespace crossface
