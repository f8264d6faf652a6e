#include "crossface/gallery/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/schema.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr int kBusyTimeoutMs = 10'000;
// Steps of SQLite's machine, some dozens a row: looking whether to stop does not count beside them.
constexpr int kStepsBetweenLooks = 1000;

// Pages of 16 KiB hold seven 512-float vectors each; SQLite's default of 4 KiB would leave half of every page
// empty.
constexpr const char* kNewDatabasePragmas = "PRAGMA page_size = 16384";
constexpr const char* kWriterPragmas =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA "
    "journal_size_limit = 67108864";

Status DamagedFile(const std::string& file, std::string_view what) {
  return Status(
      StatusCode::kCorrupt,
      fmt::format("{} is damaged ({}): restore it from a copy, or start a new case folder", file, what));
}

Status StatusFor(const std::string& file, int code, int system_error, const char* text) {
  const bool full = system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Status(
          StatusCode::kOutOfResources,
          fmt::format("no space left to write {}: free disk space and run the same command again", file));
    case SQLITE_IOERR:
      if (full) {
        return Status(
            StatusCode::kOutOfResources,
            fmt::format("no space left to write {}: free disk space and run the same command again", file));
      }
      return Status(StatusCode::kIo, fmt::format("cannot read or write {}: {}", file, text));
    case SQLITE_NOMEM:
      return Status(StatusCode::kOutOfResources, fmt::format("out of memory while using {}", file));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
      return DamagedFile(file, text);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Status(StatusCode::kPermissionDenied, fmt::format("cannot open {}: {}", file, text));
    case SQLITE_INTERRUPT:
      return Status(StatusCode::kInterrupted, "stopped");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Status(StatusCode::kIo,
                    fmt::format("{} is in use by another program; try again when it has ended", file));
    default:
      return Status(StatusCode::kInternal, fmt::format("{}: {}", file, text));
  }
}

// A case on a read-only medium: SQLite could not make its shared-memory file there. Sound only without a
// write-ahead log.
bool IsImmutable(const std::filesystem::path& path) {
  return ::access(path.parent_path().c_str(), W_OK) != 0 && !std::filesystem::exists(path.native() + "-wal");
}

std::string ImmutableUri(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.native()) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.';
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri + "?immutable=1";
}

// The file is shorter than its header says, and no write-ahead log has the rest. SQLite itself would notice
// only when it comes to a page that is not there.
bool IsCutShort(const std::filesystem::path& path) {
  std::error_code error;
  const auto wal_bytes = std::filesystem::file_size(path.native() + "-wal", error);
  if (!error && wal_bytes > 0) return false;
  std::ifstream file(path, std::ios::binary);
  std::array<unsigned char, 32> header{};
  if (!file.read(reinterpret_cast<char*>(header.data()), header.size())) return false;
  const auto number = [&](size_t at, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value = value << 8 | header[at + i];
    return value;
  };
  const uint64_t page_bytes = number(16, 2) == 1 ? 65536 : number(16, 2);
  const auto bytes = std::filesystem::file_size(path, error);
  return !error && bytes < page_bytes * number(28, 4);
}

// One thread at a time uses a connection, so that SQLite needs no lock for each value that it gives.
SQLite::Database OpenDatabase(const std::filesystem::path& path, bool writable) {
  const int reading = SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX;
  const int writing = SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX;
  if (writable) {
    SQLite::Database database(path.native(), writing, kBusyTimeoutMs);
    database.exec(kNewDatabasePragmas);
    return database;
  }
  if (IsImmutable(path)) {
    return SQLite::Database(ImmutableUri(path), reading | SQLite::OPEN_URI, kBusyTimeoutMs);
  }
  return SQLite::Database(path.native(), reading, kBusyTimeoutMs);
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(const std::filesystem::path& path, bool writable) {
  if (IsCutShort(path)) return StatusFor(DisplayPath(path), SQLITE_CORRUPT, 0, "its end is missing");
  try {
    auto connection = std::make_unique<Connection>(path, OpenDatabase(path, writable));
    return connection->Guarded([&]() -> Result<std::unique_ptr<Connection>> {
      SQLite::Database& database = connection->database_;
      HardenConnection(database);
      const Status ready = writable ? Migrate(database, GalleryMigrations()) : PrepareReading(database);
      if (!ready.ok()) return Status(ready.code(), fmt::format("{} {}", DisplayPath(path), ready.message()));
      if (writable) database.exec(kWriterPragmas);
      return std::move(connection);
    });
  } catch (const SQLite::Exception& error) {
    return StatusFor(DisplayPath(path), error.getErrorCode(), errno, error.what());
  }
}

Connection::Connection(std::filesystem::path path, SQLite::Database database)
    : path_(std::move(path)), database_(std::move(database)) {}

Query Connection::Prepared(const char* sql) {
  std::unique_ptr<SQLite::Statement>& statement = statements_[sql];
  if (statement == nullptr) statement = std::make_unique<SQLite::Statement>(database_, sql);
  return Query(*statement);
}

void Connection::StopWith(const std::stop_token* stop) {
  const auto look = [](void* token) {
    return static_cast<int>(static_cast<const std::stop_token*>(token)->stop_requested());
  };
  sqlite3_progress_handler(database_.getHandle(), stop == nullptr ? 0 : kStepsBetweenLooks,
                           stop == nullptr ? nullptr : +look, const_cast<std::stop_token*>(stop));
}

Status Connection::Damaged(std::string_view what) const { return DamagedFile(DisplayPath(path_), what); }

bool Connection::InTransactionNow() const { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

Status Connection::Translate(const SQLite::Exception& error) const {
  const int system_error = errno != 0 ? errno : sqlite3_system_errno(database_.getHandle());
  return StatusFor(DisplayPath(path_), error.getErrorCode(), system_error, error.what());
}

}  // namespace crossface
