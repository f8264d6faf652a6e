// Where a JPEG picture ends, and which further pictures it says follow it. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace crossface {

struct JpegLayout {
  size_t end = 0;      // behind its end marker; the content's size where it has none
  int64_t pixels = 0;  // 0 where it does not say, and of lossless ones, which hold a camera's raw data
  // Positions of further views: the other eye, another angle, the parts of a panorama (CIPA DC-007, MPO).
  std::vector<size_t> views;
  // The picture has a list of what follows it, or names a gain map or depth map: a JPEG behind it that is not
  // in `views` shows the same picture again.
  bool describes_others = false;
};

// `content` begins with a JPEG picture. Damaged content gives what could be told.
JpegLayout ReadJpegLayout(std::string_view content);

}  // namespace crossface
