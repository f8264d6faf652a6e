// One neural network, loaded once: a thin layer over ONNX Runtime (CPU or CUDA). A Session owns the weights.
//
// Run() may be called from several threads at once. Each call computes with `threads_per_run` threads; with
// the default of one, results are the same bit for bit on every thread and however many calls run beside it,
// and parallelism comes from calling it from several threads. Inputs may be of another size each time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/inference/engine/device.h"
#include "crossface/inference/engine/device_facts.h"
#include "crossface/inference/engine/tensor.h"
#include "crossface/util/status.h"

namespace crossface {

// What the caller expects of a model's input or output. -1 in the shape means any size. Without a name it is
// the one at the same place of the model's list.
struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;
};

struct SessionOptions {
  Device device;
  int threads_per_run = 1;
  // Load() adds what it has loaded; null: nobody asks. Not from several threads at once.
  std::vector<NetPlacement>* placed = nullptr;
};

// Ends what nets compute in the middle of it: every Session::Run on threads that are in a Scope of it comes
// back with kInterrupted, those that are under way as soon as the layer that they are at is done. For good.
// Thread-safe.
class RunStop {
 public:
  RunStop();
  ~RunStop();
  RunStop(const RunStop&) = delete;
  RunStop& operator=(const RunStop&) = delete;

  void Stop();
  bool stopped() const;

  // Of the thread that makes it, until it goes; of several, the innermost counts.
  class Scope {
   public:
    explicit Scope(const RunStop& stop);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    const RunStop* const outer_;
  };

 private:
  friend class Session;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

class Session {
 public:
  // Loads and checks the model: it must have these inputs and no others, and at least these outputs, all
  // float32 with the rank and the fixed sizes of the specs. Errors: kModelMissing (no such file), kCorrupt
  // (not a model), kMismatch (says what was expected and what was found), kDeviceUnavailable (also where the
  // device got not one of the net's nodes), kOutOfResources.
  static Result<std::unique_ptr<Session>> Load(const std::filesystem::path& model,
                                               std::vector<TensorSpec> inputs,
                                               std::vector<TensorSpec> outputs,
                                               const SessionOptions& options = {});
  // The same of a model that is no file; `name` stands in messages.
  static Result<std::unique_ptr<Session>> Of(const std::string& name, std::string_view model,
                                             std::vector<TensorSpec> inputs, std::vector<TensorSpec> outputs,
                                             const SessionOptions& options = {});
  ~Session();

  // Inputs in the order of the specs given to Load, read where they are, without a copy; outputs likewise in
  // the order of their specs. Throws std::logic_error for a wrong number of inputs. Errors: kInvalidArgument
  // for a shape that does not fit the spec or the number of values, kMismatch for an output that is not of
  // its spec's shape, kOutOfResources when memory (host or device) is short, kInterrupted when a RunStop
  // ended it, kInternal for any other failure of the runtime.
  Result<std::vector<Tensor>> Run(std::span<const Tensor> inputs) const;

  // The same for rows that the net computes by themselves, see row_batches.h: the first input is cut along
  // its first dimension into as many runs as memory asks for, and the outputs are put together again. On the
  // CPU it begins with all of them as one run.
  Result<std::vector<Tensor>> RunRows(std::span<const Tensor> inputs, int64_t bytes_per_row) const;

  const Device& device() const;
  const NetPlacement& placement() const;
  // Of the bytes that it was made of: whatever stands under the file's name since.
  const std::string& sha256() const;

 private:
  class Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Where the net of any model would run: it is loaded and let go. Errors: those of Session::Load.
Result<NetPlacement> PlaceNet(const std::filesystem::path& model, const Device& device);

// ONNX Runtime's version, and the execution providers it was built with.
std::string InferenceRuntimeVersion();
std::vector<std::string> InferenceProviders();

}  // namespace crossface
