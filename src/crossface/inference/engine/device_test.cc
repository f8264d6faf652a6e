#include "crossface/inference/engine/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "crossface/inference/engine/session.h"

namespace crossface {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

bool HasCuda() {
  const auto providers = InferenceProviders();
  return std::find(providers.begin(), providers.end(), "CUDAExecutionProvider") != providers.end();
}

TEST(Device, IsNamedAsItIsAskedFor) {
  EXPECT_EQ(Device{}.ToString(), "cpu");
  EXPECT_EQ((Device{Device::Kind::kCuda, 3}).ToString(), "cuda:3");
}

TEST(Device, CpuIsAlwaysThere) {
  const auto device = ResolveDevice("cpu");
  ASSERT_TRUE(device.ok()) << device.status().message();
  EXPECT_EQ(device->ToString(), "cpu");
}

TEST(Device, OtherWordsAreRefused) {
  for (const char* text :
       {"", "gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda: 1", "cuda:99999999999"}) {
    const auto device = ResolveDevice(text);
    ASSERT_FALSE(device.ok()) << text;
    EXPECT_EQ(device.status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(Device, WithoutCudaItSaysWhatToInstallAndAutoTakesTheCpu) {
  if (HasCuda()) GTEST_SKIP() << "this ONNX Runtime has CUDA";
  for (const char* text : {"cuda", "cuda:1"}) {
    const auto device = ResolveDevice(text);
    ASSERT_FALSE(device.ok());
    EXPECT_EQ(device.status().code(), StatusCode::kDeviceUnavailable);
    EXPECT_THAT(device.status().message(),
                AllOf(HasSubstr("cuda:"), HasSubstr("onnxruntime-gpu"), HasSubstr("cuDNN")));
  }
  const auto device = ResolveDevice("auto");
  ASSERT_TRUE(device.ok());
  EXPECT_EQ(device->kind, Device::Kind::kCpu);
}

TEST(Device, ACardThatIsNotThereIsUnavailable) {
  if (!HasCuda()) GTEST_SKIP() << "this ONNX Runtime has no CUDA";
  const auto device = ResolveDevice("cuda:999");
  ASSERT_FALSE(device.ok());
  EXPECT_EQ(device.status().code(), StatusCode::kDeviceUnavailable);
}

}  // namespace
}  // namespace crossface
