// The lock that keeps two programs from writing to one case: an advisory lock (flock) on CASE/crossface.lock,
// which the system drops when its holder dies, however it dies. Held as long as the object lives. Not
// thread-safe.
#pragma once

#include <filesystem>
#include <utility>

#include "crossface/util/status.h"

namespace crossface {

class WriterLock {
 public:
  // Errors: kIo when another program holds it (names the process), kPermissionDenied, kOutOfResources.
  static Result<WriterLock> Take(const std::filesystem::path& case_folder);
  WriterLock(WriterLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  WriterLock& operator=(WriterLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~WriterLock();

 private:
  explicit WriterLock(int file) : file_(file) {}
  int file_;
};

}  // namespace crossface
