// The tables of every version, as the migration from the one before makes them.
#include <array>

#include "crossface/gallery/derived_sql.h"
#include "crossface/gallery/person_totals_sql.h"
#include "crossface/gallery/schema.h"

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

// A picture's size stands beside its path: whoever looks at a million files looks up no faces.
constexpr std::string_view kVersion12 = R"sql(
ALTER TABLE exported_files ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE exported_files SET bytes = ifnull((SELECT jpeg_bytes FROM faces WHERE id = face_id), 0)
  WHERE face_id <> 0;
)sql";

constexpr std::array<std::string_view, 12> kMigrations = {kVersion1, kVersion2,  kVersion3,  kVersion4,
                                                          kVersion5, kVersion6,  kVersion7,  kVersion8,
                                                          kVersion9, kVersion10, kVersion11, kVersion12};

}  // namespace

std::span<const std::string_view> GalleryMigrations() { return kMigrations; }

}  // namespace crossface
