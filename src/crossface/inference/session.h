// One neural network, loaded once: a thin layer over ONNX Runtime (CPU or CUDA).
//
// Run() may be called from several threads at once. Each call computes with `threads_per_run` threads; the default of one
// makes results independent of how many calls run beside it, bit for bit, and parallelism comes from calling it from
// several threads. The Session owns the weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "crossface/inference/device.h"
#include "crossface/util/status.h"

namespace crossface {

// Dense float32, row-major.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<float> data;
};

// What the caller expects of a model's input or output. -1 in the shape means any size.
struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;
};

struct SessionOptions {
  Device device;
  int threads_per_run = 1;
};

class Session {
 public:
  // Loads and checks the model: every expected input and output must be there with its type float32, rank and fixed sizes.
  // Errors: kModelMissing (no such file), kCorrupt (not a model), kMismatch (says what was expected and what was found),
  // kDeviceUnavailable.
  static Result<std::unique_ptr<Session>> Load(const std::filesystem::path& model, std::vector<TensorSpec> inputs,
                                               std::vector<TensorSpec> outputs, const SessionOptions& options = {});
  ~Session();

  // Inputs in the order of the specs given to Load; outputs likewise. Errors: kInvalidArgument for a shape that does not fit
  // the spec, kOutOfResources when memory (host or device) is short, kInternal for any other failure of the runtime.
  Result<std::vector<Tensor>> Run(std::span<const Tensor> inputs) const;

  const Device& device() const;

 private:
  class Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// ONNX Runtime's version, and the execution providers it was built with.
std::string InferenceRuntimeVersion();
std::vector<std::string> InferenceProviders();

}  // namespace crossface
