#include "crossface/media/file/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "crossface/util/text.h"

extern "C" {
#include <libavformat/avio.h>
#include <libavutil/mem.h>
}

namespace crossface {
namespace {

constexpr int kBufferBytes = 1 << 16;

Status NotARegularFile(const std::filesystem::path& path, mode_t mode) {
  const std::string name = DisplayPath(path);
  if (S_ISDIR(mode))
    return Status(StatusCode::kUnsupported, name + ": is a folder, not a video or image file");
  return Status(
      StatusCode::kUnsupported,
      name + ": is a pipe, socket or device; only files can be read: copy its content into a file first");
}

Status CannotOpen(const std::filesystem::path& path, int error) {
  const std::string name = DisplayPath(path);
  if (error == EACCES || error == EPERM) {
    return Status(StatusCode::kPermissionDenied,
                  name + ": no permission to read it; change its permissions or owner");
  }
  if (error == ENOENT || error == ENOTDIR)
    return Status(StatusCode::kNotFound, name + ": there is no such file");
  return ErrnoStatus(error, name + ": cannot be opened");
}

ssize_t ReadFully(int fd, char* buffer, size_t count, int64_t offset) {
  size_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(fd, buffer + done, count - done, static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

}  // namespace

Result<std::unique_ptr<InputFile>> InputFile::Open(const std::filesystem::path& path,
                                                   std::function<bool()> keep_going) {
  struct stat facts {};
  // Asked before opening, because opening a device can already do something; and after, because it may have
  // been replaced.
  if (::stat(path.c_str(), &facts) != 0) return CannotOpen(path, errno);
  if (!S_ISREG(facts.st_mode)) return NotARegularFile(path, facts.st_mode);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return CannotOpen(path, errno);
  if (::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    ::close(fd);
    return NotARegularFile(path, facts.st_mode);
  }
  return std::unique_ptr<InputFile>(new InputFile(path, fd, facts.st_size, std::move(keep_going)));
}

InputFile::InputFile(std::filesystem::path path, int fd, int64_t size, std::function<bool()> keep_going)
    : path_(std::move(path)), fd_(fd), file_size_(size), size_(size), keep_going_(std::move(keep_going)) {
  auto* const buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
  if (buffer != nullptr) context_ = avio_alloc_context(buffer, kBufferBytes, 0, this, &Read, nullptr, &Seek);
  if (context_ == nullptr) {
    av_free(buffer);
    ::close(fd_);
    throw std::bad_alloc();
  }
}

InputFile::~InputFile() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
  ::close(fd_);
}

void InputFile::LimitTo(int64_t begin, int64_t end) {
  begin_ += begin;
  size_ = end - begin;
}

Result<std::string> InputFile::ReadAt(int64_t offset, size_t count) const {
  if (keep_going_ && !keep_going_())
    return Status(StatusCode::kInterrupted, DisplayPath(path_) + ": reading was interrupted");
  std::string bytes(std::min(count, static_cast<size_t>(std::max<int64_t>(size_ - offset, 0))), '\0');
  const ssize_t got = ReadFully(fd_, bytes.data(), bytes.size(), begin_ + offset);
  if (got < 0) return ErrnoStatus(errno, DisplayPath(path_) + ": cannot be read");
  bytes.resize(static_cast<size_t>(got));
  return bytes;
}

int InputFile::Read(void* self, uint8_t* buffer, int size) {
  auto& file = *static_cast<InputFile*>(self);
  if (file.keep_going_ && !file.keep_going_()) {
    file.interrupted_ = true;
    return AVERROR_EXIT;
  }
  // A file that has grown since it was opened is read to the end that it had.
  const int64_t count = std::clamp<int64_t>(file.size_ - file.position_, 0, size);
  const ssize_t got = ReadFully(file.fd_, reinterpret_cast<char*>(buffer), static_cast<size_t>(count),
                                file.begin_ + file.position_);
  if (got < 0) {
    file.read_error_ = errno;
    return AVERROR(errno);
  }
  if (got == 0) return AVERROR_EOF;
  file.position_ += got;
  return static_cast<int>(got);
}

int64_t InputFile::Seek(void* self, int64_t offset, int whence) {
  auto& file = *static_cast<InputFile*>(self);
  int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return file.size_;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      base = file.position_;
      break;
    case SEEK_END:
      base = file.size_;
      break;
    default:
      return AVERROR(EINVAL);
  }
  if (offset > INT64_MAX - base || base + offset < 0) return AVERROR(EINVAL);
  return file.position_ = base + offset;
}

}  // namespace crossface
