// Decoders beside libav's, for kinds of pictures that it cannot read.
#pragma once

#include <cstdint>
#include <string>

#include "crossface/media/file/libav.h"
#include "crossface/util/status.h"

namespace crossface {

// Not thread-safe.
class PictureDecoder {
 public:
  virtual ~PictureDecoder() = default;

  // The next picture, with time stamp and duration in milliseconds; null at the end. Errors, each naming the
  // file: kCorrupt, kUnsupported, kInterrupted.
  virtual Result<LibavPtr<AVFrame>> Next() = 0;

  // What was wrong with the pictures given so far, in the library's words; empty when nothing was.
  virtual std::string complaint() const = 0;

  // The number of pictures that the file promises; 0 where it does not say.
  virtual int64_t promised_frames() const { return 0; }
  virtual int64_t duration_ms() const { return 0; }  // 0 for a picture
};

}  // namespace crossface
