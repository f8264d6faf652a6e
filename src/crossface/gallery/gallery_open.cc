// Opening a case, looking at one moment of it, and its file as a whole.
#include <fmt/format.h>

#include "crossface/gallery/case_guard.h"
#include "crossface/gallery/facts.h"
#include "crossface/gallery/gallery_impl.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

// What a new case may stand beside: hidden files, and what an interrupted beginning of a case leaves.
bool IsEmptyEnough(const std::filesystem::path& folder, std::error_code& error) {
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && name != "crossface.lock" && name != "crossface.db-journal") return false;
  }
  return true;
}

Status PrepareNewCase(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return ErrnoStatus(error.value(), fmt::format("cannot create the case folder {}", DisplayPath(folder)));
  if (std::filesystem::exists(folder / "crossface.db")) return Status();
  const bool usable = IsEmptyEnough(folder, error);
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot read the folder {}", DisplayPath(folder)));
  if (usable) return Status();
  return Status(StatusCode::kInvalidArgument,
                fmt::format("{} holds other files and is not a case", DisplayPath(folder)),
                Remedy::kOtherFolder);
}

Status CheckExistingCase(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder / "crossface.db", error)) return Status();
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot read {}", DisplayPath(folder)));
  if (!std::filesystem::exists(folder, error)) {
    return Status(StatusCode::kNotFound, fmt::format("there is no case folder {}", DisplayPath(folder)));
  }
  return Status(StatusCode::kInvalidArgument,
                fmt::format("{} is not a case: there is no crossface.db in it", DisplayPath(folder)));
}

}  // namespace

Gallery::Gallery(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gallery::~Gallery() = default;

Result<std::unique_ptr<Gallery>> Gallery::Open(const std::filesystem::path& case_folder, Mode mode) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(case_folder, error).lexically_normal();
  if (error || case_folder.empty()) return Status(StatusCode::kInvalidArgument, "no case folder is named");
  if (std::filesystem::exists(folder, error) && !std::filesystem::is_directory(folder, error)) {
    return Status(StatusCode::kInvalidArgument, fmt::format("{} is not a folder", DisplayPath(folder)));
  }
  CROSSFACE_RETURN_IF_ERROR(mode == Mode::kCreate ? PrepareNewCase(folder) : CheckExistingCase(folder));
  CROSSFACE_ASSIGN_OR_RETURN(Directory directory, Directory::Open(folder));
  CROSSFACE_RETURN_IF_ERROR(CheckDatabaseFiles(directory, mode != Mode::kRead));
  std::optional<WriterLock> lock;
  if (mode != Mode::kRead) {
    CROSSFACE_ASSIGN_OR_RETURN(lock, WriterLock::Take(directory));
  }
  CROSSFACE_ASSIGN_OR_RETURN(auto connection, Connection::Open(folder / "crossface.db", mode != Mode::kRead));
  return std::unique_ptr<Gallery>(
      new Gallery(std::make_unique<Impl>(std::move(directory), std::move(lock), std::move(connection))));
}

const std::filesystem::path& Gallery::case_folder() const { return impl_->folder.path(); }

const Directory& Gallery::directory() const { return impl_->folder; }

Gallery::ReadStop::ReadStop(const Gallery& gallery, const std::stop_token& stop)
    : gallery_(gallery), stop_(stop) {
  gallery_.impl_->connection->StopWith(&stop_);
}

Gallery::ReadStop::~ReadStop() { gallery_.impl_->connection->StopWith(nullptr); }

Gallery::Moment::Moment(const Gallery& gallery) : gallery_(gallery) {
  Connection& connection = *gallery_.impl_->connection;
  began_ = connection
               .Guarded([&] {
                 if (connection.InTransactionNow()) return Status(StatusCode::kInternal, "within another");
                 connection.Execute("BEGIN DEFERRED");
                 return Status();
               })
               .ok();
}

Gallery::Moment::~Moment() {
  Connection& connection = *gallery_.impl_->connection;
  if (began_) {
    connection
        .Guarded([&] {
          connection.Execute("ROLLBACK");
          return Status();
        })
        .ok();
  }
}

Status Gallery::Compact() {
  Connection& connection = *impl_->connection;
  const auto empty_log = [&]() -> bool {
    Query checkpoint = connection.Prepared("PRAGMA wal_checkpoint(TRUNCATE)");
    return checkpoint.Step() && checkpoint.Integer(0) == 0;
  };
  return connection.Guarded([&]() -> Status {
    connection.Execute("PRAGMA secure_delete = ON; VACUUM");
    if (!empty_log())
      return Status(StatusCode::kIo,
                    fmt::format("another program has {} open, so that what was removed is still in its files",
                                DisplayPath(connection.path())));
    connection.Prepared("DELETE FROM facts WHERE key = ?").Bind(std::string(kForgettingFact)).Run();
    empty_log();
    return Status();
  });
}

Result<std::vector<std::string>> Gallery::CheckIntegrity() const {
  Connection& connection = *impl_->connection;
  return connection.Guarded([&]() -> Result<std::vector<std::string>> {
    std::vector<std::string> problems;
    Query pages = connection.Prepared("PRAGMA integrity_check(20)");
    while (pages.Step()) {
      if (pages.Text(0) != "ok") problems.push_back(pages.Text(0));
    }
    Query references = connection.Prepared("PRAGMA foreign_key_check");
    while (references.Step() && problems.size() < 40) {
      problems.push_back(fmt::format("row {} of {} refers to a row of {} that is not there",
                                     references.Text(1), references.Text(0), references.Text(2)));
    }
    return problems;
  });
}

}  // namespace crossface
