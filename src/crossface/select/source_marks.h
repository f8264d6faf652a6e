// Where the picture of a source changes altogether, and where it shows nothing new. Plain values, in
// microseconds of the source.
#pragma once

#include <cstdint>
#include <vector>

namespace crossface {

struct MarkedSpan {
  int64_t start_us = 0;
  int64_t end_us = 0;  // not before the start
  bool operator==(const MarkedSpan&) const = default;
};

// In the order of the frames.
struct SourceMarks {
  std::vector<int64_t>
      cuts_us;  // of the first frame of a shot; not where a long shot is only cut for the scan
  std::vector<MarkedSpan> dark;   // frames without content, up to the first frame that has some
  std::vector<MarkedSpan> still;  // nothing moves, from the frame that stays to the last one like it
  bool operator==(const SourceMarks&) const = default;
};

}  // namespace crossface
