// What another embedding came to. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crossface {

struct ReembedSummary {
  int64_t sources = 0, tracks = 0, faces = 0;  // that got new vectors
  std::vector<std::string> from_pictures;      // sources that were not there any more
};

}  // namespace crossface
