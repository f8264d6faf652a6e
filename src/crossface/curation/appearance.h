// When a person is on. A plain value.
#pragma once

#include <cstdint>
#include <string>

namespace crossface {

struct Appearance {
  std::string track;  // "clips/a.mp4:3"
  int64_t start_us = 0, end_us = 0, faces = 0;
  float confidence = 0;
  bool confirmed = false;
};

}  // namespace crossface
