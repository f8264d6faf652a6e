#include "crossface/inference/engine/runtime.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <tuple>
#include <utility>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace crossface {
namespace {

thread_local std::map<std::string, int>* placed = nullptr;

// "All nodes placed on [CPUExecutionProvider]. Number of nodes: 151", or a line like it for each provider.
void ReadPlacement(std::string_view message) {
  constexpr std::string_view kBegin = "placed on [", kMiddle = "]. Number of nodes: ";
  const size_t begin = message.find(kBegin), middle = message.find(kMiddle);
  if (begin == std::string_view::npos || middle == std::string_view::npos || middle < begin) return;
  const std::string_view number = message.substr(middle + kMiddle.size());
  int nodes = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), nodes).ec != std::errc()) return;
  (*placed)[std::string(message.substr(begin + kBegin.size(), middle - begin - kBegin.size()))] += nodes;
}

// Everything is thrown away but what a PlacementReader waits for.
void Hear(void*, OrtLoggingLevel, const char*, const char*, const char*, const char* message) {
  if (placed != nullptr && message != nullptr) ReadPlacement(message);
}

#if defined(__SSE2__)
// Flush to zero, and denormals are zero, of the SSE control register.
constexpr unsigned kZeroDenormals = 0x8040;
#endif

}  // namespace

Ort::Env& RuntimeEnvironment() {
  static Ort::Env environment(ORT_LOGGING_LEVEL_FATAL, "crossface", Hear, nullptr);
  return environment;
}

void UseDevice(const Device& device, Ort::SessionOptions& options) {
  if (device.kind != Device::Kind::kCuda) return;
  // Whatever goes wrong below is logged, and fails as such where there is nobody to log it.
  RuntimeEnvironment();
  const OrtApi& api = Ort::GetApi();
  OrtCUDAProviderOptionsV2* made = nullptr;
  Ort::ThrowOnError(api.CreateCUDAProviderOptions(&made));
  const std::unique_ptr<OrtCUDAProviderOptionsV2, void (*)(OrtCUDAProviderOptionsV2*)> cuda(
      made, api.ReleaseCUDAProviderOptions);
  const std::string index = std::to_string(device.index);
  const std::array<std::pair<const char*, const char*>, 4> wanted = {{
      {"device_id", index.c_str()},
      // The exhaustive search, the default, would be run again for every new size of picture, and may choose
      // another algorithm, with other rounding, each time.
      {"cudnn_conv_algo_search", "HEURISTIC"},
      // 10 bits of mantissa in place of 23 are the default: scores near a threshold would cross it.
      {"use_tf32", "0"},
      // Not twice what is needed, and then nothing is left for the next net.
      {"arena_extend_strategy", "kSameAsRequested"},
  }};
  std::array<const char*, wanted.size()> keys{}, values{};
  for (size_t i = 0; i < wanted.size(); ++i) std::tie(keys[i], values[i]) = wanted[i];
  Ort::ThrowOnError(api.UpdateCUDAProviderOptions(cuda.get(), keys.data(), values.data(), keys.size()));
  options.AppendExecutionProvider_CUDA_V2(*cuda);
}

PlacementReader::PlacementReader() : outer_(std::exchange(placed, &nodes_)) {}
PlacementReader::~PlacementReader() { placed = outer_; }

bool IsShortOfMemory(std::string_view failure) {
  constexpr std::string_view kSigns[] = {"Failed to allocate",
                                         "out of memory",
                                         "bad_alloc",
                                         "bad allocation",
                                         "is smaller than requested bytes of",  // an arena at its limit
                                         "STATUS_ALLOC_FAILED",                 // cuDNN, cuBLAS
                                         "ALLOCATION_FAILED"};                  // cuDNN 9
  return std::any_of(std::begin(kSigns), std::end(kSigns), [failure](std::string_view sign) {
    return failure.find(sign) != std::string_view::npos;
  });
}

#if defined(__SSE2__)
FlushDenormals::FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kZeroDenormals); }
FlushDenormals::~FlushDenormals() { _mm_setcsr(before_); }
#else
FlushDenormals::FlushDenormals() : before_(0) {}
FlushDenormals::~FlushDenormals() = default;
#endif

}  // namespace crossface
