// What a copy of a video takes over from its source, in libav's terms. Pure functions, thread-safe.
#pragma once

#include <filesystem>

#include "crossface/media/file/libav.h"

namespace crossface {

// Copies the tags, without those that a reader makes up of the container itself.
void CopyTags(const AVDictionary* from, AVDictionary** to);

// libav's name of the container that a file name's extension asks for; null when copies cannot be of that
// kind.
const char* ContainerOf(const std::filesystem::path& path);

// How a copy's colours are described: as its source's, or, where these are shown on a display of standard
// range (media/read/display_colours.h), as that display's.
struct Colours {
  AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_MPEG;
};

Colours ColoursOf(const AVCodecParameters& codec);

}  // namespace crossface
