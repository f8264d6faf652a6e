// Where models run. A value type.
#pragma once

#include <string>
#include <string_view>

#include "crossface/util/status.h"

namespace crossface {

struct Device {
  enum class Kind { kCpu, kCuda };
  Kind kind = Kind::kCpu;
  int index = 0;

  std::string ToString() const;  // "cpu", "cuda:0"
};

// "cpu", "cuda", "cuda:N", or "auto" (CUDA when ONNX Runtime offers it and a session can be made on it, else
// the CPU). Errors: kInvalidArgument for other words; kDeviceUnavailable where CUDA is asked for and not
// there, with what to install.
Result<Device> ResolveDevice(std::string_view text);

}  // namespace crossface
