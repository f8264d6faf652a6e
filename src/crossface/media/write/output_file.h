// A new file that appears under its name only when it is complete: written under a hidden temporary name in
// the same folder, flushed to the disk, then renamed. It never replaces anything. A program that is killed
// leaves the temporary file, `.crossface-<process>-<number>.tmp`, and nothing under the name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "crossface/media/file/libav.h"
#include "crossface/util/status.h"

namespace crossface {

// Not thread-safe. Address-stable: libav keeps a pointer to it.
class OutputFile {
 public:
  // Errors, each naming the file: kInvalidArgument (something has this name already), kPermissionDenied,
  // kNotFound (no such folder), kOutOfResources (disk full), kIo.
  static Result<std::unique_ptr<OutputFile>> Create(const std::filesystem::path& path);
  // Removes what was written unless Commit() has succeeded.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Appends. Errors: kOutOfResources, kIo.
  Status Write(std::string_view bytes);

  // For AVFormatContext::pb; lives as long as this object.
  AVIOContext* context() { return context_; }

  // The error of the last write that failed, with the file's name; ok when none did.
  Status status() const;

  // Flushes to the disk and gives the SHA-256 of all that was written. Errors: kOutOfResources, kIo.
  Result<std::string> FlushAndHash();

  // Gives the file its name; after FlushAndHash(). Errors: kInvalidArgument (something has got this name
  // meanwhile), kIo.
  Status Commit();

 private:
  OutputFile(std::filesystem::path path, std::filesystem::path temporary, int fd);
  static int WriteForLibav(void* self, uint8_t* buffer, int size);
  static int64_t Seek(void* self, int64_t offset, int whence);

  const std::filesystem::path path_, temporary_;
  int fd_;
  int64_t position_ = 0, size_ = 0;
  int error_ = 0;  // errno of the first write that failed
  bool committed_ = false;
  AVIOContext* context_ = nullptr;
};

}  // namespace crossface
