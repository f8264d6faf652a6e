// What a look for copies came to. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace crossface {

struct DuplicatesSummary {
  int64_t sources = 0;  // that were compared
  int64_t decoded = 0;  // for which there was no fingerprint
  int64_t pairs = 0;
  // Sources that could not be compared, with the reason: not there any more, changed, unreadable.
  std::vector<std::pair<std::string, std::string>> left_out;
};

}  // namespace crossface
