#include "crossface/gallery/writer_lock.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr char kName[] = "crossface.lock";
// A process number and a line end.
constexpr size_t kLongestLock = 24;

// What the file says, empty when it is not what a lock says.
Result<std::string> ReadHolder(int file, const Directory& case_folder) {
  char text[kLongestLock + 1] = {};
  const ssize_t length = ::pread(file, text, sizeof text, 0);
  const std::string_view said(text, static_cast<size_t>(std::max<ssize_t>(0, length)));
  const bool ours = said.size() <= kLongestLock && said.find_first_not_of("0123456789\n") == said.npos;
  if (ours) return std::string(Trim(said));
  return Status(StatusCode::kPermissionDenied,
                fmt::format("{} is not the lock that crossface keeps there: remove it",
                            DisplayPath(case_folder.path() / kName)));
}

Status HeldByAnother(const std::string& holder, const Directory& case_folder) {
  const std::string process = holder.empty() ? "" : fmt::format(" (process {})", holder);
  return Status(
      StatusCode::kIo,
      fmt::format("another crossface{} is writing to the case {}; wait until it has ended, or stop it",
                  process, DisplayPath(case_folder.path())));
}

}  // namespace

Result<WriterLock> WriterLock::Take(const Directory& case_folder) {
  CROSSFACE_ASSIGN_OR_RETURN(FileDescriptor file, case_folder.OpenForChange(kName));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string holder, ReadHolder(file.get(), case_folder));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return HeldByAnother(holder, case_folder);
    return ErrnoStatus(errno, fmt::format("cannot lock {}", DisplayPath(case_folder.path() / kName)));
  }
  // Who holds it is only told to others; that it cannot be written (a full disk) does not harm the lock.
  const std::string process = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file.get(), 0) == 0) [[maybe_unused]]
    const ssize_t written = ::pwrite(file.get(), process.data(), process.size(), 0);
  return WriterLock(std::move(file));
}

}  // namespace crossface
