#include "crossface/util/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace crossface {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }
  // Closes now and tells whether that worked: a full disk may show only here.
  bool Close() {
    const int fd = std::exchange(fd_, -1);
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

Status WriteAll(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, fmt::format("cannot write {}", path.string()));
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return Status();
}

Status WriteTemporary(const std::filesystem::path& temporary, std::string_view content,
                      Durability durability) {
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (file.get() < 0) return ErrnoStatus(errno, fmt::format("cannot create {}", temporary.string()));
  CROSSFACE_RETURN_IF_ERROR(WriteAll(file.get(), content, temporary));
  if (durability == Durability::kSync && ::fsync(file.get()) != 0) {
    return ErrnoStatus(errno, fmt::format("cannot flush {}", temporary.string()));
  }
  if (!file.Close()) return ErrnoStatus(errno, fmt::format("cannot close {}", temporary.string()));
  return Status();
}

}  // namespace

Result<std::string> ReadFile(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return ErrnoStatus(errno, fmt::format("cannot read {}", path.string()));
  std::string content;
  char block[1 << 16];
  while (true) {
    const ssize_t count = ::read(file.get(), block, sizeof block);
    if (count == 0) return content;
    if (count < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, fmt::format("cannot read {}", path.string()));
    }
    content.append(block, static_cast<size_t>(count));
  }
}

Status WriteFileAtomically(const std::filesystem::path& path, std::string_view content,
                           Durability durability) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot create the folder {}", folder.string()));

  static std::atomic<uint64_t> counter{0};
  const std::filesystem::path temporary = folder / fmt::format(".crossface-{}-{}.tmp", ::getpid(), counter++);
  Status status = WriteTemporary(temporary, content, durability);
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

Status AppendLine(const std::filesystem::path& path, std::string_view line) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (file.get() < 0) return ErrnoStatus(errno, fmt::format("cannot open {}", path.string()));
  std::string text;
  char last = '\n';
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  if (size > 0 && ::pread(file.get(), &last, 1, size - 1) == 1 && last != '\n') text += '\n';
  text.append(line).append("\n");
  CROSSFACE_RETURN_IF_ERROR(WriteAll(file.get(), text, path));
  if (::fsync(file.get()) != 0) return ErrnoStatus(errno, fmt::format("cannot flush {}", path.string()));
  return Status();
}

}  // namespace crossface
