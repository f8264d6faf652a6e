// What is known of devices and of what runs on them. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crossface {

// Where a net really runs, as the runtime dealt its nodes out: one that a device cannot compute is computed
// by the processor, without a word.
struct NetPlacement {
  std::string model;                 // name of its file
  std::map<std::string, int> nodes;  // by execution provider: "CUDAExecutionProvider"
};

struct CudaCard {
  std::string name;  // "NVIDIA L4"
  int64_t memory_bytes = 0, free_bytes = 0;
};

// What work was done on.
struct DeviceUse {
  std::string device;            // "cpu", "cuda:0"
  std::optional<CudaCard> card;  // of a CUDA device whose driver tells
  std::vector<NetPlacement> nets;
};

}  // namespace crossface
