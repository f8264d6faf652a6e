// A rectangle of a picture. A plain value.
#pragma once

namespace crossface {

// Pixels of the upright, square-pixel picture; may reach past its edges.
struct Box {
  float x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Box&) const = default;
};

}  // namespace crossface
