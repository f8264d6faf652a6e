// The bytes of one source, wherever they lie. Whoever reads footage or photos reads them through this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>

#include "crossface/util/status.h"

namespace crossface::io {

// Which content lies at a place, without reading it: whoever writes to it, or puts something else there,
// changes some of this.
struct Version {
  int64_t bytes = 0;
  int64_t modified_ns = 0;  // since 1970
  // What else its store knows, for nobody but itself to read: of a file where it lies on the disk and when
  // the system last saw a change, which no program sets back.
  std::string state;
  bool operator==(const Version&) const = default;
};

// Opened once, read-only. Its methods may be called from several threads at once.
class ByteSource {
 public:
  ByteSource() = default;
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // As it was when it was opened.
  virtual const Version& version() const = 0;
  int64_t size() const { return version().bytes; }

  // Fills some of `buffer` with what lies at `offset`, at least one byte where there is one; gives how many.
  // Nothing but the end, or an empty buffer, gives 0. Errors, each naming the place: kIo, and what else a
  // store refuses with.
  virtual Result<size_t> ReadAt(int64_t offset, std::span<std::byte> buffer) const = 0;
};

// As ReadAt, until the buffer is full or the source at its end.
Result<size_t> ReadFully(const ByteSource& source, int64_t offset, std::span<std::byte> buffer);

// SHA-256 of all its bytes, in lower-case hexadecimal digits; of one that has grown since it was opened, of
// what it had then. A stop is looked for now and then and gives kInterrupted. Errors: those
// of ReadAt.
Result<std::string> HashOf(const ByteSource& source, const std::stop_token& stop = {});

}  // namespace crossface::io
