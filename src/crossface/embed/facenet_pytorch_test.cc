// facenet-pytorch's releases are not to be had here: files laid out like theirs, made out of the nets that
// are here, are installed as a user's would be and must give what those give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "crossface/embed/embedder.h"
#include "crossface/inference/models/model_fetcher.h"
#include "crossface/inference/models/model_installer.h"
#include "crossface/testing/testing.h"
#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Kind = InstallOutcome::Kind;

class FacenetPytorch : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new testing::ScratchFolder();
    if (testing::Models().Find("facenet_vggface2").ok() &&
        testing::Models().Find("inceptionresnetv1_casia").ok())
      problem_ = MakeFiles();
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override {
    for (const char* model : {"facenet_vggface2", "inceptionresnetv1_casia"}) CROSSFACE_NEEDS_MODEL(model);
    ASSERT_EQ(problem_, "");
    for (const char* model : {"facenet_pytorch_vggface2", "facenet_pytorch_casia"})
      ASSERT_TRUE(AcceptLicences(store_, {FindModel(model)}).ok());
  }
  static std::string MakeFiles() {
    const auto python = ConverterPython({});
    if (!python.ok()) return python.status().message();
    const auto script =
        testing::SourceFolder() / "src/crossface/inference/models/facenet_pytorch_files_for_test.py";
    const auto made = RunSubprocess(
        {python->string(), script.string(), testing::Models().folder().string(), folder_->path().string()});
    if (!made.ok()) return made.status().message();
    return made->exit_code == 0 ? "" : made->text;
  }
  InstallOutcome Install(const std::string& model, const std::string& file) {
    const auto outcomes = InstallModels(store_, {.names = {model}, .from_file = folder_->path() / file});
    EXPECT_TRUE(outcomes.ok()) << outcomes.status().message();
    return outcomes.ok() ? outcomes->front() : InstallOutcome{};
  }
  // Of a face, and of the same in other colours.
  static std::vector<Embedding> Look(const std::string& model, const ModelStore& store) {
    const auto embedder = CreateEmbedder(model, store);
    EXPECT_TRUE(embedder.ok()) << embedder.status().message();
    const cv::Mat photo =
        cv::imread((testing::SharedFolder() / "data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg").string(),
                   cv::IMREAD_COLOR);
    cv::Mat cooler = photo.clone();
    cooler.forEach<cv::Vec3b>([](cv::Vec3b& pixel, const int*) { pixel[2] = pixel[2] / 2; });
    const std::vector<FacePicture> faces = {{photo, {82, 68, 102, 126}, {}},
                                            {cooler, {82, 68, 102, 126}, {}}};
    auto found = (*embedder)->Embed(faces);
    EXPECT_TRUE(found.ok()) << found.status().message();
    return found.ok() ? *std::move(found) : std::vector<Embedding>(2);
  }

  static testing::ScratchFolder* folder_;
  static std::string problem_;
  testing::ScratchFolder installed_;
  const ModelStore store_{installed_.path()};
};
testing::ScratchFolder* FacenetPytorch::folder_ = nullptr;
std::string FacenetPytorch::problem_;

TEST_F(FacenetPytorch, BothOfTorchsFormatsGiveTheNetThatIsInThem) {
  CROSSFACE_NEEDS_SHARED("data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg");
  const struct {
    const char *model, *file, *twin;
  } releases[] = {{"facenet_pytorch_vggface2", "legacy.pt", "facenet_vggface2"},
                  {"facenet_pytorch_casia", "zipped.pt", "inceptionresnetv1_casia"}};
  for (const auto& release : releases) {
    const InstallOutcome outcome = Install(release.model, release.file);
    ASSERT_EQ(outcome.kind, Kind::kInstalled) << outcome.message;
    EXPECT_EQ(outcome.first_used_sha256.size(), 64u) << "no checksum is published";
    const auto found = Look(release.model, store_), expected = Look(release.twin, testing::Models());
    for (size_t i = 0; i < 2; ++i)
      EXPECT_GT(CosineSimilarity(found[i].unit, expected[i].unit), 0.99999f) << release.model;
    EXPECT_LT(CosineSimilarity(found[0].unit, found[1].unit), 0.999f);
  }
}

TEST_F(FacenetPytorch, WhatIsNotWeightsOfThatNetIsRefusedAndRunsNothing) {
  const std::pair<const char*, const char*> refused[] = {{"incomplete.pt", "there is no 'last_bn.weight'"},
                                                         {"calling.pt", "refuses to load"},
                                                         {"cut.pt", "not a torch file"}};
  for (const auto& [file, why] : refused) {
    const InstallOutcome outcome = Install("facenet_pytorch_casia", file);
    EXPECT_EQ(outcome.kind, Kind::kFailed) << file;
    EXPECT_THAT(outcome.message, HasSubstr(why));
  }
  EXPECT_FALSE(fs::exists(folder_->path() / "called"));
  EXPECT_FALSE(store_.Find("facenet_pytorch_casia").ok());
}

}  // namespace
}  // namespace crossface
