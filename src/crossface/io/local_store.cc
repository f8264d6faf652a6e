#include "crossface/io/local_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "crossface/io/listing_watch.h"
#include "crossface/util/directory.h"
#include "crossface/util/file.h"
#include "crossface/util/file_descriptor.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

namespace fs = std::filesystem;

Status NotAFile(const std::string& place, mode_t mode) {
  const std::string name = DisplayPath(place);
  if (S_ISDIR(mode))
    return Status(StatusCode::kUnsupported, name + ": is a folder, not a video or image file");
  return Status(
      StatusCode::kUnsupported,
      name + ": is a pipe, socket or device; only files can be read: copy its content into a file first");
}

Status CannotOpen(const std::string& place, int error) {
  const std::string name = DisplayPath(place);
  if (error == EACCES || error == EPERM) {
    return Status(StatusCode::kPermissionDenied,
                  name + ": no permission to read it; change its permissions or owner");
  }
  if (error == ENOENT || error == ENOTDIR)
    return Status(StatusCode::kNotFound, name + ": there is no such file");
  return ErrnoStatus(error, name + ": cannot be opened");
}

int64_t Nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

Version VersionIn(const struct stat& facts) {
  return {.bytes = facts.st_size,
          .modified_ns = Nanoseconds(facts.st_mtim),
          .state = fmt::format("{} {} {}", facts.st_dev, facts.st_ino, Nanoseconds(facts.st_ctim))};
}

class LocalFile final : public ByteSource {
 public:
  LocalFile(std::string place, FileDescriptor file, Version version)
      : place_(std::move(place)), file_(std::move(file)), version_(std::move(version)) {}

  const Version& version() const override { return version_; }

  Result<size_t> ReadAt(int64_t offset, std::span<std::byte> buffer) const override {
    while (true) {
      const ssize_t got = ::pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) return ErrnoStatus(errno, DisplayPath(place_) + ": cannot be read");
    }
  }

 private:
  const std::string place_;
  const FileDescriptor file_;
  const Version version_;
};

Kind KindOfMode(fs::file_type type) {
  switch (type) {
    case fs::file_type::regular:
      return Kind::kFile;
    case fs::file_type::directory:
      return Kind::kFolder;
    case fs::file_type::symlink:
      return Kind::kLink;
    case fs::file_type::none:
    case fs::file_type::not_found:
      return Kind::kNothing;
    default:
      return Kind::kOther;
  }
}

// A folder on the way that becomes a link meanwhile is not followed either.
Result<std::unique_ptr<ByteSource>> OpenWithoutLinks(const std::string& place) {
  const std::string path = fs::path(place).lexically_normal().string();
  if (!path.starts_with('/') || !IsInnerPath(std::string_view(path).substr(1)))
    return CannotOpen(place, ENOENT);
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode))
    return NotAFile(place, facts.st_mode);
  CROSSFACE_ASSIGN_OR_RETURN(const Directory root, Directory::Open("/"));
  CROSSFACE_ASSIGN_OR_RETURN(FileDescriptor file, root.OpenFile(path.substr(1)));
  return SourceOf(std::move(file), place);
}

}  // namespace

Result<std::unique_ptr<ByteSource>> SourceOf(FileDescriptor file, const std::string& place) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return CannotOpen(place, errno);
  if (!S_ISREG(facts.st_mode)) return NotAFile(place, facts.st_mode);
  return std::unique_ptr<ByteSource>(std::make_unique<LocalFile>(place, std::move(file), VersionIn(facts)));
}

Result<std::unique_ptr<ByteSource>> LocalStore::Open(const std::string& place, Links links,
                                                     const std::stop_token& /*stop*/) const {
  if (links == Links::kTell) return OpenWithoutLinks(place);
  struct stat facts {};
  // Asked before opening, because opening a device can already do something; and after, because it may have
  // been replaced.
  if (::stat(place.c_str(), &facts) != 0) return CannotOpen(place, errno);
  if (!S_ISREG(facts.st_mode)) return NotAFile(place, facts.st_mode);
  FileDescriptor file(::open(place.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.ok()) return CannotOpen(place, errno);
  return SourceOf(std::move(file), place);
}

Result<Version> LocalStore::VersionOf(const std::string& place, const std::stop_token& /*stop*/) const {
  struct stat facts {};
  if (::stat(place.c_str(), &facts) != 0) return CannotOpen(place, errno);
  if (!S_ISREG(facts.st_mode)) return NotAFile(place, facts.st_mode);
  return VersionIn(facts);
}

Result<Kind> LocalStore::KindOf(const std::string& place, Links links,
                                const std::stop_token& /*stop*/) const {
  std::error_code error;
  const fs::file_status status =
      links == Links::kFollow ? fs::status(place, error) : fs::symlink_status(place, error);
  if (status.type() == fs::file_type::not_found) return Kind::kNothing;
  if (error) return ErrnoStatus(error.value(), DisplayPath(place) + ": cannot be read");
  return KindOfMode(status.type());
}

Result<std::vector<Entry>> LocalStore::List(const std::string& folder, const std::stop_token& stop) const {
  std::error_code error;
  std::vector<Entry> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (stop.stop_requested()) return Status(StatusCode::kInterrupted, DisplayPath(folder) + ": stopped");
    std::error_code gone;
    entries.push_back({it->path().filename().string(), KindOfMode(it->symlink_status(gone).type())});
    ListingWatch::Count(1);
  }
  if (error) return ErrnoStatus(error.value(), DisplayPath(folder) + ": cannot be listed");
  std::erase_if(entries, [](const Entry& entry) { return entry.kind == Kind::kNothing; });
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Result<std::string> LocalStore::RealPlace(const std::string& place) const {
  std::error_code error;
  const fs::path real = fs::canonical(place, error);
  if (error) return ErrnoStatus(error.value(), DisplayPath(place) + ": cannot be read");
  return real.string();
}

Status LocalStore::Put(const std::string& place, std::string_view content, const std::stop_token& /*stop*/) {
  return WriteFileAtomically(place, content);
}

Status LocalStore::PutFile(const std::string& place, const std::string& file,
                           const std::stop_token& /*stop*/) {
  const std::string made = place + ".part";
  std::error_code error;
  fs::create_directories(fs::path(place).parent_path(), error);
  if (!error) fs::copy_file(file, made, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(made, place, error);
  if (!error) return Status();
  std::error_code ignored;
  fs::remove(made, ignored);
  return ErrnoStatus(error.value(), DisplayPath(place) + ": cannot be written");
}

}  // namespace crossface::io
