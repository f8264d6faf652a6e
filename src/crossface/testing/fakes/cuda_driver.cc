// Stands in for NVIDIA's driver (libcuda.so.1) in tests: one card, or what FAKE_CUDA says goes wrong.
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

int contexts = 0, current = 0;

bool Fails(const char* function) {
  const char* wanted = std::getenv("FAKE_CUDA");
  return wanted != nullptr && std::strcmp(wanted, function) == 0;
}

constexpr int kFailed = 100;

}  // namespace

extern "C" {
int cuInit(unsigned) { return Fails("cuInit") ? kFailed : 0; }
int cuDeviceGet(int* device, int index) {
  if (index != 0) return 101;
  *device = 7;
  return 0;
}
int cuDeviceGetName(char* name, int length, int device) {
  if (device != 7) return kFailed;
  std::strncpy(name, "Made Up 4090", static_cast<size_t>(length));
  return 0;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = size_t{24} << 30;
  return 0;
}
int cuDevicePrimaryCtxRetain(void** context, int) {
  *context = &contexts;
  ++contexts;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int) { return --contexts < 0 ? kFailed : 0; }
int cuCtxPushCurrent_v2(void* context) {
  if (context != &contexts) return kFailed;
  ++current;
  return 0;
}
int cuCtxPopCurrent_v2(void**) { return --current < 0 ? kFailed : 0; }
int cuMemGetInfo_v2(size_t* free, size_t* total) {
  if (current != 1 || Fails("cuMemGetInfo_v2")) return 2;
  *free = size_t{23} << 30;
  *total = size_t{24} << 30;
  return 0;
}
int cuGetErrorString(int error, const char** text) {
  *text = error == 100 ? "no CUDA-capable device is detected"
          : error == 2 ? "out of memory"
                       : "invalid device ordinal";
  return 0;
}
// Of the fake alone: what was taken into use and not given back.
int FakeCudaHeld() { return contexts + current; }
}
