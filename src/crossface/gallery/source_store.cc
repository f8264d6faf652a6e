#include "crossface/gallery/source_store.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <unordered_map>

#include "crossface/gallery/facts.h"

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

// Macros, because a statement is known by the address of its literal.
#define SOURCES_SQL                                                                                      \
  "SELECT sources.id, name, path, sha256, bytes, modified_ns, duration_ms, width, height, rotation, "    \
  "mirrored, fps, codec, stream_index, time_base_num, time_base_den, created, created_from, latitude, "  \
  "longitude, altitude, located_from, device, make, model, software, timecode, timecode_from, decoded, " \
  "dark, still, paced, kept, cuts, faces, tracks, turn_from, pixel_aspect_width, pixel_aspect_height, "  \
  "aspect_from, state, message, text, part, parts, geometry_notes, replaces FROM sources JOIN "          \
  "scan_settings ON scan_settings.id = "                                                                 \
  "settings_id "

// No path relative to a folder begins with a slash.
std::string NameOfRescan(int64_t replaced) { return fmt::format("/{}", replaced); }

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

Result<std::string> PictureOf(const FaceRecord& face) {
  return face.spool == nullptr ? face.jpeg : face.spool->Read(face.spool_at, face.jpeg_bytes);
}

std::string_view SourceStateName(SourceState state) { return kStateNames.at(static_cast<size_t>(state)); }

Result<std::vector<SourceRecord>> SourceStore::Read() {
  return connection_.InSnapshot([&]() -> Result<std::vector<SourceRecord>> {
    Query rows = connection_.Prepared(SOURCES_SQL "WHERE replaces IS NULL ORDER BY name");
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<SourceRecord> sources, ReadRows(rows));
    std::unordered_map<int64_t, SourceRecord*> by_id;
    for (SourceRecord& source : sources) by_id[source.id] = &source;
    Query places = connection_.Prepared(
        "SELECT source_id, path, name, modified_ns FROM source_places ORDER BY path, part");
    while (places.Step()) {
      if (const auto source = by_id.find(places.Integer(0)); source != by_id.end())
        source->second->places.push_back({places.Text(1), places.Text(2), places.Integer(3)});
    }
    return sources;
  });
}

Result<std::vector<SourceRecord>> SourceStore::ReadSome(const std::vector<int64_t>& ids,
                                                        const std::vector<std::string>& sha256s) {
  std::vector<std::string> quoted;
  for (const std::string& sha256 : sha256s) {
    // What is none is no source's, and need not be made fit for a list.
    if (sha256.find_first_not_of("0123456789abcdef") == std::string::npos)
      quoted.push_back(fmt::format("\"{}\"", sha256));
  }
  const std::string id_list = JsonList(ids), sha256_list = JsonList(quoted);
  return connection_.Guarded([&]() -> Result<std::vector<SourceRecord>> {
    Query rows = connection_.Prepared(
        SOURCES_SQL
        "WHERE replaces IS NULL AND sources.id IN (SELECT id FROM sources WHERE id IN (SELECT value "
        "FROM json_each(?)) UNION SELECT id FROM sources WHERE sha256 IN (SELECT value FROM "
        "json_each(?))) ORDER BY name");
    rows.Bind(id_list, sha256_list);
    return ReadRows(rows);
  });
}

Result<std::vector<SourceRecord>> SourceStore::ReadRescans() {
  return connection_.Guarded([&]() -> Result<std::vector<SourceRecord>> {
    Query rows = connection_.Prepared(SOURCES_SQL "WHERE replaces IS NOT NULL ORDER BY replaces");
    return ReadRows(rows);
  });
}

Result<std::vector<SourceRecord>> SourceStore::ReadRows(Query& query) {
  std::vector<SourceRecord> sources;
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
    CROSSFACE_ASSIGN_OR_RETURN(source.state, ParseState(row.Text()));
    source.message = row.Text();
    source.settings = row.Text();
    info.part = row.Text();
    info.parts = row.Small();
    info.geometry_notes = row.Text();
    source.replaces = row.Integer();
    sources.push_back(std::move(source));
  }
  return sources;
}

void CountSourcesWritten(Connection& connection) {
  connection
      .Prepared(
          "INSERT OR REPLACE INTO facts(key, value) VALUES (?1, coalesce((SELECT value FROM facts WHERE key "
          "= "
          "?1), 0) + 1)")
      .Bind(std::string(kSourcesFact))
      .Run();
}

int64_t SourceStore::Put(const SourceRecord& source) {
  CountSourcesWritten(connection_);
  connection_.Prepared("INSERT OR IGNORE INTO scan_settings(text) VALUES (?)").Bind(source.settings).Run();
  const SourceInfo& info = source.info;
  const SelectCounts& counts = source.counts;
  // Texts are bound, not copied: they must outlive the query.
  const std::string state(SourceStateName(source.state)), turn_from(GeometryFromName(info.turn_from)),
      aspect_from(GeometryFromName(info.aspect_from));
  const std::string name = source.replaces == 0 ? source.name : NameOfRescan(source.replaces);
  int64_t id = 0;
  {
    Query query = connection_.Prepared(
        "INSERT INTO sources(name, path, sha256, bytes, modified_ns, duration_ms, width, height, rotation, "
        "mirrored, fps, codec, stream_index, time_base_num, time_base_den, created, created_from, latitude, "
        "longitude, altitude, located_from, device, make, model, software, timecode, timecode_from, decoded, "
        "dark, still, paced, kept, cuts, faces, tracks, turn_from, pixel_aspect_width, pixel_aspect_height, "
        "aspect_from, state, message, part, parts, geometry_notes, replaces, settings_id) VALUES (?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, "
        "0), "
        "(SELECT id FROM scan_settings WHERE text = ?)) "
        "ON CONFLICT(name) DO UPDATE SET path = excluded.path, sha256 = excluded.sha256, bytes = "
        "excluded.bytes, modified_ns = excluded.modified_ns, duration_ms = excluded.duration_ms, width = "
        "excluded.width, height = excluded.height, rotation = excluded.rotation, mirrored = "
        "excluded.mirrored, "
        "fps = excluded.fps, codec = excluded.codec, stream_index = excluded.stream_index, time_base_num = "
        "excluded.time_base_num, time_base_den = excluded.time_base_den, created = excluded.created, "
        "created_from = excluded.created_from, latitude = excluded.latitude, longitude = excluded.longitude, "
        "altitude = excluded.altitude, located_from = excluded.located_from, device = excluded.device, make "
        "= "
        "excluded.make, model = excluded.model, software = excluded.software, timecode = excluded.timecode, "
        "timecode_from = excluded.timecode_from, decoded = excluded.decoded, dark = excluded.dark, still = "
        "excluded.still, paced = excluded.paced, kept = excluded.kept, cuts = excluded.cuts, faces = "
        "excluded.faces, tracks = excluded.tracks, turn_from = excluded.turn_from, pixel_aspect_width = "
        "excluded.pixel_aspect_width, pixel_aspect_height = excluded.pixel_aspect_height, aspect_from = "
        "excluded.aspect_from, state = excluded.state, message = excluded.message, part = excluded.part, "
        "parts = excluded.parts, geometry_notes = excluded.geometry_notes, "
        "settings_id = excluded.settings_id RETURNING id");
    query.Bind(name, source.path, source.sha256, info.bytes, source.modified_ns, info.duration_ms, info.width,
               info.height, info.rotation, info.mirrored ? 1 : 0, info.fps, info.codec, info.stream_index,
               info.time_base_num, info.time_base_den, info.created, info.created_from, info.latitude,
               info.longitude, info.altitude, info.located_from, info.device, info.make, info.model,
               info.software, info.timecode, info.timecode_from, counts.decoded, counts.dark, counts.still,
               counts.paced, counts.kept, counts.cuts, source.faces, source.tracks, turn_from,
               info.pixel_aspect.width, info.pixel_aspect.height, aspect_from, state, source.message,
               info.part, info.parts, info.geometry_notes, source.replaces, source.settings);
    query.Step();
    id = query.Integer(0);
    query.Run();
  }
  if (source.replaces == 0) PutPlaces(id, source);
  return id;
}

void SourceStore::PutPlaces(int64_t id, const SourceRecord& source) {
  connection_.Prepared("DELETE FROM source_places WHERE source_id = ?").Bind(id).Run();
  for (const SourcePlace& place : source.places) {
    connection_
        .Prepared(
            "INSERT OR REPLACE INTO source_places(path, part, source_id, name, modified_ns) VALUES (?, ?, ?, "
            "?, ?)")
        .Bind(place.path, source.info.part, id, place.name, place.modified_ns)
        .Run();
  }
}

void SourceStore::Place(const std::vector<SourceRecord>& sources) {
  CountSourcesWritten(connection_);
  // Names are free until every one is set, so that two sources can exchange theirs.
  for (const SourceRecord& source : sources)
    connection_.Prepared("UPDATE sources SET name = '//' || id WHERE id = ?").Bind(source.id).Run();
  for (const SourceRecord& source : sources) {
    connection_.Prepared("UPDATE sources SET name = ?, path = ?, modified_ns = ? WHERE id = ?")
        .Bind(source.name, source.path, source.modified_ns, source.id)
        .Run();
    PutPlaces(source.id, source);
  }
}

void SourceStore::TakePlace(int64_t id, int64_t replaced) {
  std::string name;
  {
    Query old = connection_.Prepared("SELECT name FROM sources WHERE id = ?");
    old.Bind(replaced);
    if (!old.Step()) throw std::logic_error("a scan replaces a source that is not there");
    name = old.Text(0);
  }
  connection_.Prepared("UPDATE sources SET replaces = NULL WHERE id = ?").Bind(id).Run();
  connection_.Prepared("UPDATE source_places SET source_id = ? WHERE source_id = ?").Bind(id, replaced).Run();
  // They hold as long as the content is what it was.
  connection_.Prepared("UPDATE copies SET source_id = ? WHERE source_id = ?").Bind(id, replaced).Run();
  connection_.Prepared("UPDATE copies SET other_id = ? WHERE other_id = ?").Bind(id, replaced).Run();
  connection_.Prepared("DELETE FROM sources WHERE id = ?").Bind(replaced).Run();
  connection_.Prepared("UPDATE sources SET name = ? WHERE id = ?").Bind(name, id).Run();
}

}  // namespace crossface
