#include "crossface/gallery/schema.h"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <array>
#include <map>
#include <string>

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/person_totals_sql.h"

namespace crossface {
namespace {

// Pictures and vectors stand in tables of their own, so that reading faces does not read past them. Ids that
// leave the gallery (persons in folder names, faces in the list of exported files) are AUTOINCREMENT: never
// used twice.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE scan_settings(
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE);

CREATE TABLE sources(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  rotation INTEGER NOT NULL,
  fps REAL NOT NULL,
  codec TEXT NOT NULL,
  stream_index INTEGER NOT NULL,
  time_base_num INTEGER NOT NULL,
  time_base_den INTEGER NOT NULL,
  created TEXT NOT NULL,
  created_from TEXT NOT NULL,
  latitude REAL,
  longitude REAL,
  device TEXT NOT NULL,
  decoded INTEGER NOT NULL,
  dark INTEGER NOT NULL,
  still INTEGER NOT NULL,
  paced INTEGER NOT NULL,
  kept INTEGER NOT NULL,
  cuts INTEGER NOT NULL,
  faces INTEGER NOT NULL,
  tracks INTEGER NOT NULL,
  state TEXT NOT NULL,
  message TEXT NOT NULL,
  settings_id INTEGER NOT NULL REFERENCES scan_settings(id));

CREATE TABLE checkpoints(
  source_id INTEGER PRIMARY KEY REFERENCES sources(id) ON DELETE CASCADE,
  next_frame INTEGER NOT NULL,
  next_shot INTEGER NOT NULL,
  next_track INTEGER NOT NULL,
  decoded INTEGER NOT NULL,
  dark INTEGER NOT NULL,
  still INTEGER NOT NULL,
  paced INTEGER NOT NULL,
  kept INTEGER NOT NULL,
  cuts INTEGER NOT NULL);

CREATE TABLE models(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  UNIQUE(name, sha256));

CREATE TABLE tracks(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  shot INTEGER NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  quality REAL NOT NULL,
  may_form INTEGER NOT NULL,
  UNIQUE(source_id, number));

CREATE TABLE faces(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  frame INTEGER NOT NULL,
  pts INTEGER NOT NULL,
  time_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  x REAL NOT NULL,
  y REAL NOT NULL,
  width REAL NOT NULL,
  height REAL NOT NULL,
  score REAL NOT NULL,
  landmarks BLOB NOT NULL,
  seen_by INTEGER NOT NULL,
  looked INTEGER NOT NULL,
  quality REAL NOT NULL,
  jpeg_bytes INTEGER NOT NULL,
  UNIQUE(track_id, number));

CREATE TABLE face_pictures(
  face_id INTEGER PRIMARY KEY REFERENCES faces(id) ON DELETE CASCADE,
  jpeg BLOB NOT NULL);

CREATE TABLE face_embeddings(
  face_id INTEGER NOT NULL REFERENCES faces(id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models(id),
  vector BLOB NOT NULL);
CREATE UNIQUE INDEX face_embeddings_by_face ON face_embeddings(face_id, model_id);

CREATE TABLE templates(
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models(id),
  vector BLOB NOT NULL);
CREATE UNIQUE INDEX templates_by_track ON templates(track_id, model_id);

CREATE TABLE persons(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  folded_name TEXT UNIQUE);

CREATE TABLE assignments(
  track_id INTEGER PRIMARY KEY REFERENCES tracks(id) ON DELETE CASCADE,
  person_id INTEGER REFERENCES persons(id) ON DELETE CASCADE,
  confidence REAL NOT NULL);
CREATE INDEX assignments_by_person ON assignments(person_id);

CREATE TABLE exported_files(
  path TEXT PRIMARY KEY,
  face_id INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE exported_folders(
  person_id INTEGER PRIMARY KEY,
  folder TEXT NOT NULL,
  moving_to TEXT NOT NULL);

CREATE TABLE facts(
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL) WITHOUT ROWID;
)sql";

constexpr std::string_view kVersion2 = R"sql(
CREATE TABLE corrections(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time TEXT NOT NULL,
  verb TEXT NOT NULL,
  body TEXT NOT NULL);

ALTER TABLE persons ADD COLUMN ignored INTEGER NOT NULL DEFAULT 0;

ALTER TABLE tracks ADD COLUMN first_person_id INTEGER;
UPDATE tracks SET first_person_id = (SELECT person_id FROM assignments WHERE track_id = tracks.id);
)sql";

// Persons of suggestions and of cohesion may vanish and come back with a correction and its undoing: no
// references.
constexpr std::string_view kVersion3 = R"sql(
ALTER TABLE sources ADD COLUMN mirrored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN make TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN model TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN software TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN altitude REAL;
ALTER TABLE sources ADD COLUMN located_from TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN timecode TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN timecode_from TEXT NOT NULL DEFAULT '';

CREATE TABLE cohesion(
  person_id INTEGER PRIMARY KEY,
  value REAL NOT NULL,
  tracks_sha256 TEXT NOT NULL);

CREATE TABLE suggestions(
  rank INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  other_id INTEGER NOT NULL,
  probability REAL NOT NULL,
  gain REAL NOT NULL,
  settled INTEGER NOT NULL);

CREATE TABLE suggestion_tracks(
  rank INTEGER NOT NULL REFERENCES suggestions(rank) ON DELETE CASCADE,
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  PRIMARY KEY(rank, track_id)) WITHOUT ROWID;
CREATE INDEX suggestion_tracks_by_track ON suggestion_tracks(track_id);
)sql";

// Both speak of a content: they hold as long as the source has that SHA-256.
constexpr std::string_view kVersion4 = R"sql(
CREATE TABLE fingerprints(
  source_id INTEGER PRIMARY KEY REFERENCES sources(id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  version INTEGER NOT NULL,
  data BLOB NOT NULL);

CREATE TABLE copies(
  number INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  source_sha256 TEXT NOT NULL,
  other_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  other_sha256 TEXT NOT NULL,
  kind TEXT NOT NULL,
  start_us INTEGER NOT NULL,
  other_start_us INTEGER NOT NULL,
  length_us INTEGER NOT NULL,
  votes INTEGER NOT NULL,
  alike REAL NOT NULL,
  mirrored INTEGER NOT NULL,
  cut_out TEXT NOT NULL);
CREATE INDEX copies_by_source ON copies(source_id);
CREATE INDEX copies_by_other ON copies(other_id);
)sql";

// Before this, what a file stated of its pixels' shape was not looked at.
constexpr std::string_view kVersion5 = R"sql(
ALTER TABLE tracks ADD COLUMN evidence REAL NOT NULL DEFAULT 1;
ALTER TABLE tracks ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE face_embeddings ADD COLUMN norm REAL NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN turn_from TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN pixel_aspect_width INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sources ADD COLUMN pixel_aspect_height INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sources ADD COLUMN aspect_from TEXT NOT NULL DEFAULT '';
UPDATE sources SET turn_from = 'file' WHERE rotation <> 0;
)sql";

// A row of `sources` that replaces another one is a scan that is not complete: nobody but the scan looks at
// it. Places are of a path and a part of the file there, like sources.
constexpr std::string_view kVersion6 = R"sql(
ALTER TABLE sources ADD COLUMN part TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN geometry_notes TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN replaces INTEGER REFERENCES sources(id) ON DELETE CASCADE;

CREATE TABLE source_places(
  path TEXT NOT NULL,
  part TEXT NOT NULL,
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  modified_ns INTEGER NOT NULL,
  PRIMARY KEY(path, part)) WITHOUT ROWID;
CREATE INDEX source_places_by_source ON source_places(source_id);
)sql";

// Tracks with faces in one frame. Two boxes that overlap much are one face that was reported twice: such
// tracks are not told apart. tracks_together.h says the same of tracks that are being written.
#define SEEN_TOGETHER_SQL                                                                                \
  "WITH seen AS MATERIALIZED (SELECT source_id, frame, track_id, x, y, width, height FROM main.faces "   \
  "JOIN main.tracks ON tracks.id = track_id), both AS (SELECT a.track_id AS track_id, b.track_id AS "    \
  "other_id, "                                                                                           \
  "a.width * a.height + b.width * b.height AS area, "                                                    \
  "max(0, min(a.x + a.width, b.x + b.width) - max(a.x, b.x)) * "                                         \
  "max(0, min(a.y + a.height, b.y + b.height) - max(a.y, b.y)) AS common FROM seen AS a JOIN seen AS b " \
  "ON a.source_id = b.source_id AND a.frame = b.frame AND a.track_id < b.track_id) "                     \
  "SELECT track_id, other_id FROM both GROUP BY track_id, other_id "                                     \
  "HAVING max(common > 0 AND common >= 0.3 * (area - common)) = 0"

constexpr std::string_view kVersion7 = R"sql(
ALTER TABLE tracks ADD COLUMN faces INTEGER NOT NULL DEFAULT 0;
UPDATE tracks SET faces = (SELECT count(*) FROM faces WHERE track_id = tracks.id);

CREATE TABLE tracks_together(
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  other_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  PRIMARY KEY(track_id, other_id)) WITHOUT ROWID;
CREATE INDEX tracks_together_by_other ON tracks_together(other_id);

CREATE TABLE thumbnails(
  face_id INTEGER NOT NULL REFERENCES faces(id) ON DELETE CASCADE,
  pixels INTEGER NOT NULL,
  quality INTEGER NOT NULL,
  jpeg BLOB NOT NULL);
CREATE UNIQUE INDEX thumbnails_by_face ON thumbnails(face_id, pixels, quality);

INSERT INTO tracks_together )sql" SEEN_TOGETHER_SQL ";";

// Empty whenever the exported folder may not be what the gallery says: every writer sees to that, which is
// why programs that do not know the table must not write.
constexpr std::string_view kVersion8 = R"sql(
CREATE TABLE exported_logs(
  name TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL) WITHOUT ROWID;
ALTER TABLE exported_files ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::string_view kVersion9 = R"sql(
CREATE TABLE reference_faces(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  folded_name TEXT NOT NULL,
  photo TEXT NOT NULL,
  photo_sha256 TEXT NOT NULL,
  photo_width INTEGER NOT NULL,
  photo_height INTEGER NOT NULL,
  x REAL NOT NULL,
  y REAL NOT NULL,
  width REAL NOT NULL,
  height REAL NOT NULL,
  quality REAL NOT NULL,
  evidence REAL NOT NULL,
  picture BLOB NOT NULL,
  time TEXT NOT NULL,
  by TEXT NOT NULL);
CREATE INDEX reference_faces_by_name ON reference_faces(folded_name);
CREATE TABLE reference_vectors(
  reference_id INTEGER NOT NULL REFERENCES reference_faces(id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  vector BLOB NOT NULL,
  PRIMARY KEY(reference_id, model, model_sha256)) WITHOUT ROWID;
ALTER TABLE persons ADD COLUMN by_reference INTEGER NOT NULL DEFAULT 0;
)sql";

// What corrections say of looks is most of their bytes, and seldom needed. An array with one of "templates"
// for each of the body's tracks.
#define HAS_TRACKS "json_valid(body) AND json_type(body, '$.tracks') = 'array'"
#define LOOKS_SQL                                                                                          \
  "CASE WHEN " HAS_TRACKS                                                                                  \
  " AND instr(body, '\"templates\"') > 0 THEN (SELECT json_group_array(json("                              \
  "coalesce(json_extract(track.value, '$.templates'), '[]'))) FROM json_each(body, '$.tracks') AS track) " \
  "ELSE '' END"
#define BODY_WITHOUT_LOOKS_SQL                                                                             \
  "CASE WHEN " HAS_TRACKS                                                                                  \
  " THEN json_set(body, '$.tracks', (SELECT "                                                              \
  "json_group_array(json_remove(track.value, '$.templates')) FROM json_each(body, '$.tracks') AS track)) " \
  "ELSE body END"

// What people's tracks come to, kept by whoever changes them (TotalsStore::Renew): a look at a large case
// does not add all tracks up. And which tracks references of corrections mean, once they have been found.
constexpr std::string_view kVersion10 =
    R"sql(
CREATE TABLE person_totals(
  person_id INTEGER PRIMARY KEY REFERENCES persons(id) ON DELETE CASCADE,
  tracks INTEGER NOT NULL,
  faces INTEGER NOT NULL,
  sources INTEGER NOT NULL,
  screen_us INTEGER NOT NULL,
  portrait INTEGER);
INSERT INTO person_totals )sql" PERSON_TOTALS_SQL R"sql( GROUP BY person_id;

CREATE INDEX assignments_of_nobody ON assignments(reason) WHERE person_id IS NULL;
CREATE INDEX sources_by_sha256 ON sources(sha256);
CREATE INDEX sources_by_counts ON sources(tracks, faces);
CREATE INDEX sources_that_replace ON sources(replaces) WHERE replaces IS NOT NULL;

CREATE TABLE found_tracks(
  correction_id INTEGER NOT NULL REFERENCES corrections(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  PRIMARY KEY(correction_id, number)) WITHOUT ROWID;
CREATE INDEX found_tracks_by_track ON found_tracks(track_id);

ALTER TABLE corrections ADD COLUMN looks TEXT NOT NULL DEFAULT '';
UPDATE corrections SET looks = )sql" LOOKS_SQL ", body = " BODY_WITHOUT_LOOKS_SQL
    R"sql( WHERE instr(body, '"templates"') > 0;

INSERT INTO facts(key, value) VALUES ('sources_written', '1');
)sql";

// `marked`: whether the marks are all that there are, which they are not of a scan that began before this.
constexpr std::string_view kVersion11 = R"sql(
ALTER TABLE sources ADD COLUMN marked INTEGER NOT NULL DEFAULT 0;
CREATE TABLE source_marks(
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  kind INTEGER NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL);
CREATE INDEX source_marks_by_source ON source_marks(source_id);
)sql";

constexpr std::array<std::string_view, 11> kMigrations = {kVersion1, kVersion2,  kVersion3, kVersion4,
                                                          kVersion5, kVersion6,  kVersion7, kVersion8,
                                                          kVersion9, kVersion10, kVersion11};

// What an older version lacks, for this connection alone: temporary views go before the tables of their
// names.
constexpr std::string_view kAbsentBefore11 =
    "CREATE TEMP VIEW source_marks AS SELECT 0 AS source_id, 0 AS kind, 0 AS start_us, 0 AS end_us, 0 AS "
    "rowid "
    "WHERE 0;";
constexpr std::string_view kAbsentBefore10 =
    "CREATE TEMP VIEW person_totals AS " PERSON_TOTALS_SQL
    " GROUP BY person_id;"
    "CREATE TEMP VIEW found_tracks AS SELECT 0 AS correction_id, 0 AS number, 0 AS track_id WHERE 0;";
constexpr std::string_view kCorrectionsBefore10 =
    "CREATE TEMP VIEW corrections AS SELECT id, time, verb, " BODY_WITHOUT_LOOKS_SQL " AS body, " LOOKS_SQL
    " AS looks FROM main.corrections;";
constexpr std::string_view kAbsentBefore9 = R"sql(
CREATE TEMP VIEW reference_faces AS SELECT 0 AS id, '' AS name, '' AS folded_name, '' AS photo, '' AS photo_sha256,
  0 AS photo_width, 0 AS photo_height, 0 AS x, 0 AS y, 0 AS width, 0 AS height, 0 AS quality, 0 AS evidence,
  x'' AS picture, '' AS time, '' AS by WHERE 0;
CREATE TEMP VIEW reference_vectors AS SELECT 0 AS reference_id, '' AS model, '' AS model_sha256, x'' AS vector
  WHERE 0;
)sql";
constexpr std::string_view kAbsentBefore8 =
    "CREATE TEMP VIEW exported_logs AS SELECT '' AS name, '' AS sha256 WHERE 0;";
constexpr std::string_view kAbsentBefore7 =
    "CREATE TEMP VIEW thumbnails AS SELECT 0 AS face_id, 0 AS pixels, 0 AS quality, x'' AS jpeg WHERE 0;"
    "CREATE TEMP VIEW tracks_together AS " SEEN_TOGETHER_SQL ";";
constexpr std::string_view kAbsentBefore6 = R"sql(
CREATE TEMP VIEW source_places AS SELECT '' AS path, '' AS part, 0 AS source_id, '' AS name, 0 AS modified_ns
  WHERE 0;
)sql";
constexpr std::string_view kAbsentBefore4 = R"sql(
CREATE TEMP VIEW fingerprints AS SELECT 0 AS source_id, '' AS sha256, 0 AS version, x'' AS data WHERE 0;
CREATE TEMP VIEW copies AS SELECT 0 AS number, 0 AS source_id, '' AS source_sha256, 0 AS other_id,
  '' AS other_sha256, '' AS kind, 0 AS start_us, 0 AS other_start_us, 0 AS length_us, 0 AS votes, 0 AS alike,
  0 AS mirrored, '' AS cut_out WHERE 0;
)sql";
constexpr std::string_view kAbsentBefore3 = R"sql(
CREATE TEMP VIEW cohesion AS SELECT 0 AS person_id, 0 AS value, '' AS tracks_sha256 WHERE 0;
CREATE TEMP VIEW suggestions AS SELECT 0 AS rank, '' AS kind, 0 AS person_id, 0 AS other_id, 0 AS probability,
  0 AS gain, 0 AS settled WHERE 0;
CREATE TEMP VIEW suggestion_tracks AS SELECT 0 AS rank, 0 AS track_id WHERE 0;
)sql";
constexpr std::string_view kAbsentBefore2 = R"sql(
CREATE TEMP VIEW corrections AS SELECT 0 AS id, '' AS time, '' AS verb, '' AS body, '' AS looks WHERE 0;
)sql";

// Columns that a version added to a table. A table has one view, with all that it lacks.
struct AddedColumns {
  int64_t version;
  std::string_view table, columns;
};
constexpr AddedColumns kAddedColumns[] = {
    {2, "persons", "0 AS ignored"},
    {9, "persons", "0 AS by_reference"},
    {2, "tracks", "(SELECT person_id FROM main.assignments WHERE track_id = id) AS first_person_id"},
    {3, "sources",
     "0 AS mirrored, '' AS make, '' AS model, '' AS software, NULL AS altitude, '' AS located_from, "
     "'' AS timecode, '' AS timecode_from"},
    {5, "sources",
     "iif(rotation <> 0, 'file', '') AS turn_from, 1 AS pixel_aspect_width, 1 AS pixel_aspect_height, '' AS "
     "aspect_from"},
    {6, "sources", "'' AS geometry_notes"},
    {8, "exported_files", "'' AS sha256"},
    {5, "tracks", "1 AS evidence, '' AS reason"},
    {7, "tracks", "(SELECT count(*) FROM main.faces WHERE track_id = tracks.id) AS faces"},
    {5, "assignments", "'' AS reason"},
    // Views have no rowid of their own, and the vectors' order is by it.
    {5, "face_embeddings", "0 AS norm, rowid AS rowid"},
    {6, "sources", "'' AS part, 0 AS parts, '' AS geometry_notes, NULL AS replaces"},
    {11, "sources", "0 AS marked"},
};

std::string ViewsForColumnsAddedAfter(int64_t version) {
  std::map<std::string_view, std::string> lacking;
  for (const AddedColumns& added : kAddedColumns) {
    if (added.version > version) lacking[added.table] += fmt::format(", {}", added.columns);
  }
  std::string views;
  for (const auto& [table, columns] : lacking)
    views += fmt::format("CREATE TEMP VIEW {0} AS SELECT *{1} FROM main.{0};\n", table, columns);
  return views;
}

int64_t ReadNumber(SQLite::Database& database, const char* query) {
  return database.execAndGet(query).getInt64();
}

// The version, once it is one that this program may use.
Result<int64_t> CheckedVersion(SQLite::Database& database, int64_t newest) {
  const int64_t version = ReadNumber(database, "PRAGMA user_version");
  const bool ours = ReadNumber(database, "PRAGMA application_id") == kGalleryApplicationId;
  const bool empty = ReadNumber(database, "SELECT count(*) FROM sqlite_master") == 0;
  if (!ours && !empty) return Status(StatusCode::kInvalidArgument, "is the database of another program");
  if (version <= newest) return version;
  return Status(
      StatusCode::kUnsupported,
      fmt::format("was written by crossface schema {}; this program knows up to {}; install the newer "
                  "version",
                  version, newest));
}

}  // namespace

std::span<const std::string_view> GalleryMigrations() { return kMigrations; }

Status Migrate(SQLite::Database& database, std::span<const std::string_view> migrations) {
  const auto newest = static_cast<int64_t>(migrations.size());
  CROSSFACE_ASSIGN_OR_RETURN(const int64_t found, CheckedVersion(database, newest));
  CROSSFACE_RETURN_IF_ERROR(CheckSchema(database, migrations.first(static_cast<size_t>(found))));
  if (found == newest) return Status();

  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
  CROSSFACE_ASSIGN_OR_RETURN(const int64_t version, CheckedVersion(database, newest));
  for (int64_t step = version; step < newest; ++step)
    database.exec(std::string(migrations[static_cast<size_t>(step)]));
  database.exec(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kGalleryApplicationId, newest));
  transaction.commit();
  return Status();
}

Status PrepareReading(SQLite::Database& database) {
  CROSSFACE_ASSIGN_OR_RETURN(const int64_t version,
                             CheckedVersion(database, static_cast<int64_t>(kMigrations.size())));
  if (version == 0) {
    return Status(StatusCode::kUnsupported, "is empty: the beginning of it was interrupted",
                  Remedy::kIdentify);
  }
  CROSSFACE_RETURN_IF_ERROR(CheckSchema(database, GalleryMigrations().first(static_cast<size_t>(version))));
  database.exec(ViewsForColumnsAddedAfter(version));
  if (version < 11) database.exec(std::string(kAbsentBefore11));
  if (version < 10) database.exec(std::string(kAbsentBefore10));
  if (version < 10 && version >= 2) database.exec(std::string(kCorrectionsBefore10));
  if (version < 9) database.exec(std::string(kAbsentBefore9));
  if (version < 8) database.exec(std::string(kAbsentBefore8));
  if (version < 7) database.exec(std::string(kAbsentBefore7));
  if (version < 6) database.exec(std::string(kAbsentBefore6));
  if (version < 4) database.exec(std::string(kAbsentBefore4));
  if (version < 3) database.exec(std::string(kAbsentBefore3));
  if (version < 2) database.exec(std::string(kAbsentBefore2));
  return Status();
}

}  // namespace crossface
