#include "crossface/embed/embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>

#include "crossface/embed/head_of_input_model.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Three photos of the shared stills with the box and landmarks that SCRFD gave: one man twice, then a woman.
std::vector<FacePicture> SharedFaces() {
  const fs::path stills = testing::SharedFolder() / "data/stills/lfw";
  const auto read = [&](const char* name) { return cv::imread((stills / name).string(), cv::IMREAD_COLOR); };
  return {
      {read("Abdullah_Gul/Abdullah_Gul_0013.jpg"),
       {82.4f, 68.1f, 102.3f, 126.0f},
       {{{103.1f, 112.5f}, {147.9f, 111.3f}, {120.1f, 133.3f}, {105.9f, 156.6f}, {146.6f, 155.9f}}}},
      {read("Abdullah_Gul/Abdullah_Gul_0001.jpg"),
       {91.6f, 69.1f, 92.6f, 118.7f},
       {{{107.5f, 114.1f}, {146.8f, 111.8f}, {121.4f, 134.9f}, {114.6f, 157.1f}, {146.3f, 155.2f}}}},
      {read("Venus_Williams/Venus_Williams_0004.jpg"),
       {89.3f, 71.0f, 89.8f, 117.6f},
       {{{106.8f, 118.0f}, {148.1f, 115.8f}, {123.2f, 135.1f}, {110.9f, 158.3f}, {146.5f, 156.4f}}}},
  };
}

struct Reference {
  std::string model;
  float norm, same, different;  // of the first face; of faces 0 and 1; of faces 0 and 2
};

class EmbedderOnPhotos : public ::testing::TestWithParam<Reference> {};

// The reference values came from a Python program with ONNX Runtime, NumPy and OpenCV that shares no code
// with this one. A wrong colour order, crop or normalisation moves them by more than the tolerance.
TEST_P(EmbedderOnPhotos, AgreesWithTheReferenceProgram) {
  CROSSFACE_NEEDS_SHARED("data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg");
  CROSSFACE_NEEDS_MODEL(GetParam().model);
  const auto embedder = CreateEmbedder(GetParam().model, testing::Models());
  ASSERT_TRUE(embedder.ok()) << embedder.status().message();
  const auto faces = SharedFaces();
  const auto embeddings = (*embedder)->Embed(faces);
  ASSERT_TRUE(embeddings.ok()) << embeddings.status().message();
  ASSERT_EQ(embeddings->size(), 3u);
  EXPECT_NEAR((*embeddings)[0].norm, GetParam().norm, 0.004f * GetParam().norm);
  EXPECT_NEAR(CosineSimilarity((*embeddings)[0].unit, (*embeddings)[1].unit), GetParam().same, 0.004f);
  EXPECT_NEAR(CosineSimilarity((*embeddings)[0].unit, (*embeddings)[2].unit), GetParam().different, 0.004f);
}

TEST_P(EmbedderOnPhotos, BatchesChangeNothing) {
  CROSSFACE_NEEDS_SHARED("data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg");
  CROSSFACE_NEEDS_MODEL(GetParam().model);
  const auto embedder = CreateEmbedder(GetParam().model, testing::Models());
  ASSERT_TRUE(embedder.ok()) << embedder.status().message();
  const auto faces = SharedFaces();
  const auto together = (*embedder)->Embed(faces);
  ASSERT_TRUE(together.ok());
  for (size_t i = 0; i < faces.size(); ++i) {
    const auto alone = (*embedder)->Embed({&faces[i], 1});
    ASSERT_TRUE(alone.ok());
    ASSERT_EQ((*alone)[0].unit.size(), static_cast<size_t>((*embedder)->dimensions()));
    EXPECT_EQ((*alone)[0].unit, (*together)[i].unit);
    EXPECT_NEAR(CosineSimilarity((*alone)[0].unit, (*alone)[0].unit), 1, 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Nets, EmbedderOnPhotos,
                         ::testing::Values(Reference{"arcface_ms1m", 4.7049f, .8454f, .0225f},
                                           Reference{"arcface_foamliu", 22.6501f, .7867f, -.0221f},
                                           Reference{"facenet_vggface2", 1, .8893f, .0818f},
                                           Reference{"inceptionresnetv1_casia", 1, .8710f, -.0697f},
                                           Reference{"faceres_vggface2", 13.5031f, .8669f, .3871f}),
                         [](const auto& info) { return info.param.model; });

// VGG-Face's weights are not to be had here; a net of the same inputs and outputs that hands on its first
// 4096 input values shows what would enter it.
class VggFaceAdapter : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::WriteHeadOfInputModel(folder_.path() / FindModel("vgg_face")->file, {3, 224, 224}, 4096, "input",
                                   "embedding");
    auto created = CreateEmbedder("vgg_face", ModelStore(folder_.path()));
    ASSERT_TRUE(created.ok()) << created.status().message();
    embedder_ = std::move(*created);
  }
  Embedding Embed(const cv::Mat& bgr, const cv::Rect2f& box) {
    const FacePicture face{bgr, box, {}};
    return (*embedder_->Embed({&face, 1}))[0];
  }
  testing::ScratchFolder folder_;
  std::unique_ptr<Embedder> embedder_;
};

TEST_F(VggFaceAdapter, GivesTheNetBlueFirstMinusThePublishedMean) {
  const Embedding embedding = Embed(cv::Mat(300, 300, CV_8UC3, cv::Scalar(100, 200, 50)), {50, 50, 150, 200});
  ASSERT_EQ(embedding.unit.size(), 4096u);
  EXPECT_NEAR(embedding.norm, (100 - 93.5940) * 64, 0.01);  // 4096 blue values of one size
  EXPECT_NEAR(embedding.unit[17], 1.0 / 64, 1e-6);
}

TEST_F(VggFaceAdapter, GivesNoVectorForAnAnswerOfZero) {
  // The blue of an even picture can only come near the mean: 94 - 93.594 = 0.406, which is a vector.
  EXPECT_EQ(Embed(cv::Mat(300, 300, CV_8UC3, cv::Scalar(94, 0, 0)), {50, 50, 150, 200}).unit.size(), 4096u);
  testing::WriteHeadOfInputModel(folder_.path() / "times_zero.onnx", {3, 224, 224}, 4096, "input",
                                 "embedding", 0.0f);
  fs::rename(folder_.path() / "times_zero.onnx", folder_.path() / FindModel("vgg_face")->file);
  embedder_ = *CreateEmbedder("vgg_face", ModelStore(folder_.path()));
  const Embedding zero = Embed(cv::Mat(300, 300, CV_8UC3, cv::Scalar(94, 0, 0)), {50, 50, 150, 200});
  EXPECT_TRUE(zero.unit.empty());
  EXPECT_EQ(zero.norm, 0);
  testing::WriteHeadOfInputModel(folder_.path() / FindModel("vgg_face")->file, {3, 224, 224}, 4096, "input",
                                 "embedding", std::numeric_limits<float>::infinity());
  embedder_ = *CreateEmbedder("vgg_face", ModelStore(folder_.path()));
  EXPECT_TRUE(Embed(cv::Mat(300, 300, CV_8UC3, cv::Scalar(94, 0, 0)), {50, 50, 150, 200}).unit.empty());
}

TEST(CreateEmbedder, SaysWhatIsMissing) {
  const testing::ScratchFolder empty;
  const auto missing = CreateEmbedder("arcface_ms1m", ModelStore(empty.path()));
  EXPECT_EQ(missing.status().code(), StatusCode::kModelMissing);
  const auto unknown = CreateEmbedder("mtcnn", ModelStore(empty.path()));
  EXPECT_EQ(unknown.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(unknown.status().message(), HasSubstr("arcface_ms1m, arcface_foamliu"));
}

TEST(CreateEmbedder, RefusesANetOfAnotherShape) {
  const testing::ScratchFolder folder;
  testing::WriteHeadOfInputModel(folder.path() / FindModel("arcface_ms1m")->file, {3, 112, 112}, 128, "input",
                                 "output");
  EXPECT_EQ(CreateEmbedder("arcface_ms1m", ModelStore(folder.path())).status().code(), StatusCode::kMismatch);
}

TEST(EmbedderNames, AreTheEmbeddersOfTheManifest) {
  std::vector<std::string> manifest;
  for (const ModelEntry& entry : KnownModels()) {
    if (entry.role == ModelRole::kEmbedder) manifest.push_back(entry.name);
  }
  EXPECT_THAT(EmbedderNames(), ::testing::UnorderedElementsAreArray(manifest));
}

TEST(MakeTemplate, IsTheWeightedMeanOfUnitLength) {
  const std::vector<std::vector<float>> vectors = {{1, 0}, {0, 1}};
  const auto mean = MakeTemplate(vectors, std::vector<float>{3, 4});
  ASSERT_EQ(mean.size(), 2u);
  EXPECT_FLOAT_EQ(mean[0], 0.6f);
  EXPECT_FLOAT_EQ(mean[1], 0.8f);
}

TEST(MakeTemplate, IsEmptyWhereThereIsNoDirection) {
  EXPECT_TRUE(MakeTemplate({}, {}).empty());
  EXPECT_TRUE(
      MakeTemplate(std::vector<std::vector<float>>{{1, 0}, {-1, 0}}, std::vector<float>{1, 1}).empty());
  EXPECT_TRUE(MakeTemplate(std::vector<std::vector<float>>{{1, 0}}, std::vector<float>{0}).empty());
}

TEST(MakeTemplate, RefusesVectorsThatDoNotBelongTogether) {
  EXPECT_THROW(MakeTemplate(std::vector<std::vector<float>>{{1, 0}, {1}}, std::vector<float>{1, 1}),
               std::logic_error);
  EXPECT_THROW(MakeTemplate(std::vector<std::vector<float>>{{1, 0}}, std::vector<float>{-1}),
               std::logic_error);
  EXPECT_THROW(MakeTemplate(std::vector<std::vector<float>>{{1, 0}}, std::vector<float>{}), std::logic_error);
  EXPECT_THROW(CosineSimilarity(std::vector<float>{1}, std::vector<float>{1, 0}), std::logic_error);
}

}  // namespace
}  // namespace crossface
