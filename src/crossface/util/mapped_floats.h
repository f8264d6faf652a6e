// Numbers in a file that are read when they are asked for, and that the system may drop from memory when it
// runs short: for arrays that may be larger than the memory. Movable. Reading is thread-safe.
#pragma once

#include <filesystem>
#include <span>
#include <utility>

#include "crossface/util/status.h"

namespace crossface {

class MappedFloats {
 public:
  // All of a file's float32 numbers, in the machine's byte order, read only. The file must not change
  // meanwhile. Errors: kNotFound, kPermissionDenied, kIo.
  static Result<MappedFloats> Open(const std::filesystem::path& file);

  // So many zeros, to be written to, in a file of the folder that has no name and is gone with this object,
  // or with the program however it ends. The disk's space is taken at once, so that writing cannot fail.
  // Errors: kOutOfResources when the disk is full, kPermissionDenied, kIo.
  static Result<MappedFloats> Create(const std::filesystem::path& folder, size_t count);

  MappedFloats(MappedFloats&& other) noexcept : numbers_(std::exchange(other.numbers_, {})) {}
  MappedFloats& operator=(MappedFloats&&) = delete;
  ~MappedFloats();

  std::span<const float> numbers() const { return numbers_; }
  std::span<float> writable() { return numbers_; }  // of a created one

 private:
  explicit MappedFloats(std::span<float> numbers) : numbers_(numbers) {}
  std::span<float> numbers_;
};

}  // namespace crossface
