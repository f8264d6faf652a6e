#include "crossface/gallery/case_guard.h"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crossface/gallery/file_name.h"
#include "crossface/gallery/gallery.h"
#include "crossface/gallery/schema.h"
#include "crossface/util/mutex.h"
#include "crossface/util/nesting.h"

namespace crossface {
namespace {

// Far more than any picture, vector or correction of a case needs, and little enough to be held.
constexpr int kLongestCell = 256 << 20;
// Room to reckon with times without leaving the range of the type.
constexpr int64_t kFarthestTime = int64_t{1} << 60;
constexpr float kLargestCoordinate = 1e9f;
constexpr int kLargestPicture = 1 << 24;

Status Foreign(std::string_view what, std::string_view holder = "the gallery ") {
  return Status(StatusCode::kCorrupt,
                fmt::format("{}holds {}, which crossface never writes: it was damaged, or changed by another "
                            "program to do harm; restore the case from a copy that you trust",
                            holder, what));
}

// A person's folder: people/<name>, ignored/<name>.
bool IsPersonFolder(std::string_view path) {
  for (const std::string_view parent : {"people/", "ignored/"}) {
    if (path.starts_with(parent) && FileNameProblem(path.substr(parent.size())).empty()) return true;
  }
  return false;
}

bool IsMovingFolder(std::string_view path, int64_t person) {
  return path == fmt::format("people/.moving-{}", person);
}

// The end of a rollback journal that was one of several: the name of the file that binds them together.
// SQLite deletes that file once it has rolled back. A gallery is alone, so none of its journals has one.
bool NamesAnotherFile(std::string_view journal) {
  constexpr std::array<unsigned char, 8> kMagic = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
  return journal.size() >= kMagic.size() &&
         std::memcmp(journal.data() + journal.size() - kMagic.size(), kMagic.data(), kMagic.size()) == 0;
}

Status CheckJournal(const Directory& case_folder, const std::string& name) {
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor journal, case_folder.OpenFile(name));
  std::array<char, 8> end{};
  const int64_t bytes = case_folder.Look(name).bytes;
  if (bytes < static_cast<int64_t>(end.size())) return Status();
  const ssize_t read =
      ::pread(journal.get(), end.data(), end.size(), bytes - static_cast<int64_t>(end.size()));
  if (read == static_cast<ssize_t>(end.size()) && !NamesAnotherFile({end.data(), end.size()}))
    return Status();
  return Status(
      StatusCode::kCorrupt,
      fmt::format("{} would have another file deleted, which crossface never asks for: remove it, and "
                  "do not trust this case",
                  (case_folder.path() / name).string()));
}

using Schema = std::map<std::pair<std::string, std::string>, std::string>;  // (type, name) -> SQL

Schema ReadSchema(SQLite::Database& database) {
  Schema schema;
  // An index that a UNIQUE makes has no text of its own.
  SQLite::Statement query(database, "SELECT type, name, sql FROM main.sqlite_master WHERE sql IS NOT NULL");
  while (query.executeStep()) {
    std::string text;
    for (const char c : query.getColumn(2).getString()) {
      const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
      // Which SQLite writes around names that it has changed itself.
      if (!blank && c != '"') text += c;
      if (blank && !text.empty() && text.back() != ' ') text += ' ';
    }
    schema[{query.getColumn(0).getString(), query.getColumn(1).getString()}] = text;
  }
  return schema;
}

// What SQLite's ANALYZE keeps: numbers for its planner alone.
// What the migrations make. Making it takes longer than all else of opening a case: the last is remembered.
std::shared_ptr<const Schema> SchemaOf(std::span<const std::string_view> migrations) {
  static Mutex mutex;
  static std::vector<std::string> made_of;
  static std::shared_ptr<const Schema> made;
  const MutexLock lock(mutex);
  if (made != nullptr && std::equal(made_of.begin(), made_of.end(), migrations.begin(), migrations.end()))
    return made;
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  for (const std::string_view migration : migrations) database.exec(std::string(migration));
  made = std::make_shared<const Schema>(ReadSchema(database));
  made_of.assign(migrations.begin(), migrations.end());
  return made;
}

bool IsStatistics(const std::pair<std::string, std::string>& object, const std::string& sql) {
  return object.first == "table" && object.second.starts_with("sqlite_stat") &&
         sql.starts_with("CREATE TABLE sqlite_stat");
}

}  // namespace

Status CheckDatabaseFiles(const Directory& case_folder, bool writable) {
  for (const char* name : {"crossface.db", "crossface.db-wal", "crossface.db-shm", "crossface.db-journal"}) {
    const Directory::Entry entry = case_folder.Look(name);
    if (entry.kind == Directory::Kind::kNothing) continue;
    const std::string path = (case_folder.path() / name).string();
    if (entry.kind != Directory::Kind::kFile)
      return Status(
          StatusCode::kPermissionDenied,
          fmt::format("{} is not a file but a link or something else: a case keeps its gallery in a "
                      "file of its own; put a copy of the real one in its place",
                      path));
    if (writable && entry.names > 1)
      return Status(
          StatusCode::kPermissionDenied,
          fmt::format("{} has another name too (a hard link), which would be changed with it; put a "
                      "copy of it in its place",
                      path));
  }
  const std::string journal = "crossface.db-journal";
  if (case_folder.Look(journal).kind == Directory::Kind::kNothing) return Status();
  return CheckJournal(case_folder, journal);
}

Status CheckSchema(SQLite::Database& database, std::span<const std::string_view> migrations) {
  const std::shared_ptr<const Schema> made = SchemaOf(migrations);
  const Schema &wanted = *made, found = ReadSchema(database);
  for (const auto& [object, sql] : found) {
    if (IsStatistics(object, sql)) continue;
    const auto known = wanted.find(object);
    if (known == wanted.end()) return Foreign(fmt::format("the {} '{}'", object.first, object.second), "");
    if (known->second != sql) return Foreign(fmt::format("another {} '{}'", object.first, object.second), "");
  }
  for (const auto& [object, sql] : wanted) {
    if (!found.contains(object))
      return Status(StatusCode::kCorrupt,
                    fmt::format("lacks the {} {}: restore it from a copy", object.first, object.second));
  }
  return Status();
}

void HardenConnection(SQLite::Database& database) {
  sqlite3* const handle = database.getHandle();
  const auto set = [&](int option, int value) {
    database.check(sqlite3_db_config(handle, option, value, nullptr));
  };
  set(SQLITE_DBCONFIG_DEFENSIVE, 1);
  set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  // Of the database itself; this program's own temporary views stay.
  set(SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
  set(SQLITE_DBCONFIG_ENABLE_VIEW, 0);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kLongestCell);
  database.exec("PRAGMA cell_size_check = ON");
}

Status CheckExportedPath(const std::string& path) {
  bool good = IsInnerPath(path);
  const size_t slash = path.find('/');
  if (slash == std::string::npos) {
    good = good && (path.ends_with(".csv") || path.ends_with(".html"));
  } else {
    const std::string_view parent = std::string_view(path).substr(0, slash);
    good = good && (parent == "people" || parent == "ignored" || parent == "unassigned");
  }
  return good ? Status() : Foreign(fmt::format("the exported file '{}'", path));
}

Status CheckExportedFolder(const ExportedFolder& folder) {
  const bool good = (IsPersonFolder(folder.folder) || IsMovingFolder(folder.folder, folder.person_id)) &&
                    (folder.moving_to.empty() || IsPersonFolder(folder.moving_to));
  return good ? Status()
              : Foreign(fmt::format("the folder '{}' ('{}') of a person", folder.folder, folder.moving_to));
}

Status CheckStoredPerson(const PersonRecord& person) {
  if (person.id > 0 && CheckPersonName(person.name).ok()) return Status();
  return Foreign(fmt::format("a person with the number {} and the name '{}'", person.id, person.name));
}

Status CheckStoredSource(const SourceRecord& source) {
  const SourceInfo& info = source.info;
  const auto is_size = [](int pixels) { return pixels >= 0 && pixels <= kLargestPicture; };
  const bool good = is_size(info.width) && is_size(info.height) && info.rotation % 90 == 0 &&
                    info.rotation >= 0 && info.rotation < 360 && info.pixel_aspect.width > 0 &&
                    info.pixel_aspect.height > 0 && std::isfinite(info.fps) && info.fps >= 0 &&
                    std::abs(info.duration_ms) < kFarthestTime / 1000;
  if (!good) return Foreign(fmt::format("the source '{}' with impossible numbers", source.name));
  return IsNestedTooDeep(source.settings)
             ? Foreign(fmt::format("the source '{}' with impossible settings", source.name))
             : Status();
}

Status CheckStoredCorrection(const CorrectionRecord& correction) {
  return IsNestedTooDeep(correction.body) || IsNestedTooDeep(correction.looks)
             ? Foreign(fmt::format("the correction {} with an impossible body", correction.id))
             : Status();
}

Status CheckStoredFace(const FaceRecord& face) {
  const auto is_place = [](float value) {
    return std::isfinite(value) && std::abs(value) < kLargestCoordinate;
  };
  const auto is_time = [](int64_t us) { return us > -kFarthestTime && us < kFarthestTime; };
  const cv::Rect2f& box = face.detection.box;
  const bool good = is_place(box.x) && is_place(box.y) && is_place(box.width) && is_place(box.height) &&
                    std::isfinite(face.quality) && std::isfinite(face.detection.score) &&
                    is_time(face.time_us) && is_time(face.duration_us) && face.jpeg_bytes >= 0;
  return good ? Status() : Foreign(fmt::format("the face {} with impossible numbers", face.id));
}

}  // namespace crossface
