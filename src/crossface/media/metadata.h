// What files say about when, where and with what they were taken. Pure; thread-safe. Texts come back as valid
// UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crossface/media/libav.h"
#include "crossface/media/orientation.h"
#include "crossface/media/source.h"

namespace crossface {

// A date as containers and EXIF write it ("2019-07-24T11:25:40+0300", "2023:09:22 16:34:05", "2020-08-28") as
// ISO 8601. Empty for what is no date and for the zeros that cameras without a clock write: year 0,
// 1904-01-01 and 1970-01-01 at midnight (the epochs of QuickTime and Unix).
std::string NormaliseDate(std::string_view text);

struct Position {
  double latitude = 0, longitude = 0;
};

// ISO 6709 in the string form of its annex H: "+48.8584+002.2945/", with whole degrees, minutes or seconds.
std::optional<Position> ParseIso6709(std::string_view text);

// "Canon EOS 5D" from ("Canon", "Canon EOS 5D"), "Apple iPhone 6" from ("Apple", "iPhone 6").
std::string DeviceName(std::string_view make, std::string_view model);

// Fills created, created_from, latitude, longitude and device from the tags of a container and its picture
// stream. A date with the camera's own time zone goes before one in UTC.
void ReadContainerTags(const AVFormatContext& format, const AVStream& stream, SourceInfo& info);

// The same from EXIF, for a whole JPEG, PNG, WebP or TIFF file in memory; also how its picture has to be
// turned. What cannot be read is left as it is.
Orientation ReadExif(std::string_view file, SourceInfo& info);

}  // namespace crossface
