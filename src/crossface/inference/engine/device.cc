#include "crossface/inference/engine/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "crossface/inference/engine/runtime.h"

namespace crossface {
namespace {

// A model in ONNX's format: y = x, one dimension of any size.
constexpr unsigned char kIdentity[] =
    "\x08\x08\x3a\x39\x0a\x10\x0a\x01x\x12\x01y\x22\x08Identity\x12\x01g\x5a\x10\x0a\x01x\x12\x0b\x0a\x09"
    "\x08\x01\x12\x05\x0a\x03\x12\x01n\x62\x10\x0a\x01y\x12\x0b\x0a\x09\x08\x01\x12\x05\x0a\x03\x12\x01n"
    "\x42\x04\x0a\x00\x10\x0d";

// Makes a session on the card: the provider may be built in while the driver, a library or the card is
// missing.
Status TryCuda(const Device& device) {
  const auto providers = Ort::GetAvailableProviders();
  if (std::find(providers.begin(), providers.end(), "CUDAExecutionProvider") == providers.end()) {
    return Status(
        StatusCode::kDeviceUnavailable,
        fmt::format("{} cannot be used: this ONNX Runtime is built without CUDA; install the library "
                    "of the onnxruntime-gpu package, CUDA and cuDNN (docs/gpu.md)",
                    device.ToString()),
        Remedy::kUseCpu);
  }
  try {
    Ort::SessionOptions options;
    UseDevice(device, options);
    Ort::Session(RuntimeEnvironment(), kIdentity, std::size(kIdentity) - 1, options);
  } catch (const Ort::Exception& failure) {
    std::string_view why = failure.what();
    why.remove_suffix(why.size() - std::min(why.size(), why.find_last_not_of(" \n") + 1));
    return Status(StatusCode::kDeviceUnavailable,
                  fmt::format("{} cannot be used: {}; check the NVIDIA driver and the CUDA and cuDNN that "
                              "onnxruntime-gpu asks for (docs/gpu.md)",
                              device.ToString(), why),
                  Remedy::kUseCpu);
  }
  return Status();
}

}  // namespace

std::string Device::ToString() const { return kind == Kind::kCpu ? "cpu" : fmt::format("cuda:{}", index); }

Result<Device> ResolveDevice(std::string_view text) {
  Device cuda{Device::Kind::kCuda, 0};
  if (text == "cpu") return Device{};
  if (text == "auto") return TryCuda(cuda).ok() ? cuda : Device{};
  bool understood = text == "cuda";
  if (text.starts_with("cuda:")) {
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + 5, last, cuda.index);
    understood = error == std::errc() && end == last && cuda.index >= 0;
  }
  if (!understood) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{} is no device; there are cpu, cuda, cuda:N and auto", text));
  }
  CROSSFACE_RETURN_IF_ERROR(TryCuda(cuda));
  return cuda;
}

}  // namespace crossface
