#include "crossface/inference/engine/runtime.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace crossface {
namespace {

void Discard(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

#if defined(__SSE2__)
// Flush to zero, and denormals are zero, of the SSE control register.
constexpr unsigned kZeroDenormals = 0x8040;
#endif

}  // namespace

Ort::Env& RuntimeEnvironment() {
  static Ort::Env environment(ORT_LOGGING_LEVEL_FATAL, "crossface", Discard, nullptr);
  return environment;
}

void UseDevice(const Device& device, Ort::SessionOptions& options) {
  if (device.kind != Device::Kind::kCuda) return;
  OrtCUDAProviderOptions cuda;
  cuda.device_id = device.index;
  // The exhaustive search, the default, would be run again for every new size of picture, and may choose
  // another algorithm, with other rounding, each time.
  cuda.cudnn_conv_algo_search = OrtCudnnConvAlgoSearchHeuristic;
  options.AppendExecutionProvider_CUDA(cuda);
}

#if defined(__SSE2__)
FlushDenormals::FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kZeroDenormals); }
FlushDenormals::~FlushDenormals() { _mm_setcsr(before_); }
#else
FlushDenormals::FlushDenormals() : before_(0) {}
FlushDenormals::~FlushDenormals() = default;
#endif

}  // namespace crossface
