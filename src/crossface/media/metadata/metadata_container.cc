#include <fmt/format.h>

#include <array>
#include <cstring>

#include "crossface/media/metadata/metadata.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavutil/dict.h>
#include <libavutil/timecode.h>
}

namespace crossface {
namespace {

std::string_view Tag(const AVDictionary* tags, const char* name) {
  const AVDictionaryEntry* const entry = av_dict_get(tags, name, nullptr, 0);
  return entry == nullptr ? std::string_view() : std::string_view(entry->value);
}

void ReadDate(const AVFormatContext& format, const AVStream& stream, SourceInfo& info) {
  constexpr std::array<const char*, 5> kDates = {"com.apple.quicktime.creationdate", "creation_time",
                                                 "date_recorded", "date_digitized", "date"};
  for (const char* name : kDates) {
    for (const AVDictionary* tags : {format.metadata, stream.metadata}) {
      info.created = NormaliseDate(Tag(tags, name));
      if (!info.created.empty()) {
        info.created_from = name;
        return;
      }
    }
  }
}

void ReadPosition(const AVFormatContext& format, SourceInfo& info) {
  for (const char* name : {"com.apple.quicktime.location.ISO6709", "location", "location-eng"}) {
    const auto position = ParseIso6709(Tag(format.metadata, name));
    if (!position) continue;
    info.latitude = position->latitude;
    info.longitude = position->longitude;
    info.altitude = position->altitude;
    info.located_from = name;
    return;
  }
}

std::string FirstTag(const AVFormatContext& format, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const std::string_view value = Trim(Tag(format.metadata, name)); !value.empty())
      return EscapeInvalidUtf8(value);
  }
  return {};
}

// The picture's own before that of a time code track.
void ReadTimecodeTag(const AVFormatContext& format, const AVStream& stream, SourceInfo& info) {
  info.timecode = NormaliseTimecode(Tag(stream.metadata, "timecode"));
  if (info.timecode.empty()) info.timecode = NormaliseTimecode(Tag(format.metadata, "timecode"));
  for (unsigned i = 0; i < format.nb_streams && info.timecode.empty(); ++i)
    info.timecode = NormaliseTimecode(Tag(format.streams[i]->metadata, "timecode"));
  if (!info.timecode.empty()) info.timecode_from = "timecode";
}

}  // namespace

void ReadContainerTags(const AVFormatContext& format, const AVStream& stream, SourceInfo& info) {
  ReadDate(format, stream, info);
  ReadPosition(format, info);
  ReadTimecodeTag(format, stream, info);
  info.make = FirstTag(format, {"com.apple.quicktime.make", "com.android.manufacturer", "make"});
  info.model = FirstTag(format, {"com.apple.quicktime.model", "com.android.model", "model"});
  info.device = DeviceName(info.make, info.model);
  info.software = FirstTag(format, {"com.apple.quicktime.software", "software", "encoder"});
  if (const std::string android = FirstTag(format, {"com.android.version"});
      info.software.empty() && !android.empty())
    info.software = "Android " + android;
}

}  // namespace crossface
