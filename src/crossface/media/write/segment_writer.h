// Writes packets of a live stream into a Matroska file as they are: nothing is decoded, nothing encoded. The
// file can be read up to its last second at any time, whatever becomes of this program.
//
// Not thread-safe. Address-stable: libav keeps a pointer to it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "crossface/media/file/libav.h"
#include "crossface/util/file_descriptor.h"
#include "crossface/util/status.h"

namespace crossface {

class SegmentWriter {
 public:
  // `file`: empty, open for reading and writing; `name` stands in messages. Streams of `input` that the
  // container does not take are left out. `created`: when the first packet was sent, ISO 8601. Errors:
  // kUnsupported (it does not take the pictures), kOutOfResources (the disk is full), kIo.
  static Result<std::unique_ptr<SegmentWriter>> Begin(FileDescriptor file, std::string name,
                                                      const AVFormatContext& input, int pictures,
                                                      const std::string& created);
  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  // Time stamps are moved so that the first packet begins at nought. Errors as of Begin.
  Status Write(const AVPacket& packet);

  int64_t packets() const { return packets_; }  // of pictures
  int64_t bytes() const { return size_; }

  struct Finished {
    int64_t bytes = 0;
    std::string sha256;
  };
  // Ends the file and flushes it to the disk; what could be written of it is whole also when this fails.
  Result<Finished> Finish();

 private:
  SegmentWriter(FileDescriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
  Status Open(const AVFormatContext& input, int pictures, const std::string& created);
  Status Problem(int error, std::string_view what) const;
  static int WriteForLibav(void* self, uint8_t* buffer, int size);
  static int64_t Seek(void* self, int64_t offset, int whence);

  struct Stream {
    AVRational from = {1, 1};  // time base of the input
    int index = 0;             // in the file
    int64_t last = INT64_MIN;  // decoding time, in the file's time base
  };

  FileDescriptor file_;
  const std::string name_;
  int64_t position_ = 0, size_ = 0, packets_ = 0;
  int error_ = 0;  // errno of the first write that failed
  AVIOContext* context_ = nullptr;
  AVFormatContext* format_ = nullptr;
  LibavLog log_;
  std::map<int, Stream> streams_;  // by index in the input
  int pictures_ = -1;
  std::optional<int64_t> first_us_;
  bool header_written_ = false;
};

// SHA-256 and length of an open file, from its beginning. Errors: kIo.
Result<SegmentWriter::Finished> HashOpenFile(int fd, const std::string& name);

}  // namespace crossface
