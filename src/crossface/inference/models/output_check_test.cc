#include "crossface/inference/models/output_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;

Status CheckInstalled(const std::string& model, const std::string& as) {
  return CheckOutputs(*testing::Models().Find(model), *FindModel(as)->output_check);
}

// The references of the manifest were taken from the published files: conversions are held to them.
TEST(OutputCheck, PublishedFilesAnswerAsTheManifestSays) {
  for (const char* name : {"mtcnn_pnet", "mtcnn_rnet", "mtcnn_onet", "arcface_ms1m"}) {
    CROSSFACE_NEEDS_MODEL(name);
    const Status status = CheckInstalled(name, name);
    EXPECT_TRUE(status.ok()) << status.message();
  }
}

TEST(OutputCheck, AnotherTrainingOfTheSameNetIsRefused) {
  CROSSFACE_NEEDS_MODEL("retinaface");
  const Status status = CheckInstalled("retinaface", "retinaface_tiny");
  EXPECT_EQ(status.code(), StatusCode::kMismatch);
  EXPECT_THAT(status.message(), HasSubstr("output loc answers"));
}

TEST(OutputCheck, AnotherNetIsRefused) {
  CROSSFACE_NEEDS_MODEL("mtcnn_rnet");
  EXPECT_EQ(CheckInstalled("mtcnn_rnet", "arcface_ms1m").code(), StatusCode::kMismatch);
}

TEST(OutputCheck, ChangedWeightsAreRefused) {
  CROSSFACE_NEEDS_MODEL("mtcnn_rnet");
  testing::ScratchFolder scratch;
  std::string bytes = *ReadFile(*testing::Models().Find("mtcnn_rnet"));
  // The middle of the file lies in the weights of the dense layer, most of the net.
  bytes.replace(bytes.size() / 2, 4096, std::string(4096, '\0'));
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "changed.onnx", bytes).ok());
  const Status status = CheckOutputs(scratch.path() / "changed.onnx", *FindModel("mtcnn_rnet")->output_check);
  EXPECT_EQ(status.code(), StatusCode::kMismatch) << status.message();
}

TEST(OutputCheck, NoModelIsRefused) {
  testing::ScratchFolder scratch;
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "text.onnx", "not a model").ok());
  EXPECT_EQ(CheckOutputs(scratch.path() / "text.onnx", *FindModel("mtcnn_rnet")->output_check).code(),
            StatusCode::kCorrupt);
}

}  // namespace
}  // namespace crossface
