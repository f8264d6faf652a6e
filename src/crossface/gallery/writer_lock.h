// The lock that keeps two programs from writing to one case: an advisory lock (flock) on CASE/crossface.lock,
// which the system drops when its holder dies, however it dies. Held as long as the object lives. Not
// thread-safe.
#pragma once

#include "crossface/util/directory.h"
#include "crossface/util/status.h"

namespace crossface {

class WriterLock {
 public:
  // Errors: kIo when another program holds it (names the process), kPermissionDenied (also for a link, or a
  // file that is no lock, which it leaves as it is), kOutOfResources.
  static Result<WriterLock> Take(const Directory& case_folder);

 private:
  explicit WriterLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace crossface
