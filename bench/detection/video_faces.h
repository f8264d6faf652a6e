// Counts the faces that FaceFinder finds in videos, before and after confirmation.
#pragma once

#include <filesystem>

#include "crossface/detect/face_finder.h"

namespace crossface::bench {

struct VideoFaces {
  int frames = 0;
  int found = 0;             // by Find
  int confirmed = 0;         // of these, believed after Confirm
  int frames_with_face = 0;  // frames with at least one found
  int frames_confirmed = 0;  // frames with at least one confirmed
};

// Looks at `frames_per_second` frames of each second. Errors: those of OpenSource and FaceFinder.
Result<VideoFaces> CountFaces(const FaceFinder& finder, const std::filesystem::path& video,
                              double frames_per_second);

}  // namespace crossface::bench
