// What became of the frames of a source. A plain value.
#pragma once

#include <cstdint>

namespace crossface {

// decoded = dark + still + paced + kept
struct SelectCounts {
  int64_t decoded = 0;
  int64_t dark = 0;   // nothing to be seen: near black, blown out, or without contrast
  int64_t still = 0;  // nothing moved since the last kept frame
  int64_t paced = 0;  // moving, but between two sampling times
  int64_t kept = 0;
  int64_t cuts = 0;
  bool operator==(const SelectCounts&) const = default;
};

}  // namespace crossface
