// An open file that closes itself, and the few loops over system calls that everybody needs. Not thread-safe.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "crossface/util/status.h"

namespace crossface {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  // Somebody else closes it.
  int Release() { return std::exchange(fd_, -1); }
  // Closes now and tells whether that worked: a full disk may show only here.
  bool Close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// `name` stands in messages. Errors: kOutOfResources, kIo.
Status WriteAll(int fd, std::string_view content, const std::string& name);
// From where the file stands to its end. Errors: kIo.
Result<std::string> ReadAll(int fd, const std::string& name);
// Ends a last line that a crash cut short, then adds `line` and its newline, and flushes to the disk. `fd`
// must be open for reading and appending.
Status AppendLineTo(int fd, std::string_view line, const std::string& name);

}  // namespace crossface
