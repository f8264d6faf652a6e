// Stands in for NVIDIA's driver (libcuda.so.1) in tests: one card, whose memory is this computer's.
//
// FAKE_CUDA names a function that fails, or "FUNCTION:N", which fails from its N-th call on; FAKE_CUDA_CARDS
// how many cards there are.
#include <ffnvcodec/dynlink_cuda.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

std::atomic<int> contexts = 0, current = 0, calls = 0;

constexpr int kOutOfMemory = 2, kNoDevice = 100, kInvalidDevice = 101, kNotSupported = 801;
constexpr int kDevice = 7;

}  // namespace

extern "C" {
// Of the fake alone: what was taken into use and not given back.
int FakeCudaHeld() { return contexts + current; }

bool FakeCudaFails(const char* function) {
  const char* const asked = std::getenv("FAKE_CUDA");
  if (asked == nullptr) {
    calls = 0;
    return false;
  }
  const std::string_view wanted(asked);
  const size_t colon = wanted.find(':');
  if (wanted.substr(0, colon) != function) return false;
  return colon == std::string_view::npos || ++calls >= std::atoi(asked + colon + 1);
}

int cuInit(unsigned) { return FakeCudaFails("cuInit") ? kNoDevice : 0; }
int cuDeviceGet(int* device, int index) {
  const char* const cards = std::getenv("FAKE_CUDA_CARDS");
  if (index >= (cards == nullptr ? 1 : std::atoi(cards))) return kInvalidDevice;
  *device = kDevice;
  return 0;
}
int cuDeviceGetName(char* name, int length, int device) {
  if (device != kDevice) return kNoDevice;
  std::strncpy(name, "Made Up 4090", static_cast<size_t>(length));
  return 0;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = size_t{24} << 30;
  return 0;
}
int cuDeviceGetAttribute(int* value, int, int) {
  *value = 512;
  return 0;
}
int cuDevicePrimaryCtxRetain(void** context, int) {
  *context = &contexts;
  ++contexts;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int) { return --contexts < 0 ? kNoDevice : 0; }
int cuCtxCreate_v2(void** context, unsigned, int) {
  if (FakeCudaFails("cuCtxCreate_v2")) return kOutOfMemory;
  *context = &contexts;
  ++contexts;
  ++current;
  return 0;
}
int cuCtxDestroy_v2(void*) { return --contexts < 0 ? kNoDevice : 0; }
int cuCtxPushCurrent_v2(void* context) {
  if (context != &contexts) return kNoDevice;
  ++current;
  return 0;
}
int cuCtxPopCurrent_v2(void**) { return --current < 0 ? kNoDevice : 0; }
int cuMemGetInfo_v2(size_t* free, size_t* total) {
  if (current != 1 || FakeCudaFails("cuMemGetInfo_v2")) return kOutOfMemory;
  *free = size_t{23} << 30;
  *total = size_t{24} << 30;
  return 0;
}
int cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* copy, void*) {
  if (FakeCudaFails("cuMemcpy2DAsync_v2")) return kOutOfMemory;
  if (copy->srcMemoryType != CU_MEMORYTYPE_DEVICE || copy->dstMemoryType != CU_MEMORYTYPE_HOST)
    return kNotSupported;
  const char* from = nullptr;  // the number is an address of this computer
  std::memcpy(&from, &copy->srcDevice, sizeof from);
  from += copy->srcXInBytes;
  auto* const to = static_cast<char*>(copy->dstHost) + copy->dstXInBytes;
  for (size_t y = 0; y < copy->Height; ++y)
    std::memcpy(to + (y + copy->dstY) * copy->dstPitch, from + (y + copy->srcY) * copy->srcPitch,
                copy->WidthInBytes);
  return 0;
}
int cuStreamSynchronize(void*) { return 0; }
int cuGetErrorName(int error, const char** name) {
  *name = error == kOutOfMemory ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_NO_DEVICE";
  return 0;
}
int cuGetErrorString(int error, const char** text) {
  *text = error == kNoDevice      ? "no CUDA-capable device is detected"
          : error == kOutOfMemory ? "out of memory"
                                  : "invalid device ordinal";
  return 0;
}

// libav looks for these too, and does not call them.
#define NOT_THERE(function) \
  int function() { return kNotSupported; }
NOT_THERE(cuDeviceGetCount)
NOT_THERE(cuDeviceComputeCapability)
NOT_THERE(cuCtxSetLimit)
NOT_THERE(cuCtxGetDevice)
NOT_THERE(cuMemAlloc_v2)
NOT_THERE(cuMemAllocPitch_v2)
NOT_THERE(cuMemAllocManaged)
NOT_THERE(cuMemsetD8Async)
NOT_THERE(cuMemFree_v2)
NOT_THERE(cuMemcpy)
NOT_THERE(cuMemcpyAsync)
NOT_THERE(cuMemcpy2D_v2)
NOT_THERE(cuMemcpyHtoD_v2)
NOT_THERE(cuMemcpyHtoDAsync_v2)
NOT_THERE(cuMemcpyDtoH_v2)
NOT_THERE(cuMemcpyDtoHAsync_v2)
NOT_THERE(cuMemcpyDtoD_v2)
NOT_THERE(cuMemcpyDtoDAsync_v2)
NOT_THERE(cuDevicePrimaryCtxRelease)
NOT_THERE(cuDevicePrimaryCtxSetFlags)
NOT_THERE(cuDevicePrimaryCtxGetState)
NOT_THERE(cuDevicePrimaryCtxReset)
NOT_THERE(cuStreamCreate)
NOT_THERE(cuStreamQuery)
NOT_THERE(cuStreamDestroy_v2)
NOT_THERE(cuStreamAddCallback)
NOT_THERE(cuEventCreate)
NOT_THERE(cuEventDestroy_v2)
NOT_THERE(cuEventSynchronize)
NOT_THERE(cuEventQuery)
NOT_THERE(cuEventRecord)
NOT_THERE(cuLaunchKernel)
NOT_THERE(cuLinkCreate)
NOT_THERE(cuLinkAddData)
NOT_THERE(cuLinkComplete)
NOT_THERE(cuLinkDestroy)
NOT_THERE(cuModuleLoadData)
NOT_THERE(cuModuleUnload)
NOT_THERE(cuModuleGetFunction)
NOT_THERE(cuModuleGetGlobal)
NOT_THERE(cuTexObjectCreate)
NOT_THERE(cuTexObjectDestroy)
NOT_THERE(cuGLGetDevices_v2)
NOT_THERE(cuGraphicsGLRegisterImage)
NOT_THERE(cuGraphicsUnregisterResource)
NOT_THERE(cuGraphicsMapResources)
NOT_THERE(cuGraphicsUnmapResources)
NOT_THERE(cuGraphicsSubResourceGetMappedArray)
NOT_THERE(cuGraphicsResourceGetMappedPointer_v2)
NOT_THERE(cuArray3DCreate_v2)
NOT_THERE(cuArrayDestroy)
#undef NOT_THERE
}
