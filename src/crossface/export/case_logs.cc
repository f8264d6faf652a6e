#include "crossface/export/case_logs.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "crossface/util/csv.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

std::string Number(int64_t value) { return fmt::format("{}", value); }

std::string Decimal(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  // What rounds to nothing has no sign: "-0.0" would differ from "0.0" for readers that compare text.
  if (text.front() == '-' && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string Coordinate(const std::optional<double>& degrees) { return degrees ? Decimal(*degrees, 6) : ""; }

std::string Row(std::vector<std::string> fields) { return CsvRow(fields); }

std::string AlsoAt(const SourceRecord& source) {
  std::string names;
  for (const SourcePlace& place : source.places) names += (names.empty() ? "" : "; ") + place.name;
  return names;
}

}  // namespace

std::string AppearanceRow(const CaseView& view, size_t i) {
  const TrackRecord& track = view.tracks[i];
  const SourceRecord& source = view.sources[view.source_of[i]];
  const WallClock clock = WallClockOf(source.info, track.start_us, track.end_us);
  const int64_t start = Milliseconds(track.start_us), end = Milliseconds(track.end_us);
  return Row({view.PersonName(i), source.name, Number(track.number), Number(start), Number(end),
              Timecode(start), Timecode(end), Number(static_cast<int64_t>(track.faces.size())),
              Decimal(view.confidence[i], 3), view.ImagePath(view.BestFace(i)), clock.start, clock.end,
              clock.from, std::string(UnassignedReasonName(view.reason[i]))});
}

std::string AppearancesCsv(const CaseView& view, std::span<const size_t> tracks) {
  std::string csv = Row({"person", "source", "track", "start_ms", "end_ms", "start_timecode", "end_timecode",
                         "faces", "confidence", "portrait", "start_time", "end_time", "time_from", "reason"});
  for (const size_t i : tracks) csv += AppearanceRow(view, i);
  return csv;
}

std::string FaceRows(const CaseView& view, size_t i) {
  const TrackRecord& track = view.tracks[i];
  const std::string &person = view.PersonName(i), &source = view.sources[view.source_of[i]].name;
  std::string csv;
  for (size_t place = 0; place < track.faces.size(); ++place) {
    const FaceRecord& face = track.faces[place];
    const cv::Rect2f& box = face.detection.box;
    csv += Row({person, source, Number(track.number), Number(face.number), Number(Milliseconds(face.time_us)),
                Number(face.frame), Decimal(box.x, 1), Decimal(box.y, 1), Decimal(box.width, 1),
                Decimal(box.height, 1), Decimal(face.detection.score, 3), face.detection.seen_by.ToString(),
                Decimal(face.quality, 3), view.ImagePath({i, place}),
                std::string(UnassignedReasonName(view.reason[i]))});
  }
  return csv;
}

std::string FacesCsv(const CaseView& view, std::span<const size_t> tracks) {
  std::string csv = Row({"person", "source", "track", "face", "time_ms", "frame", "x", "y", "w", "h", "score",
                         "detectors", "quality", "image", "reason"});
  for (const size_t i : tracks) csv += FaceRows(view, i);
  return csv;
}

std::string SourcesCsv(const CaseView& view) {
  std::string csv = Row({"source",    "sha256", "bytes",   "duration_ms", "width",        "height",
                         "rotation",  "fps",    "codec",   "created",     "created_from", "latitude",
                         "longitude", "device", "decoded", "dark",        "still",        "kept",
                         "faces",     "tracks", "status",  "message",     "geometry",     "also_at"});
  for (const SourceRecord& source : view.sources) {
    const SourceInfo& info = source.info;
    csv += Row({source.name,
                source.sha256,
                Number(info.bytes),
                Number(info.duration_ms),
                Number(info.width),
                Number(info.height),
                Number(info.rotation),
                Decimal(info.fps, 3),
                info.codec,
                info.created,
                info.created_from,
                Coordinate(info.latitude),
                Coordinate(info.longitude),
                info.device,
                Number(source.counts.decoded),
                Number(source.counts.dark),
                Number(source.counts.still),
                Number(source.counts.kept),
                Number(source.faces),
                Number(source.tracks),
                std::string(SourceStateName(source.state)),
                source.message,
                GeometryText(info),
                AlsoAt(source)});
  }
  return csv;
}

std::string SuggestionsHeader() {
  return Row({"rank", "kind", "person", "other", "tracks", "probability", "gain", "image", "other_image"});
}

std::string SuggestionRow(const CaseView& view, const SuggestionView& suggestion) {
  std::string tracks;
  for (const size_t track : suggestion.tracks) tracks += (tracks.empty() ? "" : "; ") + view.TrackName(track);
  return Row({Number(suggestion.record.rank), std::string(SuggestionName(suggestion.record.kind)),
              view.persons[suggestion.person].record.name,
              suggestion.other < 0 ? "" : view.persons[static_cast<size_t>(suggestion.other)].record.name,
              tracks, Decimal(suggestion.record.probability, 3), Decimal(suggestion.record.gain, 2),
              view.ImagePath(suggestion.face), view.ImagePath(suggestion.other_face)});
}

std::string SuggestionsCsv(const CaseView& view) {
  std::string csv = SuggestionsHeader();
  for (const SuggestionView& suggestion : view.suggestions) csv += SuggestionRow(view, suggestion);
  return csv;
}

}  // namespace crossface
