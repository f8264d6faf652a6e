#include "crossface/gallery/schema.h"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <array>

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

constexpr std::array<std::string_view, 2> kMigrations = {kVersion1, kVersion2};

int64_t ReadNumber(SQLite::Database& database, const char* query) {
  return database.execAndGet(query).getInt64();
}

}  // namespace

std::span<const std::string_view> GalleryMigrations() { return kMigrations; }

Status Migrate(SQLite::Database& database, std::span<const std::string_view> migrations, bool may_write) {
  const auto newest = static_cast<int64_t>(migrations.size());
  const auto check = [&](int64_t version) {
    const bool ours = ReadNumber(database, "PRAGMA application_id") == kGalleryApplicationId;
    const bool empty = ReadNumber(database, "SELECT count(*) FROM sqlite_master") == 0;
    if (!ours && !empty) return Status(StatusCode::kInvalidArgument, "is the database of another program");
    if (version > newest) {
      return Status(
          StatusCode::kUnsupported,
          fmt::format(
              "was written by crossface schema {}; this program knows up to {}; install the newer version",
              version, newest));
    }
    if (version < newest && !may_write) {
      return Status(
          StatusCode::kUnsupported,
          fmt::format(
              "is of schema {}, this program reads {}: crossface export on the case brings it up to date",
              version, newest));
    }
    return Status();
  };
  CROSSFACE_RETURN_IF_ERROR(check(ReadNumber(database, "PRAGMA user_version")));
  if (ReadNumber(database, "PRAGMA user_version") == newest) return Status();

  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
  const int64_t version = ReadNumber(database, "PRAGMA user_version");
  CROSSFACE_RETURN_IF_ERROR(check(version));
  for (int64_t step = version; step < newest; ++step)
    database.exec(std::string(migrations[static_cast<size_t>(step)]));
  database.exec(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kGalleryApplicationId, newest));
  transaction.commit();
  return Status();
}

}  // namespace crossface
