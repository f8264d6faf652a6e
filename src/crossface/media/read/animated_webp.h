// Animated WebP, by libwebpdemux: libav 5.1 knows only still ones.
#pragma once

#include <memory>

#include "crossface/media/file/input_file.h"
#include "crossface/media/read/picture_decoder.h"

namespace crossface {

// `file` must outlive it only for this call. Errors, each naming the file: kCorrupt, kUnsupported (too
// large), kIo.
Result<std::unique_ptr<PictureDecoder>> OpenAnimatedWebp(const InputFile& file, int64_t max_pixels);

}  // namespace crossface
