// The open database of a case with its prepared statements, and the border where SQLite's exceptions become
// Status. Not thread-safe.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "crossface/util/status.h"

namespace crossface {

// A list for json_each(?): of numbers, or of texts that are JSON already.
template <typename Values>
std::string JsonList(const Values& values) {
  return fmt::format("[{}]", fmt::join(values, ","));
}

// A prepared statement in use: bound to nothing and not started when it is handed out, reset when it goes.
// Rows that it reads hold locks no longer than this object lives.
class Query {
 public:
  explicit Query(SQLite::Statement& statement) : statement_(statement) {
    statement_.tryReset();
    statement_.clearBindings();
  }
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Binds all parameters in order. Texts and blobs must stay unchanged as long as the query runs.
  template <typename... Values>
  Query& Bind(const Values&... values) {
    int index = 0;
    (BindOne(++index, values), ...);
    return *this;
  }
  bool Step() { return statement_.executeStep(); }
  // Runs a statement without rows, or ignores them.
  void Run() {
    while (statement_.executeStep()) {
    }
  }
  SQLite::Column Column(int index) const { return statement_.getColumn(index); }
  int64_t Integer(int index) const { return statement_.getColumn(index).getInt64(); }
  float Real(int index) const { return static_cast<float>(statement_.getColumn(index).getDouble()); }
  std::string Text(int index) const { return statement_.getColumn(index).getString(); }

 private:
  friend class Connection;
  void BindOne(int index, const std::string& text) { statement_.bindNoCopy(index, text); }
  void BindOne(int index, std::pair<const void*, size_t> blob) {
    statement_.bindNoCopy(index, blob.first, static_cast<int>(blob.second));
  }
  void BindOne(int index, std::nullptr_t) { statement_.bind(index); }
  void BindOne(int index, float value) { statement_.bind(index, static_cast<double>(value)); }
  void BindOne(int index, double value) { statement_.bind(index, value); }
  void BindOne(int index, int64_t value) { statement_.bind(index, value); }
  void BindOne(int index, int value) { statement_.bind(index, value); }
  void BindOne(int index, const std::optional<double>& value) {
    value ? statement_.bind(index, *value) : statement_.bind(index);
  }

  SQLite::Statement& statement_;
};

class Connection {
 public:
  // Opens CASE/crossface.db. A writer makes the gallery's tables when there are none and brings older ones up
  // to date; a reader reads them as they are.
  static Result<std::unique_ptr<Connection>> Open(const std::filesystem::path& path, bool writable);
  // Prefer Open.
  Connection(std::filesystem::path path, SQLite::Database database);

  // `sql` must be a literal: its address is the key.
  Query Prepared(const char* sql);
  // Runs statements without parameters that are run once; not inside a transaction for VACUUM and the like.
  void Execute(const char* sql) { database_.exec(sql); }
  int64_t LastId() const { return database_.getLastInsertRowid(); }

  // Runs `action`, which returns Status or Result, and turns what SQLite and the standard library throw into
  // a Status.
  template <typename Action>
  auto Guarded(Action action) -> decltype(action()) {
    // SQLite keeps the system's reason for some failures only: for the others it is still in errno.
    errno = 0;
    try {
      return action();
    } catch (const SQLite::Exception& error) {
      return Translate(error);
    } catch (const std::bad_alloc&) {
      return Status(StatusCode::kOutOfResources, "out of memory");
    }
  }
  // The same in one transaction that is undone unless the outcome is ok.
  template <typename Action>
  auto InTransaction(Action action) -> decltype(action()) {
    return InTransactionOfExport([&]() -> decltype(action()) {
      Prepared("DELETE FROM exported_logs").Run();
      return action();
    });
  }
  // For what no export shows. All else makes the last export an old one.
  template <typename Action>
  auto InTransactionOfExport(Action action) -> decltype(action()) {
    return Guarded([&]() -> decltype(action()) {
      SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
      auto outcome = action();
      if (IsOk(outcome)) transaction.commit();
      return outcome;
    });
  }
  bool InTransactionNow() const;
  // From now on statements end with kInterrupted once it is asked for; nullptr: no longer. Kept by address.
  void StopWith(const std::stop_token* stop);
  // Several reads that see one state, whatever a writer does meanwhile.
  template <typename Action>
  auto InSnapshot(Action action) -> decltype(action()) {
    return Guarded([&]() -> decltype(action()) {
      std::optional<SQLite::Transaction> transaction;
      if (!InTransactionNow()) transaction.emplace(database_, SQLite::TransactionBehavior::DEFERRED);
      return action();
    });
  }

  const std::filesystem::path& path() const { return path_; }
  // For what the gallery holds that none can: kCorrupt, naming the file and what it is.
  Status Damaged(std::string_view what) const;

 private:
  template <typename T>
  static bool IsOk(const Result<T>& result) {
    return result.ok();
  }
  static bool IsOk(const Status& status) { return status.ok(); }
  Status Translate(const SQLite::Exception& error) const;

  const std::filesystem::path path_;
  SQLite::Database database_;
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
};

}  // namespace crossface
