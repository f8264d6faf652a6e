#include "crossface/util/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "crossface/util/file_descriptor.h"
#include "crossface/util/secret_file.h"

namespace crossface {
namespace {

Status WriteTemporary(const std::filesystem::path& temporary, std::string_view content, Durability durability,
                      mode_t rights) {
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, rights));
  if (file.get() < 0) return ErrnoStatus(errno, fmt::format("cannot create {}", temporary.string()));
  CROSSFACE_RETURN_IF_ERROR(WriteAll(file.get(), content, temporary.string()));
  if (durability == Durability::kSync && ::fsync(file.get()) != 0) {
    return ErrnoStatus(errno, fmt::format("cannot flush {}", temporary.string()));
  }
  if (!file.Close()) return ErrnoStatus(errno, fmt::format("cannot close {}", temporary.string()));
  return Status();
}

Status Replace(const std::filesystem::path& path, std::string_view content, Durability durability,
               mode_t rights) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot create the folder {}", folder.string()));

  static std::atomic<uint64_t> counter{0};
  const std::filesystem::path temporary = folder / fmt::format(".crossface-{}-{}.tmp", ::getpid(), counter++);
  Status status = WriteTemporary(temporary, content, durability, rights);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, fmt::format("cannot replace {}", path.string()));
  }
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  if (durability == Durability::kSync) {
    FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() >= 0) ::fsync(directory.get());
  }
  return status;
}

}  // namespace

Result<std::string> ReadFile(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return ErrnoStatus(errno, fmt::format("cannot read {}", path.string()));
  return ReadAll(file.get(), path.string());
}

Status WriteFileAtomically(const std::filesystem::path& path, std::string_view content,
                           Durability durability) {
  return Replace(path, content, durability, 0644);
}

Status WriteSecretFileAtomically(const std::filesystem::path& path, std::string_view content) {
  return Replace(path, content, Durability::kSync, 0600);
}

Status AppendLine(const std::filesystem::path& path, std::string_view line) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (file.get() < 0) return ErrnoStatus(errno, fmt::format("cannot open {}", path.string()));
  return AppendLineTo(file.get(), line, path.string());
}

}  // namespace crossface
