// What an NVIDIA card says of itself, asked of its driver (libcuda) by itself: no CUDA is needed to build or
// to be told that there is none. Thread-safe.
#pragma once

#include <string>

#include "crossface/inference/engine/device_facts.h"
#include "crossface/util/status.h"

namespace crossface {

// `index` as in Device: CUDA_VISIBLE_DEVICES is obeyed. Takes the card into use for a moment. `driver`: the
// library's name. Errors: kDeviceUnavailable, with the driver's word for why.
Result<CudaCard> ReadCudaCard(int index, const std::string& driver = "libcuda.so.1");

}  // namespace crossface
