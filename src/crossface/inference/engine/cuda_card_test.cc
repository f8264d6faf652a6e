#include "crossface/inference/engine/cuda_card.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace crossface {
namespace {

using ::testing::HasSubstr;

class CudaCardTest : public ::testing::Test {
 protected:
  void TearDown() override {
    unsetenv("FAKE_CUDA");
    const auto held = reinterpret_cast<int (*)()>(dlsym(library_, "FakeCudaHeld"));
    EXPECT_EQ(held(), 0) << "the card was not given back";
    dlclose(library_);
  }
  // Kept open, so that what it counts is of the whole test.
  void* const library_ = dlopen(CROSSFACE_FAKE_CUDA, RTLD_NOW);
};

TEST_F(CudaCardTest, TellsNameAndMemory) {
  const auto card = ReadCudaCard(0, CROSSFACE_FAKE_CUDA);
  ASSERT_TRUE(card.ok()) << card.status().message();
  EXPECT_EQ(card->name, "Made Up 4090");
  EXPECT_EQ(card->memory_bytes, int64_t{24} << 30);
  EXPECT_EQ(card->free_bytes, int64_t{23} << 30);
}

TEST_F(CudaCardTest, SaysWhyThereIsNone) {
  const auto expect = [](int index, const std::string& driver, const char* message) {
    const auto card = ReadCudaCard(index, driver);
    ASSERT_FALSE(card.ok());
    EXPECT_EQ(card.status().code(), StatusCode::kDeviceUnavailable);
    EXPECT_EQ(card.status().remedy(), Remedy::kUseCpu);
    EXPECT_THAT(card.status().message(), HasSubstr(message));
  };
  expect(1, CROSSFACE_FAKE_CUDA, "invalid device ordinal");
  expect(0, "libcuda-that-is-not-there.so.1", "the NVIDIA driver is not installed");
  expect(0, "libz.so.1", "libz.so.1 has no cuInit");
  setenv("FAKE_CUDA", "cuInit", 1);
  expect(0, CROSSFACE_FAKE_CUDA, "no CUDA-capable device is detected");
  setenv("FAKE_CUDA", "cuMemGetInfo_v2", 1);
  expect(0, CROSSFACE_FAKE_CUDA, "cuMemGetInfo_v2 failed: out of memory");
}

}  // namespace
}  // namespace crossface
