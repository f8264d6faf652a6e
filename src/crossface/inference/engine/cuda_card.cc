#include "crossface/inference/engine/cuda_card.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <memory>

namespace crossface {
namespace {

// The driver's functions, as its documentation has them: CUresult is an int, 0 for success, CUdevice an int,
// CUcontext a pointer. "_v2" are the names behind today's macros.
class Driver {
 public:
  explicit Driver(const std::string& name)
      : name_(name), library_(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL), &Close) {}

  Result<CudaCard> Read(int index) const {
    if (!library_)
      return Unavailable(fmt::format("the NVIDIA driver is not installed ({} is missing)", name_));
    int device = 0;
    size_t total = 0;
    std::array<char, 256> text{};
    CROSSFACE_RETURN_IF_ERROR(Call("cuInit", 0u));
    CROSSFACE_RETURN_IF_ERROR(Call("cuDeviceGet", &device, index));
    CROSSFACE_RETURN_IF_ERROR(
        Call("cuDeviceGetName", text.data(), static_cast<int>(text.size()) - 1, device));
    CROSSFACE_RETURN_IF_ERROR(Call("cuDeviceTotalMem_v2", &total, device));
    CudaCard card{.name = text.data(), .memory_bytes = static_cast<int64_t>(total)};
    CROSSFACE_ASSIGN_OR_RETURN(card.free_bytes, FreeBytes(device));
    return card;
  }

 private:
  static void Close(void* library) { dlclose(library); }

  // Free memory is told only to whom has the card in use.
  Result<int64_t> FreeBytes(int device) const {
    void* context = nullptr;
    size_t free = 0, total = 0;
    CROSSFACE_RETURN_IF_ERROR(Call("cuDevicePrimaryCtxRetain", &context, device));
    Status status = Call("cuCtxPushCurrent_v2", context);
    if (status.ok()) {
      status = Call("cuMemGetInfo_v2", &free, &total);
      void* popped = nullptr;
      const Status pop = Call("cuCtxPopCurrent_v2", &popped);
      if (status.ok()) status = pop;
    }
    const Status released = Call("cuDevicePrimaryCtxRelease_v2", device);
    CROSSFACE_RETURN_IF_ERROR(status);
    CROSSFACE_RETURN_IF_ERROR(released);
    return static_cast<int64_t>(free);
  }

  template <typename... Arguments>
  Status Call(const char* function, Arguments... arguments) const {
    using Function = int (*)(Arguments...);
    const auto call = reinterpret_cast<Function>(dlsym(library_.get(), function));
    if (call == nullptr) return Unavailable(fmt::format("{} has no {}", name_, function));
    const int error = call(arguments...);
    return error == 0 ? Status() : Unavailable(fmt::format("{} failed: {}", function, TextOf(error)));
  }

  std::string TextOf(int error) const {
    using Function = int (*)(int, const char**);
    const auto text_of = reinterpret_cast<Function>(dlsym(library_.get(), "cuGetErrorString"));
    const char* text = nullptr;
    if (text_of == nullptr || text_of(error, &text) != 0 || text == nullptr)
      return fmt::format("error {}", error);
    return text;
  }

  static Status Unavailable(std::string message) {
    return {StatusCode::kDeviceUnavailable, std::move(message), Remedy::kUseCpu};
  }

  const std::string name_;
  const std::unique_ptr<void, void (*)(void*)> library_;
};

}  // namespace

Result<CudaCard> ReadCudaCard(int index, const std::string& driver) { return Driver(driver).Read(index); }

}  // namespace crossface
