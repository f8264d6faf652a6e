// Pages of TIFF files, by libtiff, which reads many more variants than libav: JPEG inside, tiles, BigTIFF,
// CMYK, and more pages than one.
#pragma once

#include <memory>

#include "crossface/media/file/input_file.h"
#include "crossface/media/read/picture_decoder.h"

namespace crossface {

struct TiffFacts {
  int pages = 1;        // without thumbnails, masks and smaller copies of other pages
  int orientation = 1;  // of the page that was opened, as EXIF counts them
  bool raw = false;     // a camera's raw picture; what is opened is its largest developed copy
};

// Opens a page, counted from 1. `file` must outlive the decoder. `facts` is filled as far as it is known,
// also on failure. Errors, each naming the file: kCorrupt, kUnsupported (too large; a variant that libtiff
// cannot read, with its name), kNotFound (there is no such page).
Result<std::unique_ptr<PictureDecoder>> OpenTiffPage(const InputFile& file, int page, int64_t max_pixels,
                                                     TiffFacts* facts);

}  // namespace crossface
