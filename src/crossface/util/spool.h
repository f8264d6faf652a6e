// Bytes that are put aside until somebody asks for them: a little in memory, the rest in a file of a folder
// that has no name, so that it is gone with this object, or with the program however it ends. For what is too
// much for memory and is needed once. Appending belongs to one thread; when that is over, reading is
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crossface/util/directory.h"
#include "crossface/util/file_descriptor.h"
#include "crossface/util/status.h"

namespace crossface {

class Spool {
 public:
  // `folder` must outlive it. At most about `in_memory` bytes stay in memory.
  explicit Spool(const Directory& folder, size_t in_memory = size_t{1} << 20)
      : folder_(folder), in_memory_(in_memory) {}

  // Returns where they are. Errors: kOutOfResources when the disk is full, kPermissionDenied, kIo.
  Result<int64_t> Append(std::string_view bytes);
  // What one call of Append was given, or a part of it. Errors: kIo.
  Result<std::string> Read(int64_t at, int64_t size) const;

 private:
  Status WriteOut();

  const Directory& folder_;
  const size_t in_memory_;
  FileDescriptor file_;
  int64_t in_file_ = 0;  // bytes; what comes after them is in latest_
  std::string latest_;
};

}  // namespace crossface
