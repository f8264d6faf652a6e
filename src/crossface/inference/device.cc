#include "crossface/inference/device.h"

#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <charconv>

namespace crossface {
namespace {

// Whether ONNX Runtime can really use the card: the provider may be built in while the driver or a library is missing.
Status TryCuda(int index) {
  const auto providers = Ort::GetAvailableProviders();
  if (std::find(providers.begin(), providers.end(), "CUDAExecutionProvider") == providers.end()) {
    return Status(StatusCode::kDeviceUnavailable,
                  "this build of ONNX Runtime has no CUDA; install the library of the onnxruntime-gpu package, CUDA and cuDNN, or use --device cpu");
  }
  try {
    Ort::SessionOptions options;
    OrtCUDAProviderOptions cuda{};
    cuda.device_id = index;
    options.AppendExecutionProvider_CUDA(cuda);
  } catch (const Ort::Exception& failure) {
    return Status(StatusCode::kDeviceUnavailable,
                  fmt::format("CUDA device {} cannot be used: {}; check the NVIDIA driver, CUDA and cuDNN that onnxruntime-gpu asks for, or use --device cpu",
                              index, failure.what()));
  }
  return Status();
}

}  // namespace

std::string Device::ToString() const { return kind == Kind::kCpu ? "cpu" : fmt::format("cuda:{}", index); }

Result<Device> ResolveDevice(std::string_view text) {
  if (text == "cpu") return Device{};
  if (text == "auto") return TryCuda(0).ok() ? Device{Device::Kind::kCuda, 0} : Device{};
  int index = 0;
  bool understood = text == "cuda";
  if (text.starts_with("cuda:")) {
    const auto [end, error] = std::from_chars(text.data() + 5, text.data() + text.size(), index);
    understood = error == std::errc() && end == text.data() + text.size() && index >= 0;
  }
  if (!understood) return Status(StatusCode::kInvalidArgument, fmt::format("{} is no device; there are cpu, cuda, cuda:N and auto", text));
  CROSSFACE_RETURN_IF_ERROR(TryCuda(index));
  return Device{Device::Kind::kCuda, index};
}

}  // namespace crossface
