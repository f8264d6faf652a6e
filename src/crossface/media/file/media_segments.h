// Films and pictures that stand one behind the other in a file: the film of a motion photo, a film that was
// appended to another, the further views of an MPO picture.
#pragma once

#include <cstdint>
#include <vector>

#include "crossface/media/file/input_file.h"

namespace crossface {

struct MediaSegment {
  int64_t begin = 0, end = 0;  // bytes of the file
};

// At least one, in rising order; the first begins at 0. A file of a kind whose end cannot be told is one
// segment, and so is a file with nothing but a trailer behind its end. Previews, gain maps and depth maps,
// which show the same picture again, are no segments. What cannot be read is taken for the
// end (InputFile::failure tells). Not for streams of pictures (Motion JPEG), where every
// picture would be one. Reads JPEG and PNG files whole, of others only some
// headers and what is behind the end.
std::vector<MediaSegment> FindMediaSegments(const InputFile& file);

}  // namespace crossface
