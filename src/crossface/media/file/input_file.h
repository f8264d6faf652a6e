// A source opened for libav: its bytes come through this object, never through libav's own protocols, so that
// what a file says can make nothing else be opened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "crossface/io/byte_source.h"
#include "crossface/media/file/libav.h"
#include "crossface/util/status.h"

namespace crossface {

// Not thread-safe. Address-stable: libav keeps a pointer to it.
class InputFile {
 public:
  // By the store of the path (io/store.h). Errors, each naming the file: kNotFound, kPermissionDenied,
  // kUnsupported (folder, pipe, device, socket), kIo.
  static Result<std::unique_ptr<InputFile>> Open(const std::filesystem::path& path,
                                                 std::stop_token stop = {});
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  int64_t size() const { return size_; }  // of what is read of it
  int64_t file_size() const { return source_->size(); }

  // From now on the bytes from `begin` up to `end` are all there is of it, for libav too. Before libav reads.
  void LimitTo(int64_t begin, int64_t end);

  // Up to `count` bytes from `offset`; fewer only at the end of the file. Errors: kIo; kInterrupted
  // once it was stopped.
  Result<std::string> ReadAt(int64_t offset, size_t count) const;

  // For AVFormatContext::pb; lives as long as this object. Reading gives AVERROR_EXIT once it was
  // stopped.
  AVIOContext* context() { return context_; }

  // Why the first read that failed did, naming the file: kIo, whatever its store says, which is not the
  // file's fault. Whoever passes over a failed read must look here before calling the file whole.
  const Status& failure() const { return failure_; }

  // True once a stop has ended a read: whatever libav made of it was no fault of the file.
  bool interrupted() const { return interrupted_; }

 private:
  InputFile(std::filesystem::path path, std::unique_ptr<io::ByteSource> source, std::stop_token stop);
  Result<size_t> Fill(int64_t offset, std::span<std::byte> buffer) const;
  static int Read(void* self, uint8_t* buffer, int size);
  static int64_t Seek(void* self, int64_t offset, int whence);

  const std::filesystem::path path_;
  const std::unique_ptr<io::ByteSource> source_;
  int64_t begin_ = 0, size_;
  const std::stop_token stop_;
  int64_t position_ = 0;
  mutable Status failure_;
  mutable bool interrupted_ = false;
  AVIOContext* context_ = nullptr;
};

}  // namespace crossface
