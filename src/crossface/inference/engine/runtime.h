// ONNX Runtime as this layer uses it: one environment, one place that says how a device is asked for. Private
// to the layer.
#pragma once

#include <onnxruntime_cxx_api.h>

#include <map>
#include <string>
#include <string_view>

#include "crossface/inference/engine/device.h"

namespace crossface {

// One for the process, as ONNX Runtime asks. Silent: failures come back as exceptions. Thread-safe.
Ort::Env& RuntimeEnvironment();

// Reads which execution provider got how many nodes of the sessions that this thread makes in its scope, if
// they log all they have to say. Where it stands in no other way before ONNX Runtime 1.24.
class PlacementReader {
 public:
  PlacementReader();
  ~PlacementReader();
  PlacementReader(const PlacementReader&) = delete;
  PlacementReader& operator=(const PlacementReader&) = delete;

  const std::map<std::string, int>& nodes() const { return nodes_; }

 private:
  std::map<std::string, int> nodes_;
  std::map<std::string, int>* const outer_;
};

// Whether this is how the runtime, CUDA, cuDNN or cuBLAS say that memory is short; they have no code for it.
bool IsShortOfMemory(std::string_view failure);

// Adds the device's execution provider. Throws Ort::Exception where its library cannot be loaded.
void UseDevice(const Device& device, Ort::SessionOptions& options);

// Numbers too small for a full mantissa count as zero on this thread until the end of the scope; they slow
// nets down many times. ONNX Runtime can do it too, but only for its own threads and, once and for good, the
// thread that loads the first model: the same net would give other bits on other threads.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned before_;
};

}  // namespace crossface
