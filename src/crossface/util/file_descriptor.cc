#include "crossface/util/file_descriptor.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace crossface {
namespace {

constexpr off_t kMostReserved = 64 << 20;

}  // namespace

Status WriteAll(int fd, std::string_view content, const std::string& name) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, fmt::format("cannot write {}", name));
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return Status();
}

Result<std::string> ReadAll(int fd, const std::string& name) {
  std::string content;
  struct stat facts {};
  // What grows by doubling takes up to twice the room. A size that a file only claims is not believed.
  if (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode))
    content.reserve(static_cast<size_t>(std::min<off_t>(facts.st_size, kMostReserved)));
  char block[1 << 16];
  while (true) {
    const ssize_t count = ::read(fd, block, sizeof block);
    if (count == 0) return content;
    if (count < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, fmt::format("cannot read {}", name));
    }
    content.append(block, static_cast<size_t>(count));
  }
}

Status AppendLineTo(int fd, std::string_view line, const std::string& name) {
  std::string text;
  char last = '\n';
  const off_t size = ::lseek(fd, 0, SEEK_END);
  if (size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n') text += '\n';
  text.append(line).append("\n");
  CROSSFACE_RETURN_IF_ERROR(WriteAll(fd, text, name));
  if (::fsync(fd) != 0) return ErrnoStatus(errno, fmt::format("cannot flush {}", name));
  return Status();
}

}  // namespace crossface
