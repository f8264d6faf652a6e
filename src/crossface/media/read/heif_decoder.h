// What libheif decodes pictures with: libav, in place of decoders that print what is wrong with a picture and
// give up on all of it. Of a picture in tiles, as telephones write them, what is missing stays black.
#pragma once

#include <cstdint>
#include <string>

#include "crossface/media/file/libav.h"

namespace crossface {

// While it lives, libheif's decoding on this thread is done within its limit and told by it. Not without one:
// then nothing is decoded. Of several the innermost counts.
class HeifDecoding {
 public:
  explicit HeifDecoding(int64_t max_pixels);
  ~HeifDecoding();
  HeifDecoding(const HeifDecoding&) = delete;
  HeifDecoding& operator=(const HeifDecoding&) = delete;

  // Pieces are tiles, or a picture in one piece.
  int pieces() const { return pieces_; }
  int missing() const { return missing_; }  // of which nothing could be decoded
  int damaged() const { return damaged_; }  // of which only some could
  // What the pieces state of their colours.
  AVColorPrimaries primaries() const { return primaries_; }
  AVColorTransferCharacteristic transfer() const { return transfer_; }
  std::string last_error() const { return log_.errors().last; }

 private:
  friend class HeifPieceDecoder;
  HeifDecoding* const outer_;
  const int64_t max_pixels_;
  LibavLog log_;
  AVColorPrimaries primaries_ = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic transfer_ = AVCOL_TRC_UNSPECIFIED;
  int pieces_ = 0, missing_ = 0, damaged_ = 0;
};

}  // namespace crossface
