#include "crossface/util/spool.h"

#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace crossface {

Result<int64_t> Spool::Append(std::string_view bytes) {
  if (!latest_.empty() && latest_.size() + bytes.size() > in_memory_) CROSSFACE_RETURN_IF_ERROR(WriteOut());
  const int64_t at = in_file_ + static_cast<int64_t>(latest_.size());
  latest_ += bytes;
  return at;
}

Status Spool::WriteOut() {
  if (!file_.ok()) {
    CROSSFACE_ASSIGN_OR_RETURN(Directory::Temporary temporary, folder_.CreateTemporary(""));
    CROSSFACE_RETURN_IF_ERROR(folder_.RemoveFile(temporary.path));
    file_ = std::move(temporary.file);
  }
  CROSSFACE_RETURN_IF_ERROR(WriteAll(file_.get(), latest_, "a temporary file in " + folder_.path().string()));
  in_file_ += static_cast<int64_t>(latest_.size());
  latest_.clear();
  return Status();
}

Result<std::string> Spool::Read(int64_t at, int64_t size) const {
  const int64_t end = in_file_ + static_cast<int64_t>(latest_.size());
  if (at < 0 || size < 0 || at > end - size || (at < in_file_ && at + size > in_file_))
    throw std::logic_error("a spool is asked for what was not appended to it");
  if (at >= in_file_) return latest_.substr(static_cast<size_t>(at - in_file_), static_cast<size_t>(size));
  std::string bytes(static_cast<size_t>(size), '\0');
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t got = ::pread(file_.get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(at) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return ErrnoStatus(got < 0 ? errno : EIO, "cannot read a temporary file in " + folder_.path().string());
    done += static_cast<size_t>(got);
  }
  return bytes;
}

}  // namespace crossface
