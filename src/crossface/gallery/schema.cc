#include "crossface/gallery/schema.h"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <map>
#include <string>

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/derived_sql.h"
#include "crossface/gallery/person_totals_sql.h"

namespace crossface {
namespace {

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
    {12, "exported_files", "ifnull((SELECT jpeg_bytes FROM main.faces WHERE id = face_id), 0) AS bytes"},
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
                             CheckedVersion(database, static_cast<int64_t>(GalleryMigrations().size())));
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
