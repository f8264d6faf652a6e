// Tells videos, images and everything else apart by their first bytes; names are not looked at. Thread-safe.
#pragma once

#include <string>

#include "crossface/media/file/input_file.h"
#include "crossface/util/status.h"

namespace crossface {

struct MediaType {
  const AVInputFormat* format = nullptr;  // libav's reader for it; null when the content is not recognised
  bool still = false;                     // one picture, not a video
  bool picture_container =
      false;  // carries photographs or video, as opposed to drawings, sound, text or playlists
  bool names_other_files = false;  // a playlist or the like, which only lists what else to open
  bool heif = false;           // a HEIF or AVIF picture, which libav 5.1 cannot read; not a sequence of them
  bool tiff = false;           // of any variant; libav knows some of them, and then `format` is set
  bool camera_raw = false;     // of a camera, and no TIFF (media/file/camera_raw.h)
  bool animated_webp = false;  // libav knows only still ones
};

// How much of the file may be looked at. A file in a folder gets a quick look, one that is opened a thorough
// one.
enum class Look { kQuick, kThorough };

// Errors: kIo.
Result<MediaType> RecogniseMedia(const InputFile& file, Look look);

}  // namespace crossface
