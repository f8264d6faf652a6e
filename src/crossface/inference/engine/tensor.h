// What goes into a net and comes out of it. A value type.
#pragma once

#include <cstdint>
#include <vector>

namespace crossface {

// Dense float32, row-major.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<float> data;
};

}  // namespace crossface
