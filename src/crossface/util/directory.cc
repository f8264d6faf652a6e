#include "crossface/util/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>

namespace crossface {
namespace {

constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
// Somebody may have put files under the names of the next temporary ones.
constexpr int kMostTakenNames = 10'000;

Directory::Entry EntryOf(const std::string& name, const struct stat& facts) {
  using Kind = Directory::Kind;
  const Kind kind = S_ISREG(facts.st_mode)   ? Kind::kFile
                    : S_ISDIR(facts.st_mode) ? Kind::kFolder
                                             : Kind::kOther;
  return {name, kind, static_cast<int64_t>(facts.st_size), static_cast<int64_t>(facts.st_nlink)};
}

Directory::Entry EntryAt(int folder, const std::string& name) {
  struct stat facts {};
  if (::fstatat(folder, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return {.name = name};
  return EntryOf(name, facts);
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// O_PATH handles cannot be flushed.
void Flush(int folder) {
  const FileDescriptor readable(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (readable.ok()) ::fsync(readable.get());
}

}  // namespace

bool IsInnerPath(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Result<Directory> Directory::Open(const std::filesystem::path& folder) {
  FileDescriptor opened(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened.ok()) return ErrnoStatus(errno, fmt::format("cannot read the folder {}", folder.string()));
  return Directory(folder, std::move(opened));
}

Result<Directory> Directory::OpenInside(const std::string& path, bool create) const {
  CROSSFACE_ASSIGN_OR_RETURN(FileDescriptor folder, OpenFolder(path, create));
  return Directory(path_ / path, std::move(folder));
}

Status Directory::Problem(int error, std::string_view what, const std::string& path) const {
  const std::string name = (path_ / path).string();
  if (error == ELOOP)
    return Status(StatusCode::kPermissionDenied,
                  fmt::format("{} {}: it is a link to somewhere else, and none is followed here; put the "
                              "real thing in its place, or remove it",
                              what, name));
  return ErrnoStatus(error, fmt::format("{} {}", what, name));
}

Result<FileDescriptor> Directory::OpenFolder(const std::string& path, bool create) const {
  if (!path.empty() && !IsInnerPath(path))
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("the path '{}' leads out of the folder {}", path, path_.string()));
  if (path.empty()) {
    FileDescriptor same(::openat(folder_.get(), ".", kFolderFlags));
    if (!same.ok()) return Problem(errno, "cannot read the folder", "");
    return same;
  }
  FileDescriptor folder;
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin), here = path.substr(0, end);
    const int above = begin == 0 ? folder_.get() : folder.get();
    if (create && ::mkdirat(above, name.c_str(), 0777) != 0 && errno != EEXIST)
      return Problem(errno, "cannot create the folder", here);
    FileDescriptor next(::openat(above, name.c_str(), kFolderFlags));
    if (!next.ok()) {
      const int error = errno;
      struct stat facts {};
      const bool link =
          ::fstatat(above, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(facts.st_mode);
      return Problem(link ? ELOOP : error, "cannot use the folder", here);
    }
    folder = std::move(next);
    begin = end + 1;
  }
  return folder;
}

Result<Directory::Place> Directory::Find(const std::string& path, bool create_folders) const {
  if (!IsInnerPath(path))
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("the path '{}' leads out of the folder {}", path, path_.string()));
  const std::string above = FolderOf(path);
  if (above.empty()) return Place{.below = FileDescriptor(), .folder = folder_.get(), .name = path};
  CROSSFACE_ASSIGN_OR_RETURN(FileDescriptor below, OpenFolder(above, create_folders));
  const int folder = below.get();
  return Place{.below = std::move(below), .folder = folder, .name = path.substr(above.size() + 1)};
}

Directory::Entry Directory::Look(const std::string& path) const {
  // Of what lies right here, of which a large case has a million, no name has to be made.
  if (path.find('/') == std::string::npos && IsInnerPath(path)) return EntryAt(folder_.get(), path);
  const auto place = Find(path, false);
  return place.ok() ? EntryAt(place->folder, place->name) : Entry{};
}

Status Directory::ReadNames(const std::string& path,
                            const std::function<void(int folder, const char* name)>& take) const {
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor folder, OpenFolder(path, false));
  FileDescriptor readable(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable.ok()) return Problem(errno, "cannot read the folder", path);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(readable.get()), &::closedir);
  if (stream == nullptr) return Problem(errno, "cannot read the folder", path);
  // The stream closes it.
  const int fd = readable.Release();
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") take(fd, entry->d_name);
    errno = 0;
  }
  return errno == 0 ? Status() : Problem(errno, "cannot read the folder", path);
}

Result<std::vector<Directory::Entry>> Directory::List(const std::string& path) const {
  std::vector<Entry> entries;
  CROSSFACE_RETURN_IF_ERROR(
      ReadNames(path, [&](int folder, const char* name) { entries.push_back(EntryAt(folder, name)); }));
  std::erase_if(entries, [](const Entry& entry) { return entry.kind == Kind::kNothing; });
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Status Directory::ForEachName(const std::function<void(std::string_view name)>& take) const {
  return ReadNames("", [&](int, const char* name) { take(name); });
}

Status Directory::ForEachFile(const std::function<Status(const std::string&)>& take) const {
  std::vector<std::string> folders = {""};
  while (!folders.empty()) {
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Entry> entries, List(folder));
    for (const Entry& entry : entries) {
      const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
      if (entry.kind == Kind::kFolder) folders.push_back(path);
      if (entry.kind == Kind::kFile) CROSSFACE_RETURN_IF_ERROR(take(path));
    }
  }
  return Status();
}

Result<FileDescriptor> Directory::OpenRegular(const std::string& path, int flags) const {
  CROSSFACE_ASSIGN_OR_RETURN(const Place place, Find(path, false));
  // O_NONBLOCK: a pipe must not keep the program waiting for somebody at its other end.
  FileDescriptor file(
      ::openat(place.folder, place.name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644));
  struct stat facts {};
  if (!file.ok() || ::fstat(file.get(), &facts) != 0) return Problem(errno, "cannot open", path);
  if (!S_ISREG(facts.st_mode))
    return Status(StatusCode::kPermissionDenied,
                  fmt::format("cannot open {}: it is not a file; remove it", (path_ / path).string()));
  if ((flags & O_ACCMODE) != O_RDONLY && facts.st_nlink > 1)
    return Status(StatusCode::kPermissionDenied,
                  fmt::format("cannot change {}: the same file has another name too (a hard link), which may "
                              "lie anywhere; put a copy of it in its place",
                              (path_ / path).string()));
  return file;
}

Result<FileDescriptor> Directory::OpenFile(const std::string& path) const {
  return OpenRegular(path, O_RDONLY);
}

Result<FileDescriptor> Directory::OpenForChange(const std::string& path) const {
  return OpenRegular(path, O_RDWR | O_CREAT | O_APPEND);
}

Result<std::string> Directory::Read(const std::string& path) const {
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path));
  return ReadAll(file.get(), (path_ / path).string());
}

Status Directory::ReadBlocks(const std::string& path,
                             const std::function<bool(std::string_view)>& take) const {
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(path));
  std::vector<char> block(1 << 16);
  while (true) {
    const ssize_t read = ::read(file.get(), block.data(), block.size());
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return Problem(errno, "cannot read", path);
    if (read == 0 || !take({block.data(), static_cast<size_t>(read)})) return Status();
  }
}

Result<Directory::Temporary> Directory::CreateTemporary(const std::string& folder) const {
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor place, OpenFolder(folder, false));
  static std::atomic<uint64_t> counter{0};
  for (int tries = 0; tries < kMostTakenNames; ++tries) {
    const std::string name = fmt::format(".crossface-{}-{}.tmp", ::getpid(), counter++);
    std::string path = folder.empty() ? name : fmt::format("{}/{}", folder, name);
    FileDescriptor file(
        ::openat(place.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (file.ok()) return Temporary{std::move(path), std::move(file)};
    if (errno != EEXIST) return Problem(errno, "cannot create", path);
  }
  return Problem(EEXIST, "cannot create a temporary file in", folder);
}

Status Directory::Write(const std::string& path, std::string_view content, Durability durability) const {
  CROSSFACE_ASSIGN_OR_RETURN(const Place place, Find(path, true));
  CROSSFACE_ASSIGN_OR_RETURN(Temporary temporary, CreateTemporary(FolderOf(path)));
  const auto fill = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(WriteAll(temporary.file.get(), content, (path_ / path).string()));
    if (durability == Durability::kSync && ::fsync(temporary.file.get()) != 0)
      return Problem(errno, "cannot flush", path);
    if (!temporary.file.Close()) return Problem(errno, "cannot write", path);
    return Rename(temporary.path, path);
  };
  Status status = fill();
  if (!status.ok()) {
    RemoveFile(temporary.path).ok();
  } else if (durability == Durability::kSync) {
    Flush(place.folder);
  }
  return status;
}

Status Directory::AppendLine(const std::string& path, std::string_view line) const {
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor file, OpenForChange(path));
  return AppendLineTo(file.get(), line, (path_ / path).string());
}

Status Directory::CreateFolders(const std::string& path) const { return OpenFolder(path, true).status(); }

Status Directory::Rename(const std::string& from, const std::string& to) const {
  CROSSFACE_ASSIGN_OR_RETURN(const Place start, Find(from, false));
  CROSSFACE_ASSIGN_OR_RETURN(const Place target, Find(to, true));
  if (::renameat(start.folder, start.name.c_str(), target.folder, target.name.c_str()) == 0) return Status();
  return Problem(errno, fmt::format("cannot rename {} to", (path_ / from).string()), to);
}

Status Directory::RemoveFile(const std::string& path) const {
  CROSSFACE_ASSIGN_OR_RETURN(const Place place, Find(path, false));
  if (::unlinkat(place.folder, place.name.c_str(), 0) == 0) return Status();
  return Problem(errno, "cannot remove", path);
}

Status Directory::RemoveFolder(const std::string& path) const {
  CROSSFACE_ASSIGN_OR_RETURN(const Place place, Find(path, false));
  if (::unlinkat(place.folder, place.name.c_str(), AT_REMOVEDIR) == 0) return Status();
  return Problem(errno, "cannot remove the folder", path);
}

Status Directory::RemoveTree(const std::string& path) const {
  switch (Look(path).kind) {
    case Kind::kNothing:
      return Status();
    case Kind::kFile:
    case Kind::kOther:
      return RemoveFile(path);
    case Kind::kFolder:
      break;
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Entry> entries, List(path));
  for (const Entry& entry : entries) CROSSFACE_RETURN_IF_ERROR(RemoveTree(path + "/" + entry.name));
  return RemoveFolder(path);
}

}  // namespace crossface
