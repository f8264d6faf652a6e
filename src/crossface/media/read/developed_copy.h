// The developed copy in a camera's raw picture that is no TIFF file (media/file/camera_raw.h).
#pragma once

#include <memory>

#include "crossface/media/file/input_file.h"
#include "crossface/media/read/picture_decoder.h"

namespace crossface {

// `file` must outlive the decoder. Errors, each naming the file: kUnsupported (no such copy, too large),
// kCorrupt, kIo.
Result<std::unique_ptr<PictureDecoder>> OpenDevelopedCopy(const InputFile& file, int64_t max_pixels);

}  // namespace crossface
