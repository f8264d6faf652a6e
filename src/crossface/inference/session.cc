#include "crossface/inference/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <array>

namespace crossface {
namespace {

// One for the process, as ONNX Runtime asks. Its log would go to stderr: failures come back as exceptions instead.
Ort::Env& Environment() {
  static Ort::Env environment(ORT_LOGGING_LEVEL_FATAL, "crossface", [](void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}, nullptr);
  return environment;
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  std::vector<std::string> sizes;
  for (int64_t size : shape) sizes.push_back(size < 0 ? "any" : std::to_string(size));
  return fmt::format("[{}]", fmt::join(sizes, ", "));
}

bool Fits(const std::vector<int64_t>& found, const std::vector<int64_t>& expected) {
  return std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                    [](int64_t have, int64_t want) { return have < 0 || want < 0 || have == want; });
}

Ort::SessionOptions RuntimeOptions(const SessionOptions& options) {
  Ort::SessionOptions runtime;
  runtime.SetIntraOpNumThreads(options.threads_per_run);
  runtime.SetInterOpNumThreads(1);
  runtime.SetExecutionMode(ORT_SEQUENTIAL);
  runtime.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  runtime.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  // Inputs come in many sizes: a pattern remembered for each would grow without end.
  runtime.DisableMemPattern();
  runtime.AddConfigEntry("session.set_denormal_as_zero", "1");
  if (options.device.kind == Device::Kind::kCuda) {
    OrtCUDAProviderOptions cuda{};
    cuda.device_id = options.device.index;
    runtime.AppendExecutionProvider_CUDA(cuda);
  }
  return runtime;
}

Status RuntimeFailure(const Ort::Exception& failure, const std::string& what) {
  const std::string text = failure.what();
  const bool memory = text.find("Failed to allocate") != std::string::npos || text.find("out of memory") != std::string::npos ||
                      text.find("bad_alloc") != std::string::npos;
  return Status(memory ? StatusCode::kOutOfResources : StatusCode::kInternal, fmt::format("{}: {}", what, text));
}

}  // namespace

class Session::Impl {
 public:
  Impl(const std::filesystem::path& model, std::vector<TensorSpec> inputs, std::vector<TensorSpec> outputs, const SessionOptions& options)
      : name_(model.filename().string()),
        device_(options.device),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)),
        session_(Environment(), model.c_str(), RuntimeOptions(options)) {
    for (const TensorSpec& spec : inputs_) input_names_.push_back(spec.name.c_str());
    for (const TensorSpec& spec : outputs_) output_names_.push_back(spec.name.c_str());
  }

  // Compares what the model has with what its user expects.
  Status Check() {
    Ort::AllocatorWithDefaultOptions allocator;
    std::vector<std::string> names;
    for (size_t i = 0; i < session_.GetInputCount(); ++i) names.push_back(session_.GetInputNameAllocated(i, allocator).get());
    for (const TensorSpec& spec : inputs_) CROSSFACE_RETURN_IF_ERROR(CheckOne(spec, names, "input"));
    if (names.size() != inputs_.size()) {
      return Mismatch(fmt::format("{} inputs were expected and it has {} ({})", inputs_.size(), names.size(), fmt::join(names, ", ")));
    }
    names.clear();
    for (size_t i = 0; i < session_.GetOutputCount(); ++i) names.push_back(session_.GetOutputNameAllocated(i, allocator).get());
    for (const TensorSpec& spec : outputs_) CROSSFACE_RETURN_IF_ERROR(CheckOne(spec, names, "output"));
    return Status();
  }

  Result<std::vector<Tensor>> Run(std::span<const Tensor> inputs) const {
    if (inputs.size() != inputs_.size()) throw std::logic_error(name_ + ": wrong number of inputs");
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    std::vector<Ort::Value> values;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Tensor& tensor = inputs[i];
      int64_t count = 1;
      for (int64_t size : tensor.shape) count *= size;
      if (!Fits(tensor.shape, inputs_[i].shape) || count != static_cast<int64_t>(tensor.data.size())) {
        return Status(StatusCode::kInvalidArgument, fmt::format("{}: input {} takes {} and was given {} with {} values", name_, inputs_[i].name,
                                                                ShapeText(inputs_[i].shape), ShapeText(tensor.shape), tensor.data.size()));
      }
      values.push_back(Ort::Value::CreateTensor<float>(memory, const_cast<float*>(tensor.data.data()), tensor.data.size(),
                                                       tensor.shape.data(), tensor.shape.size()));
    }
    try {
      return Copied(session_.Run(Ort::RunOptions{nullptr}, input_names_.data(), values.data(), values.size(), output_names_.data(), output_names_.size()));
    } catch (const Ort::Exception& failure) {
      return RuntimeFailure(failure, name_);
    } catch (const std::bad_alloc&) {
      return Status(StatusCode::kOutOfResources, name_ + ": out of memory");
    }
  }

  const Device& device() const { return device_; }

 private:
  Status Mismatch(const std::string& difference) const {
    return Status(StatusCode::kMismatch, fmt::format("{} is not the model that was expected: {}", name_, difference));
  }

  Status CheckOne(const TensorSpec& spec, const std::vector<std::string>& names, const char* side) {
    const auto found = std::find(names.begin(), names.end(), spec.name);
    if (found == names.end()) return Mismatch(fmt::format("it has no {} named {} (it has {})", side, spec.name, fmt::join(names, ", ")));
    const auto index = static_cast<size_t>(found - names.begin());
    const Ort::TypeInfo type = side[0] == 'i' ? session_.GetInputTypeInfo(index) : session_.GetOutputTypeInfo(index);
    const auto tensor = type.GetTensorTypeAndShapeInfo();
    if (tensor.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) return Mismatch(fmt::format("its {} {} is not float32", side, spec.name));
    if (const auto shape = tensor.GetShape(); !Fits(shape, spec.shape)) {
      return Mismatch(fmt::format("its {} {} has the shape {} where {} was expected", side, spec.name, ShapeText(shape), ShapeText(spec.shape)));
    }
    return Status();
  }

  static std::vector<Tensor> Copied(const std::vector<Ort::Value>& values) {
    std::vector<Tensor> tensors;
    for (const Ort::Value& value : values) {
      const auto info = value.GetTensorTypeAndShapeInfo();
      const float* data = value.GetTensorData<float>();
      tensors.push_back({info.GetShape(), std::vector<float>(data, data + info.GetElementCount())});
    }
    return tensors;
  }

  const std::string name_;
  const Device device_;
  const std::vector<TensorSpec> inputs_, outputs_;
  std::vector<const char*> input_names_, output_names_;
  // ONNX Runtime's Run is safe to call from several threads, though not declared const.
  mutable Ort::Session session_;
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::Load(const std::filesystem::path& model, std::vector<TensorSpec> inputs,
                                               std::vector<TensorSpec> outputs, const SessionOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(model, error)) {
    return Status(StatusCode::kModelMissing, fmt::format("there is no model {}; run: crossface models install", model.string()));
  }
  try {
    auto impl = std::make_unique<Impl>(model, std::move(inputs), std::move(outputs), options);
    CROSSFACE_RETURN_IF_ERROR(impl->Check());
    return std::unique_ptr<Session>(new Session(std::move(impl)));
  } catch (const Ort::Exception& failure) {
    if (options.device.kind == Device::Kind::kCuda) {
      return Status(StatusCode::kDeviceUnavailable, fmt::format("{} cannot run on {}: {}", model.string(), options.device.ToString(), failure.what()));
    }
    return Status(StatusCode::kCorrupt, fmt::format("{} is not a model that can be loaded: {}; run: crossface models verify", model.string(), failure.what()));
  }
}

Result<std::vector<Tensor>> Session::Run(std::span<const Tensor> inputs) const { return impl_->Run(inputs); }

const Device& Session::device() const { return impl_->device(); }

std::string InferenceRuntimeVersion() { return Ort::GetVersionString(); }

std::vector<std::string> InferenceProviders() { return Ort::GetAvailableProviders(); }

}  // namespace crossface
