#include "crossface/inference/engine/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <new>
#include <stdexcept>

#include "crossface/inference/engine/cuda_card.h"
#include "crossface/inference/engine/row_batches.h"
#include "crossface/inference/engine/runtime.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

thread_local const RunStop* current_stop = nullptr;

std::string ShapeText(const std::vector<int64_t>& shape) {
  std::vector<std::string> sizes;
  sizes.reserve(shape.size());
  for (int64_t size : shape) sizes.push_back(size < 0 ? "any" : std::to_string(size));
  return fmt::format("[{}]", fmt::join(sizes, ", "));
}

bool Fits(const std::vector<int64_t>& found, const std::vector<int64_t>& expected) {
  return std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                    [](int64_t have, int64_t want) { return have < 0 || want < 0 || have == want; });
}

// Whether the shape is that of this many values, all its sizes known.
bool Holds(const std::vector<int64_t>& shape, size_t values) {
  size_t count = 1;
  for (int64_t size : shape) {
    if (size <= 0 || static_cast<size_t>(size) > values) return false;
    count *= static_cast<size_t>(size);
    if (count > values) return false;
  }
  return count == values;
}

Ort::SessionOptions RuntimeOptions(const SessionOptions& options) {
  Ort::SessionOptions runtime;
  runtime.SetIntraOpNumThreads(options.threads_per_run);
  runtime.SetInterOpNumThreads(1);
  runtime.SetExecutionMode(ORT_SEQUENTIAL);
  runtime.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  // For PlacementReader.
  runtime.SetLogSeverityLevel(ORT_LOGGING_LEVEL_VERBOSE);
  // Inputs come in many sizes: a pattern remembered for each would grow without end.
  runtime.DisableMemPattern();
  // For the runtime's own threads; the calling thread is seen to by FlushDenormals.
  if (options.threads_per_run > 1) runtime.AddConfigEntry("session.set_denormal_as_zero", "1");
  UseDevice(options.device, runtime);
  return runtime;
}

// What a runtime's exception means: memory is short, or else `otherwise`.
StatusCode CodeOf(const Ort::Exception& failure, StatusCode otherwise) {
  return IsShortOfMemory(failure.what()) ? StatusCode::kOutOfResources : otherwise;
}

// What no shortage is to be expected of: half of what is free on the card. The other half is for weights,
// what cuDNN works with, and other threads' runs.
int64_t MemoryForRun(const Device& device) {
  if (device.kind == Device::Kind::kCpu) return std::numeric_limits<int64_t>::max();
  constexpr int64_t kUnknown = int64_t{1} << 30;  // the smallest cards have twice that
  const auto card = ReadCudaCard(device.index);
  return card.ok() ? card->free_bytes / 2 : kUnknown;
}

// A session says all there is to say while it is made; runs have nothing to say to anybody.
const Ort::RunOptions& Unstoppable() {
  static const Ort::RunOptions options = [] {
    Ort::RunOptions silent;
    silent.SetRunLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
    return silent;
  }();
  return options;
}

Result<std::string> ReadModel(const std::filesystem::path& model) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(model, error)) {
    return Status(StatusCode::kModelMissing, fmt::format("there is no model {}", model.string()),
                  Remedy::kInstallModels);
  }
  return ReadFile(model);
}

Status NotLoaded(const std::string& name, const Device& device, const Ort::Exception& failure) {
  if (device.kind == Device::Kind::kCuda) {
    return Status(CodeOf(failure, StatusCode::kDeviceUnavailable),
                  fmt::format("{} cannot run on {}: {}", name, device.ToString(), failure.what()),
                  Remedy::kUseCpu);
  }
  return Status(CodeOf(failure, StatusCode::kCorrupt),
                fmt::format("{} cannot be loaded as a model: {}", name, failure.what()),
                Remedy::kVerifyModels);
}

Tensor Copied(const Ort::Value& value) {
  const auto info = value.GetTensorTypeAndShapeInfo();
  const float* data = value.GetTensorData<float>();
  return {info.GetShape(), std::vector<float>(data, data + info.GetElementCount())};
}

}  // namespace

class RunStop::Impl {
 public:
  Impl() { options.SetRunLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL); }

  std::atomic<bool> stopped = false;
  Ort::RunOptions options;  // whose flag the runtime looks at between two layers
};

RunStop::RunStop() : impl_(std::make_unique<Impl>()) {}
RunStop::~RunStop() = default;

void RunStop::Stop() {
  if (!impl_->stopped.exchange(true)) impl_->options.SetTerminate();
}

bool RunStop::stopped() const { return impl_->stopped; }

RunStop::Scope::Scope(const RunStop& stop) : outer_(std::exchange(current_stop, &stop)) {}
RunStop::Scope::~Scope() { current_stop = outer_; }

class Session::Impl {
 public:
  Impl(const std::string& name, std::string_view bytes, std::vector<TensorSpec> inputs,
       std::vector<TensorSpec> outputs, const SessionOptions& options)
      : name_(name),
        sha256_(Sha256Hex(bytes)),
        device_(options.device),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)),
        batches_(MemoryForRun(options.device)) {
    const PlacementReader reader;
    session_ = Ort::Session(RuntimeEnvironment(), bytes.data(), bytes.size(), RuntimeOptions(options));
    placement_ = {.model = name, .nodes = reader.nodes()};
    const Ort::AllocatorWithDefaultOptions allocator;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].name.empty() && i < session_.GetInputCount())
        inputs_[i].name = session_.GetInputNameAllocated(i, allocator).get();
      input_names_.push_back(inputs_[i].name.c_str());
    }
    for (size_t i = 0; i < outputs_.size(); ++i) {
      if (outputs_[i].name.empty() && i < session_.GetOutputCount())
        outputs_[i].name = session_.GetOutputNameAllocated(i, allocator).get();
      output_names_.push_back(outputs_[i].name.c_str());
    }
  }

  // Compares what the model has with what its user expects.
  Status Check() const {
    const Ort::AllocatorWithDefaultOptions allocator;
    std::vector<std::string> names;
    for (size_t i = 0; i < session_.GetInputCount(); ++i) {
      names.emplace_back(session_.GetInputNameAllocated(i, allocator).get());
    }
    for (const TensorSpec& spec : inputs_) {
      CROSSFACE_ASSIGN_OR_RETURN(const size_t index, PositionOf(spec, names, "input"));
      CROSSFACE_RETURN_IF_ERROR(CheckType(spec, session_.GetInputTypeInfo(index), "input"));
    }
    if (names.size() != inputs_.size()) {
      return Mismatch(fmt::format("{} inputs were expected and it has {} ({})", inputs_.size(), names.size(),
                                  fmt::join(names, ", ")));
    }
    CROSSFACE_RETURN_IF_ERROR(CheckPlacement());
    names.clear();
    for (size_t i = 0; i < session_.GetOutputCount(); ++i) {
      names.emplace_back(session_.GetOutputNameAllocated(i, allocator).get());
    }
    for (const TensorSpec& spec : outputs_) {
      CROSSFACE_ASSIGN_OR_RETURN(const size_t index, PositionOf(spec, names, "output"));
      CROSSFACE_RETURN_IF_ERROR(CheckType(spec, session_.GetOutputTypeInfo(index), "output"));
    }
    return Status();
  }

  Result<std::vector<Tensor>> Run(std::span<const Tensor> inputs) const {
    if (inputs.size() != inputs_.size()) {
      throw std::logic_error(
          fmt::format("{} takes {} inputs and was given {}", name_, inputs_.size(), inputs.size()));
    }
    for (size_t i = 0; i < inputs.size(); ++i) CROSSFACE_RETURN_IF_ERROR(CheckInput(inputs[i], inputs_[i]));
    const RunStop* const stop = current_stop;
    if (stop != nullptr && stop->stopped()) return Stopped();
    try {
      const FlushDenormals flush;
      const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
      std::vector<Ort::Value> values;
      for (const Tensor& tensor : inputs) {
        // The runtime takes inputs by a pointer that is not const, and does not write to them.
        values.push_back(Ort::Value::CreateTensor<float>(memory, const_cast<float*>(tensor.data.data()),
                                                         tensor.data.size(), tensor.shape.data(),
                                                         tensor.shape.size()));
      }
      std::vector<Tensor> results;
      for (const Ort::Value& value :
           session_.Run(stop != nullptr ? stop->impl_->options : Unstoppable(), input_names_.data(),
                        values.data(), values.size(), output_names_.data(), output_names_.size())) {
        const TensorSpec& spec = outputs_[results.size()];
        results.push_back(Copied(value));
        if (!Fits(results.back().shape, spec.shape)) {
          return Mismatch(fmt::format("its output {} came with the shape {} where {} was expected", spec.name,
                                      ShapeText(results.back().shape), ShapeText(spec.shape)));
        }
      }
      return results;
    } catch (const Ort::Exception& failure) {
      if (stop != nullptr && stop->stopped()) return Stopped();
      if (IsShortOfMemory(failure.what())) return Short(failure.what());
      return Status(StatusCode::kInternal, fmt::format("{}: {}", name_, failure.what()));
    } catch (const std::bad_alloc&) {
      return Short("out of memory");
    }
  }

  Result<std::vector<Tensor>> RunRows(std::span<const Tensor> inputs, int64_t bytes_per_row) const {
    return batches_.Run([this](std::span<const Tensor> piece) { return Run(piece); }, inputs, bytes_per_row);
  }

  const NetPlacement& placement() const { return placement_; }
  const Device& device() const { return device_; }
  const std::string& sha256() const { return sha256_; }

 private:
  // Each run beside it takes as much again.
  Status Short(std::string_view failure) const {
    return Status(StatusCode::kOutOfResources,
                  fmt::format("{}: memory of {} is short: {}", name_, device_.ToString(), failure),
                  Remedy::kFewerThreads);
  }

  // The runtime puts a net on the processor where a card cannot do it; whoever asked for the card is told.
  Status CheckPlacement() const {
    if (device_.kind == Device::Kind::kCpu || placement_.nodes.contains("CUDAExecutionProvider")) return {};
    return Status(StatusCode::kDeviceUnavailable,
                  fmt::format("{} would not run on {}: ONNX Runtime put it on {}", name_, device_.ToString(),
                              placement_.nodes.empty() ? "a device that it does not tell" : "the processor"),
                  Remedy::kUseCpu);
  }

  Status Stopped() const { return Status(StatusCode::kInterrupted, name_ + ": stopped"); }

  Status Mismatch(const std::string& difference) const {
    return Status(StatusCode::kMismatch,
                  fmt::format("{} is not the model that was expected: {}", name_, difference));
  }

  Result<size_t> PositionOf(const TensorSpec& spec, const std::vector<std::string>& names,
                            std::string_view side) const {
    const auto found = std::find(names.begin(), names.end(), spec.name);
    if (found != names.end()) return static_cast<size_t>(found - names.begin());
    return Mismatch(
        fmt::format("it has no {} named {} (it has {})", side, spec.name, fmt::join(names, ", ")));
  }

  Status CheckType(const TensorSpec& spec, const Ort::TypeInfo& type, std::string_view side) const {
    if (type.GetONNXType() != ONNX_TYPE_TENSOR ||
        type.GetTensorTypeAndShapeInfo().GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
      return Mismatch(fmt::format("its {} {} is not a float32 tensor", side, spec.name));
    }
    const std::vector<int64_t> shape = type.GetTensorTypeAndShapeInfo().GetShape();
    if (!Fits(shape, spec.shape)) {
      return Mismatch(fmt::format("its {} {} has the shape {} where {} was expected", side, spec.name,
                                  ShapeText(shape), ShapeText(spec.shape)));
    }
    return Status();
  }

  Status CheckInput(const Tensor& tensor, const TensorSpec& spec) const {
    if (Fits(tensor.shape, spec.shape) && Holds(tensor.shape, tensor.data.size())) return Status();
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{}: input {} takes {} and was given {} with {} values", name_, spec.name,
                              ShapeText(spec.shape), ShapeText(tensor.shape), tensor.data.size()));
  }

  const std::string name_, sha256_;
  const Device device_;
  std::vector<TensorSpec> inputs_, outputs_;  // not changed once it is made
  std::vector<const char*> input_names_, output_names_;
  NetPlacement placement_;
  // ONNX Runtime's Run may be called from several threads, though it is not declared const.
  mutable Ort::Session session_{nullptr};
  mutable RowBatches batches_;
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::Load(const std::filesystem::path& model,
                                               std::vector<TensorSpec> inputs,
                                               std::vector<TensorSpec> outputs,
                                               const SessionOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string bytes, ReadModel(model));
  auto session = Of(model.filename().string(), bytes, std::move(inputs), std::move(outputs), options);
  if (!session.ok()) return session.status().Annotate(model.parent_path().string());
  return session;
}

Result<std::unique_ptr<Session>> Session::Of(const std::string& name, std::string_view model,
                                             std::vector<TensorSpec> inputs, std::vector<TensorSpec> outputs,
                                             const SessionOptions& options) {
  try {
    // Constants are folded while loading: to the same bits, too.
    const FlushDenormals flush;
    auto impl = std::make_unique<Impl>(name, model, std::move(inputs), std::move(outputs), options);
    CROSSFACE_RETURN_IF_ERROR(impl->Check());
    if (options.placed != nullptr) options.placed->push_back(impl->placement());
    return std::unique_ptr<Session>(new Session(std::move(impl)));
  } catch (const Ort::Exception& failure) {
    return NotLoaded(name, options.device, failure);
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kOutOfResources, name + ": out of memory");
  }
}

Result<NetPlacement> PlaceNet(const std::filesystem::path& model, const Device& device) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string bytes, ReadModel(model));
  const std::string name = model.filename().string();
  try {
    const PlacementReader reader;
    const Ort::Session session(RuntimeEnvironment(), bytes.data(), bytes.size(),
                               RuntimeOptions({.device = device}));
    return NetPlacement{.model = name, .nodes = reader.nodes()};
  } catch (const Ort::Exception& failure) {
    return NotLoaded(name, device, failure);
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kOutOfResources, name + ": out of memory");
  }
}

Result<std::vector<Tensor>> Session::Run(std::span<const Tensor> inputs) const { return impl_->Run(inputs); }

Result<std::vector<Tensor>> Session::RunRows(std::span<const Tensor> inputs, int64_t bytes_per_row) const {
  return impl_->RunRows(inputs, bytes_per_row);
}

const NetPlacement& Session::placement() const { return impl_->placement(); }

const Device& Session::device() const { return impl_->device(); }

const std::string& Session::sha256() const { return impl_->sha256(); }

std::string InferenceRuntimeVersion() { return Ort::GetVersionString(); }

std::vector<std::string> InferenceProviders() { return Ort::GetAvailableProviders(); }

}  // namespace crossface
