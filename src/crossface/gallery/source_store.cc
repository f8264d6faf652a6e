#include "crossface/gallery/source_store.h"

#include <fmt/format.h>

#include <array>

namespace crossface {
namespace {

constexpr std::array<std::string_view, 5> kStateNames = {"pending", "scanning", "ok", "damaged", "failed"};

Result<SourceState> ParseState(const std::string& name) {
  for (size_t i = 0; i < kStateNames.size(); ++i) {
    if (kStateNames[i] == name) return static_cast<SourceState>(i);
  }
  return Status(StatusCode::kCorrupt,
                fmt::format("the gallery holds a source in the unknown state '{}'", name));
}

// Reads the columns of a row one after the other.
class Row {
 public:
  explicit Row(Query& query) : query_(query) {}
  int64_t Integer() { return query_.Integer(next_++); }
  int Small() { return static_cast<int>(Integer()); }
  double Real() { return query_.Column(next_++).getDouble(); }
  std::string Text() { return query_.Text(next_++); }
  std::optional<double> RealOrNull() {
    const SQLite::Column column = query_.Column(next_++);
    return column.isNull() ? std::nullopt : std::optional(column.getDouble());
  }

 private:
  Query& query_;
  int next_ = 0;
};

}  // namespace

std::string_view SourceStateName(SourceState state) { return kStateNames.at(static_cast<size_t>(state)); }

Result<std::vector<SourceRecord>> SourceStore::Read() {
  return connection_.Guarded([&]() -> Result<std::vector<SourceRecord>> {
    std::vector<SourceRecord> sources;
    Query query = connection_.Prepared(
        "SELECT sources.id, name, path, sha256, bytes, modified_ns, duration_ms, width, height, rotation, "
        "mirrored, "
        "fps, codec, stream_index, time_base_num, time_base_den, created, created_from, latitude, longitude, "
        "altitude, located_from, device, make, model, software, timecode, timecode_from, decoded, dark, "
        "still, "
        "paced, kept, cuts, faces, tracks, turn_from, pixel_aspect_width, "
        "pixel_aspect_height, aspect_from, part, parts, state, message, text FROM sources JOIN scan_settings "
        "ON "
        "scan_settings.id = settings_id ORDER BY name");
    while (query.Step()) {
      Row row(query);
      SourceRecord source;
      source.id = row.Integer();
      source.name = row.Text();
      source.path = row.Text();
      source.sha256 = row.Text();
      SourceInfo& info = source.info;
      info.bytes = row.Integer();
      source.modified_ns = row.Integer();
      info.duration_ms = row.Integer();
      info.width = row.Small();
      info.height = row.Small();
      info.rotation = row.Small();
      info.mirrored = row.Integer() != 0;
      info.fps = row.Real();
      info.codec = row.Text();
      info.stream_index = row.Small();
      info.time_base_num = row.Small();
      info.time_base_den = row.Small();
      info.created = row.Text();
      info.created_from = row.Text();
      info.latitude = row.RealOrNull();
      info.longitude = row.RealOrNull();
      info.altitude = row.RealOrNull();
      info.located_from = row.Text();
      info.device = row.Text();
      info.make = row.Text();
      info.model = row.Text();
      info.software = row.Text();
      info.timecode = row.Text();
      info.timecode_from = row.Text();
      SelectCounts& counts = source.counts;
      for (int64_t* count : {&counts.decoded, &counts.dark, &counts.still, &counts.paced, &counts.kept,
                             &counts.cuts, &source.faces, &source.tracks})
        *count = row.Integer();
      info.turn_from = ParseGeometryFrom(row.Text());
      info.pixel_aspect.width = row.Small();
      info.pixel_aspect.height = row.Small();
      info.aspect_from = ParseGeometryFrom(row.Text());
      info.part = row.Text();
      info.parts = row.Small();
      CROSSFACE_ASSIGN_OR_RETURN(source.state, ParseState(row.Text()));
      source.message = row.Text();
      source.settings = row.Text();
      sources.push_back(std::move(source));
    }
    return sources;
  });
}

Result<int64_t> SourceStore::Write(const SourceRecord& source) {
  return connection_.InTransaction([&]() -> Result<int64_t> {
    connection_.Prepared("INSERT OR IGNORE INTO scan_settings(text) VALUES (?)").Bind(source.settings).Run();
    const SourceInfo& info = source.info;
    const SelectCounts& counts = source.counts;
    const std::string state(SourceStateName(source.state));
    Query query = connection_.Prepared(
        "INSERT INTO sources(name, path, sha256, bytes, modified_ns, duration_ms, width, height, rotation, "
        "mirrored, "
        "fps, codec, stream_index, time_base_num, time_base_den, created, created_from, latitude, longitude, "
        "altitude, located_from, device, make, model, software, timecode, timecode_from, decoded, dark, "
        "still, "
        "paced, kept, cuts, faces, tracks, turn_from, pixel_aspect_width, pixel_aspect_height, aspect_from, "
        "part, "
        "parts, state, "
        "message, settings_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "(SELECT id FROM scan_settings WHERE text = ?)) "
        "ON CONFLICT(name) DO UPDATE SET path = excluded.path, sha256 = excluded.sha256, bytes = "
        "excluded.bytes, "
        "modified_ns = excluded.modified_ns, duration_ms = excluded.duration_ms, width = excluded.width, "
        "height = excluded.height, rotation = excluded.rotation, mirrored = excluded.mirrored, fps = "
        "excluded.fps, "
        "codec = excluded.codec, stream_index = excluded.stream_index, time_base_num = "
        "excluded.time_base_num, "
        "time_base_den = excluded.time_base_den, created = excluded.created, created_from = "
        "excluded.created_from, "
        "latitude = excluded.latitude, longitude = excluded.longitude, altitude = excluded.altitude, "
        "located_from = excluded.located_from, device = excluded.device, make = excluded.make, model = "
        "excluded.model, software = excluded.software, timecode = excluded.timecode, timecode_from = "
        "excluded.timecode_from, decoded = excluded.decoded, dark = excluded.dark, still = excluded.still, "
        "paced = "
        "excluded.paced, kept = excluded.kept, cuts = excluded.cuts, faces = excluded.faces, tracks = "
        "excluded.tracks, turn_from = excluded.turn_from, pixel_aspect_width = "
        "excluded.pixel_aspect_width, pixel_aspect_height = excluded.pixel_aspect_height, aspect_from = "
        "excluded.aspect_from, part = excluded.part, parts = excluded.parts, state = excluded.state, message "
        "= excluded.message, settings_id = "
        "excluded.settings_id "
        "RETURNING id");
    query.Bind(source.name, source.path, source.sha256, info.bytes, source.modified_ns, info.duration_ms,
               info.width, info.height, info.rotation, info.mirrored ? 1 : 0, info.fps, info.codec,
               info.stream_index, info.time_base_num, info.time_base_den, info.created, info.created_from,
               info.latitude, info.longitude, info.altitude, info.located_from, info.device, info.make,
               info.model, info.software, info.timecode, info.timecode_from, counts.decoded, counts.dark,
               counts.still, counts.paced, counts.kept, counts.cuts, source.faces, source.tracks,
               std::string(GeometryFromName(info.turn_from)), info.pixel_aspect.width,
               info.pixel_aspect.height, std::string(GeometryFromName(info.aspect_from)), info.part,
               info.parts, state, source.message, source.settings);
    query.Step();
    const int64_t id = query.Integer(0);
    query.Run();
    return id;
  });
}

}  // namespace crossface
