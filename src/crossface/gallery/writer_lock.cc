#include "crossface/gallery/writer_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "crossface/media/text.h"

namespace crossface {
namespace {

Status HeldByAnother(int file, const std::filesystem::path& case_folder) {
  char holder[32] = {};
  const ssize_t length = ::pread(file, holder, sizeof holder - 1, 0);
  const std::string process =
      length > 0 ? fmt::format(" (process {})", std::string(Trim({holder, static_cast<size_t>(length)})))
                 : "";
  return Status(
      StatusCode::kIo,
      fmt::format("another crossface{} is writing to the case {}; wait until it has ended, or stop it",
                  process, DisplayPath(case_folder)));
}

}  // namespace

Result<WriterLock> WriterLock::Take(const std::filesystem::path& case_folder) {
  const std::filesystem::path path = case_folder / "crossface.lock";
  WriterLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.file_ < 0) return ErrnoStatus(errno, fmt::format("cannot write {}", DisplayPath(path)));
  if (::flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return HeldByAnother(lock.file_, case_folder);
    return ErrnoStatus(errno, fmt::format("cannot lock {}", DisplayPath(path)));
  }
  // Who holds it is only told to others; that it cannot be written (a full disk) does not harm the lock.
  const std::string process = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.file_, 0) == 0) [[maybe_unused]]
    const ssize_t written = ::pwrite(lock.file_, process.data(), process.size(), 0);
  return lock;
}

WriterLock::~WriterLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace crossface
