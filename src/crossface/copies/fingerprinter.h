// Makes a source's fingerprint out of its frames, in one pass: four small grey pictures a second, whatever
// the frame rate. Not thread-safe; one object per source. Memory is constant but for the fingerprint itself,
// at most 190 kB an hour of each of its four pictures a second.
//
// Black bars are looked for in the bright pictures of a few seconds together, so that a dark scene is not
// taken for one: up to eight seconds, or up to a cut.
#pragma once

#include <memory>

#include "crossface/copies/fingerprint.h"
#include "crossface/media/file/source.h"
#include "crossface/media/read/frame.h"

namespace crossface {

class Fingerprinter {
 public:
  // `info` tells how the frames are turned upright.
  explicit Fingerprinter(const SourceInfo& info);
  ~Fingerprinter();

  // The next frame, in order. Errors: those of Picture::Luma.
  Status Push(const Frame& frame);
  // After the last frame; once.
  Fingerprint Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
