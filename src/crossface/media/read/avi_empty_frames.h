// AVI keeps its rate by empty chunks where a recorder dropped a frame: the picture before stays on the
// screen. libav's reader passes over them without a word, so that they look like frames that are missing.
#pragma once

#include <cstdint>

#include "crossface/media/file/input_file.h"

namespace crossface {

// How many empty picture chunks the file holds for its stream number `stream`. Looks at the head of every
// chunk; what cannot be read, or is no chunk, ends the count. Thread-safe.
int64_t CountEmptyAviFrames(const InputFile& file, int stream);

}  // namespace crossface
