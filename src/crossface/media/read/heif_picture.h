// Pictures of HEIF and AVIF files (telephones), by libheif, which libav 5.1 cannot read.
#pragma once

#include <memory>

#include "crossface/media/file/input_file.h"
#include "crossface/media/read/picture_decoder.h"

namespace crossface {

struct HeifFacts {
  int pictures = 1;   // of the file: a burst or a collection has several
  bool avif = false;  // else HEIF, whatever its pictures are coded by
};

// Opens a picture, counted from 1, the main one being the first. It comes cropped, turned and mirrored as the
// file states, whose EXIF orientation says nothing besides (ISO 23008-12, A.2.4). One of more than 8 bits, or
// of high dynamic range, keeps both. `file` must outlive the decoder. `facts` is filled as far as it is
// known. Errors, each naming the file: kCorrupt, kUnsupported (no decoder, too large), kNotFound (no such
// picture), kOutOfResources, kIo.
Result<std::unique_ptr<PictureDecoder>> OpenHeifPicture(const InputFile& file, int number, int64_t max_pixels,
                                                        HeifFacts* facts);

}  // namespace crossface
