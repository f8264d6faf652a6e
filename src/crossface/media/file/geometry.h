// How stored pictures become upright ones with square pixels: what a file states, what a user gives, and what
// was found by looking. Boxes of faces are in pixels of that upright, square-pixel picture.
//
// Where pictures change in mid-stream (size, shape of pixels, turn), all are brought into one frame, as large
// as the largest of them (media/read/frame_fitter.h).
//
// First mirrored and stretched, then turned. Stretching makes the smaller side larger, so that no pixel is
// lost: the width where stored pixels are wider than high, else the height. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "crossface/media/file/aspect.h"
#include "crossface/media/file/orientation.h"
#include "crossface/util/status.h"

namespace crossface {

// What to do with a source's pictures in place of what its file states.
struct WantedGeometry {
  std::optional<int> clockwise;          // degrees that stored pictures are turned: 0, 90, 180 or 270
  std::optional<bool> mirrored;          // left to right, before they are turned
  std::optional<Aspect> pixel_aspect;    // of a stored pixel
  std::optional<Aspect> picture_aspect;  // of the upright picture, as players show it; before pixel_aspect
  GeometryFrom turn_from = GeometryFrom::kGiven, aspect_from = GeometryFrom::kGiven;
  // The size that pictures are brought into; as large as the first upright picture when not said.
  std::optional<cv::Size> frame;
};

// A pixel aspect that somebody may have meant: between 1:8 and 8:1, and more than one per cent off a square.
bool IsPlausiblePixelAspect(const Aspect& pixel);
bool IsSquareEnough(const Aspect& pixel);

// Of a stored pixel, when the upright picture made of `stored` is to have the aspect `picture`.
std::optional<Aspect> PixelAspectFor(cv::Size stored, const Orientation& orientation, const Aspect& picture);

// The size of the stored picture once its pixels are square, before it is turned. No side gets smaller.
cv::Size SquarePixelSize(cv::Size stored, const Aspect& pixel);

}  // namespace crossface
