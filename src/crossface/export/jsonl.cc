#include <cmath>
#include <nlohmann/json.hpp>

#include "crossface/export/formats.h"

namespace crossface {
namespace {

using nlohmann::ordered_json;

std::string Line(const ordered_json& object) {
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json OrNull(const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); }

ordered_json OrNull(const std::optional<double>& number) {
  return number ? ordered_json(*number) : ordered_json();
}

// A float as the decimals that the logs have, not as the nearest double.
double Rounded(double value, double unit) { return std::round(value / unit) * unit; }
double Three(float value) { return std::round(static_cast<double>(value) * 1e3) / 1e3; }
double One(float value) { return std::round(static_cast<double>(value) * 10) / 10; }

ordered_json Person(const CaseView& view, size_t track) { return OrNull(view.PersonName(track)); }
ordered_json Reason(const CaseView& view, size_t track) {
  return OrNull(std::string(UnassignedReasonName(view.reason[track])));
}

}  // namespace

std::string PersonsJsonl(const CaseView& view) {
  std::string lines;
  for (const PersonView& person : view.persons) {
    lines += Line({{"schema", "crossface/1"},
                   {"type", "person"},
                   {"id", person.record.id},
                   {"name", person.record.name},
                   {"folder", person.folder},
                   {"tracks", person.tracks.size()},
                   {"sources", person.sources},
                   {"screen_ms", Milliseconds(person.screen_us)},
                   {"cohesion", person.cohesion ? ordered_json(Three(*person.cohesion)) : ordered_json()},
                   {"portrait", OrNull(view.ImagePath(person.portrait))}});
  }
  return lines;
}

std::string SourcesJsonl(const CaseView& view) {
  std::string lines;
  for (const SourceRecord& source : view.sources) {
    const SourceInfo& info = source.info;
    ordered_json settings = ordered_json::parse(source.settings, nullptr, false);
    if (settings.is_discarded()) settings = nullptr;
    ordered_json also_at = ordered_json::array();
    for (const SourcePlace& place : source.places) also_at.push_back(place.name);
    lines += Line({{"schema", "crossface/1"},
                   {"type", "source"},
                   {"source", source.name},
                   {"sha256", OrNull(source.sha256)},
                   {"bytes", info.bytes},
                   {"duration_ms", info.duration_ms},
                   {"width", info.width},
                   {"height", info.height},
                   {"rotation", info.rotation},
                   {"mirrored", info.mirrored},
                   {"fps", Rounded(info.fps, 1e-6)},
                   {"codec", OrNull(info.codec)},
                   {"stream", info.stream_index},
                   {"time_base", {info.time_base_num, info.time_base_den}},
                   {"created", OrNull(info.created)},
                   {"created_from", OrNull(info.created_from)},
                   {"latitude", OrNull(info.latitude)},
                   {"longitude", OrNull(info.longitude)},
                   {"altitude", OrNull(info.altitude)},
                   {"located_from", OrNull(info.located_from)},
                   {"device", OrNull(info.device)},
                   {"make", OrNull(info.make)},
                   {"model", OrNull(info.model)},
                   {"software", OrNull(info.software)},
                   {"timecode", OrNull(info.timecode)},
                   {"timecode_from", OrNull(info.timecode_from)},
                   {"decoded", source.counts.decoded},
                   {"dark", source.counts.dark},
                   {"still", source.counts.still},
                   {"kept", source.counts.kept},
                   {"faces", source.faces},
                   {"tracks", source.tracks},
                   {"status", SourceStateName(source.state)},
                   {"message", OrNull(source.message)},
                   {"settings", settings},
                   {"pixel_aspect", {info.pixel_aspect.width, info.pixel_aspect.height}},
                   {"geometry", OrNull(GeometryText(info))},
                   {"also_at", std::move(also_at)}});
  }
  return lines;
}

std::string AppearancesJsonl(const CaseView& view) {
  std::string lines;
  for (size_t i = 0; i < view.tracks.size(); ++i) {
    const TrackRecord& track = view.tracks[i];
    const SourceRecord& source = view.sources[view.source_of[i]];
    const WallClock clock = WallClockOf(source.info, track.start_us, track.end_us);
    lines += Line({{"schema", "crossface/1"},
                   {"type", "appearance"},
                   {"person", Person(view, i)},
                   {"source", source.name},
                   {"sha256", OrNull(source.sha256)},
                   {"track", track.number},
                   {"shot", track.shot},
                   {"start_us", track.start_us},
                   {"end_us", track.end_us},
                   {"start_time", OrNull(clock.start)},
                   {"end_time", OrNull(clock.end)},
                   {"time_from", OrNull(clock.from)},
                   {"faces", track.faces.size()},
                   {"confidence", Three(view.confidence[i])},
                   {"portrait", OrNull(view.ImagePath(view.BestFace(i)))},
                   {"reason", Reason(view, i)}});
  }
  return lines;
}

std::string FacesJsonl(const CaseView& view) {
  std::string lines;
  for (size_t i = 0; i < view.tracks.size(); ++i) {
    const SourceRecord& source = view.sources[view.source_of[i]];
    for (size_t place = 0; place < view.tracks[i].faces.size(); ++place) {
      const FaceRecord& face = view.tracks[i].faces[place];
      const cv::Rect2f& box = face.detection.box;
      lines += Line({{"schema", "crossface/1"},
                     {"type", "face"},
                     {"person", Person(view, i)},
                     {"source", source.name},
                     {"sha256", OrNull(source.sha256)},
                     {"stream", source.info.stream_index},
                     {"track", view.tracks[i].number},
                     {"face", face.number},
                     {"frame", face.frame},
                     {"pts", face.pts},
                     {"time_us", face.time_us},
                     {"box", {One(box.x), One(box.y), One(box.width), One(box.height)}},
                     {"score", Three(face.detection.score)},
                     {"detectors", face.detection.seen_by.ToString()},
                     {"quality", Three(face.quality)},
                     {"image", OrNull(view.ImagePath({i, place}))},
                     {"reason", Reason(view, i)}});
    }
  }
  return lines;
}

}  // namespace crossface
