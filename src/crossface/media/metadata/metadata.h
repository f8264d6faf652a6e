// What files say about when, where and with what they were taken. Every reader fills only what is still
// unknown, so the one that is asked first decides. Texts come back as valid UTF-8; what is damaged is left as
// it is. Thread-safe: no shared state but the libraries', which is guarded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crossface/media/file/input_file.h"
#include "crossface/media/file/libav.h"
#include "crossface/media/file/orientation.h"
#include "crossface/media/file/source.h"

namespace crossface {

// A date as containers and EXIF write it ("2019-07-24T11:25:40+0300", "2023:09:22 16:34:05", "2020-08-28") as
// ISO 8601. Empty for what is no date and for the zeros that cameras without a clock write: year 0,
// 1904-01-01 and 1970-01-01 at midnight (the epochs of QuickTime and Unix).
std::string NormaliseDate(std::string_view text);

// A normalised date so many microseconds later, in milliseconds and the same zone:
// "2019-07-24T11:25:41.500+03:00". Empty for a date without a time of day.
std::string DateAfter(std::string_view date, int64_t microseconds);

struct Position {
  double latitude = 0, longitude = 0;  // degrees
  std::optional<double> altitude;      // metres
};

// ISO 6709 in the string form of its annex H: "+48.8584+002.2945/", "+27.5916+086.5640+8850CRSWGS_84/", with
// whole degrees, minutes or seconds. A position of 0, 0 is what devices without a fix write: it is none.
std::optional<Position> ParseIso6709(std::string_view text);

// "Canon EOS 5D" from ("Canon", "Canon EOS 5D"), "Apple iPhone 6" from ("Apple", "iPhone 6").
std::string DeviceName(std::string_view make, std::string_view model);

// "01:02:03:04", with ';' before the frames of a drop-frame time code, from SMPTE's ways to write one. Empty
// for what is none.
std::string NormaliseTimecode(std::string_view text);

// From the tags of a container and its streams, through libav. A date with the camera's own time zone goes
// before one in UTC.
void ReadContainerTags(const AVFormatContext& format, const AVStream& stream, SourceInfo& info);

// From what a decoded picture carries: the time code, and the date, position and maker that AVCHD camcorders
// put into the picture data (MDPM in SEI messages).
void ReadPictureTags(const AVFrame& first, SourceInfo& info);

// From the boxes of MP4 and QuickTime that libav leaves alone: XMP packets and the user data's time code.
// Reads some megabytes at most, whatever sizes the file states.
void ReadIsoBoxes(const InputFile& file, SourceInfo& info);

// From libmediainfo, which knows dates, makers and time codes of many more containers. Reads 64 MiB at most.
void ReadMediaInfo(const InputFile& file, SourceInfo& info);

// From EXIF and XMP, for a whole JPEG, PNG, WebP, HEIF, AVIF or TIFF file in memory; also how its picture has
// to be turned, of which EXIF has no say in HEIF and AVIF.
Orientation ReadExif(std::string_view file, SourceInfo& info);

// From an XMP packet.
void ReadXmp(const std::string& packet, SourceInfo& info);

}  // namespace crossface
