#include "crossface/media/write/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <new>
#include <utility>

#include "crossface/util/hash.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavformat/avio.h>
#include <libavutil/mem.h>
}

namespace crossface {
namespace {

constexpr int kBufferBytes = 1 << 16;

Status NameIsTaken(const std::filesystem::path& path) {
  return Status(StatusCode::kInvalidArgument,
                DisplayPath(path) + ": is there already, and nothing is overwritten; choose another name");
}

std::filesystem::path FolderOf(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

// Renames without replacing. File systems that cannot promise that get a look and a rename.
int RenameToFreeName(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  struct stat facts {};
  if (::lstat(to.c_str(), &facts) == 0) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

Result<std::unique_ptr<OutputFile>> OutputFile::Create(const std::filesystem::path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0) return NameIsTaken(path);
  static std::atomic<uint64_t> counter{0};
  const std::filesystem::path temporary =
      FolderOf(path) / fmt::format(".crossface-{}-{}.tmp", ::getpid(), counter++);
  const int fd = ::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoStatus(errno, DisplayPath(path) + ": cannot be created");
  return std::unique_ptr<OutputFile>(new OutputFile(path, temporary, fd));
}

OutputFile::OutputFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {
  auto* const buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
  if (buffer != nullptr)
    context_ = avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, &WriteForLibav, &Seek);
  if (context_ == nullptr) {
    av_free(buffer);
    ::close(fd_);
    ::unlink(temporary_.c_str());
    throw std::bad_alloc();
  }
}

OutputFile::~OutputFile() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
  ::close(fd_);
  if (!committed_) ::unlink(temporary_.c_str());
}

Status OutputFile::Write(std::string_view bytes) {
  while (!bytes.empty() && error_ == 0) {
    const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), position_);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      error_ = errno;
      break;
    }
    position_ += written;
    size_ = std::max(size_, position_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return status();
}

Status OutputFile::status() const {
  return error_ == 0 ? Status() : ErrnoStatus(error_, DisplayPath(path_) + ": cannot be written");
}

Result<std::string> OutputFile::FlushAndHash() {
  CROSSFACE_RETURN_IF_ERROR(status());
  if (::fsync(fd_) != 0) error_ = errno;
  CROSSFACE_RETURN_IF_ERROR(status());
  return Sha256OfFile(temporary_);
}

Status OutputFile::Commit() {
  const int error = RenameToFreeName(temporary_, path_);
  if (error == EEXIST) return NameIsTaken(path_);
  if (error != 0) return ErrnoStatus(error, DisplayPath(path_) + ": cannot be given its name");
  committed_ = true;
  const int folder = ::open(FolderOf(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return Status();
}

int OutputFile::WriteForLibav(void* self, uint8_t* buffer, int size) {
  auto& file = *static_cast<OutputFile*>(self);
  const Status status = file.Write({reinterpret_cast<const char*>(buffer), static_cast<size_t>(size)});
  return status.ok() ? size : AVERROR(file.error_);
}

int64_t OutputFile::Seek(void* self, int64_t offset, int whence) {
  auto& file = *static_cast<OutputFile*>(self);
  if ((whence & ~AVSEEK_FORCE) == AVSEEK_SIZE) return file.size_;
  const int64_t base = whence == SEEK_CUR ? file.position_ : whence == SEEK_END ? file.size_ : 0;
  if (offset > INT64_MAX - base || base + offset < 0) return AVERROR(EINVAL);
  return file.position_ = base + offset;
}

}  // namespace crossface
