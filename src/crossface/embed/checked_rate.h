// How a promised rate of errors held on people who were not fitted. A plain value.
#pragma once

#include <cstdint>

namespace crossface {

struct CheckedRate {
  double promised = 0;           // share of pairs of different people above a threshold
  int64_t wrong = 0, pairs = 0;  // counted: those above it, of how many
  double found = 0;              // share of pairs of one person above it
};

}  // namespace crossface
