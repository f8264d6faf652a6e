#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/export/formats.h"
#include "crossface/export/frame_rate.h"

namespace crossface {
namespace {

using nlohmann::json;

json Time(int64_t frame, const FrameRate& rate) {
  return {{"OTIO_SCHEMA", "RationalTime.1"}, {"rate", rate.value()}, {"value", static_cast<double>(frame)}};
}

json Range(int64_t start, int64_t duration, const FrameRate& rate) {
  return {
      {"OTIO_SCHEMA", "TimeRange.1"}, {"start_time", Time(start, rate)}, {"duration", Time(duration, rate)}};
}

// RFC 3986: what is no letter, digit or mark of a path is written %XX.
std::string FileUrl(const std::string& path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  // A place in object storage has its scheme already.
  const size_t scheme = path.starts_with("s3://") ? 5 : 0;
  std::string url = scheme > 0 ? path.substr(0, scheme) : "file://";
  for (const char c : path.substr(scheme)) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || std::string_view("-._~/").find(c) != std::string_view::npos) {
      url += c;
    } else {
      url += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return url;
}

json Marker(const CaseView& view, size_t track, int64_t first, const FrameRate& rate) {
  const TrackRecord& record = view.tracks[track];
  const int64_t in = std::max<int64_t>(FrameAt(record.start_us, rate), 0);
  const int64_t out = std::max(FrameAt(record.end_us, rate), in + 1);
  return {{"OTIO_SCHEMA", "Marker.2"},
          {"name", view.PersonName(track)},
          {"color", "GREEN"},
          {"marked_range", Range(first + in, out - in, rate)},
          {"metadata",
           {{"crossface",
             {{"track", record.number},
              {"start_us", record.start_us},
              {"end_us", record.end_us},
              {"confidence", view.confidence[track]}}}}}};
}

}  // namespace

std::string Otio(const CaseView& view, size_t source) {
  const SourceRecord& record = view.sources[source];
  FrameRate rate = FrameRateOf(record.info.fps);
  if (!record.info.timecode.empty())
    rate.drop_frame = rate.drop_frame && record.info.timecode.find(';') != std::string::npos;
  const int64_t first = FrameOfTimecode(record.info.timecode, rate).value_or(0);
  int64_t frames = FrameAt(record.info.duration_ms * 1000, rate);
  json markers = json::array();
  for (const size_t i : TracksOf(view, source)) {
    frames = std::max(frames, FrameAt(view.tracks[i].end_us, rate));
    if (view.person_of[i] >= 0) markers.push_back(Marker(view, i, first, rate));
  }
  frames = std::max<int64_t>(frames, 1);
  const json media = {{"OTIO_SCHEMA", "ExternalReference.1"},
                      {"name", record.name},
                      {"target_url", FileUrl(record.path)},
                      {"available_range", Range(first, frames, rate)},
                      {"metadata", {{"crossface", {{"sha256", record.sha256}}}}}};
  const json clip = {{"OTIO_SCHEMA", "Clip.2"},
                     {"name", record.name},
                     {"source_range", Range(first, frames, rate)},
                     {"media_references", {{"DEFAULT_MEDIA", media}}},
                     {"active_media_reference_key", "DEFAULT_MEDIA"},
                     {"markers", markers},
                     {"effects", json::array()},
                     {"enabled", true},
                     {"metadata", json::object()}};
  const json track = {{"OTIO_SCHEMA", "Track.1"}, {"name", "video"},          {"kind", "Video"},
                      {"children", {clip}},       {"markers", json::array()}, {"effects", json::array()},
                      {"enabled", true},          {"source_range", nullptr},  {"metadata", json::object()}};
  const json stack = {{"OTIO_SCHEMA", "Stack.1"}, {"name", "tracks"},          {"children", {track}},
                      {"markers", json::array()}, {"effects", json::array()},  {"enabled", true},
                      {"source_range", nullptr},  {"metadata", json::object()}};
  const json timeline = {{"OTIO_SCHEMA", "Timeline.1"},
                         {"name", record.name},
                         {"global_start_time", nullptr},
                         {"tracks", stack},
                         {"metadata", {{"crossface", {{"schema", "crossface/1"}}}}}};
  return timeline.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace crossface
