// Whole JPEG pictures inside of TIFF files: what cameras develop for their raw pictures, and what writers of
// JPEG-compressed TIFFs put in without saying it right.
#pragma once

#include <cstdint>
#include <vector>

#include "crossface/media/file/input_file.h"
#include "crossface/media/file/libav.h"
#include "crossface/util/status.h"

namespace crossface {

struct JpegInTiff {
  int64_t begin = 0, bytes = 0;
  int64_t pixels = 0;
};

// Those of all directories and sub-directories of a TIFF with 32-bit offsets, the largest first; a bounded
// number. Lossless ones, which hold raw data, are left out. Thread-safe.
std::vector<JpegInTiff> FindJpegsInTiff(const InputFile& file);

// Errors, naming the file: kCorrupt, kIo.
Result<LibavPtr<AVFrame>> DecodeJpeg(const InputFile& file, const JpegInTiff& jpeg);

}  // namespace crossface
