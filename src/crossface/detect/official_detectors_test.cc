// As official_embedders_test.cc, for the detectors: each stands in for the net that it was made of, under its
// own name, and finds the same faces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "crossface/detect/detector.h"
#include "crossface/detect/face_finder.h"
#include "crossface/inference/models/official_files_for_test.h"
#include "crossface/inference/models/output_check.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;

class OfficialDetectors : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new testing::ScratchFolder();
    if (testing::Models().Find("scrfd_500m").ok()) problem_ = testing::MakeOfficialFiles(folder_->path());
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override {
    for (const char* model : {"arcface_ms1m", "arcface_foamliu", "scrfd_500m", "scrfd_2.5g", "yunet"})
      CROSSFACE_NEEDS_MODEL(model);
    CROSSFACE_NEEDS_SHARED("data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg");
    ASSERT_EQ(problem_, "");
  }
  static testing::ScratchFolder* folder_;
  static std::string problem_;
};
testing::ScratchFolder* OfficialDetectors::folder_ = nullptr;
std::string OfficialDetectors::problem_;

TEST_F(OfficialDetectors, StandInUnderTheirOwnNamesAndFindTheSame) {
  const cv::Mat photo =
      cv::imread((testing::SharedFolder() / "data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg").string(),
                 cv::IMREAD_COLOR);
  const std::vector<std::pair<DetectorKind, std::string>> kinds = {{DetectorKind::kScrfd500m, "det_500m"},
                                                                   {DetectorKind::kScrfd2g5, "det_10g"},
                                                                   {DetectorKind::kYuNet, "yunet_2023mar"}};
  for (const auto& [kind, name] : kinds) {
    const auto official = CreateDetector(kind, ModelStore(folder_->path()));
    ASSERT_TRUE(official.ok()) << name << ": " << official.status().message();
    EXPECT_THAT((*official)->models(), ElementsAre(name));
    const auto twin = CreateDetector(kind, testing::Models());
    ASSERT_TRUE(twin.ok());
    // Sizes that no file says.
    for (const int side : {256, 320, 512}) {
      const auto found = (*official)->Detect(photo, {.longest_side = side}),
                 expected = (*twin)->Detect(photo, {.longest_side = side});
      ASSERT_TRUE(found.ok()) << name << ": " << found.status().message();
      ASSERT_FALSE(expected->empty());
      ASSERT_EQ(found->size(), expected->size());
      for (size_t i = 0; i < found->size(); ++i) {
        EXPECT_NEAR((*found)[i].score, (*expected)[i].score, 1e-4f) << name;
        EXPECT_NEAR((*found)[i].box.x, (*expected)[i].box.x, 0.01f) << name;
        EXPECT_NEAR((*found)[i].landmarks[4].y, (*expected)[i].landmarks[4].y, 0.01f) << name;
      }
    }
  }
  EXPECT_TRUE(CheckOutputs(folder_->path() / FindModel("yunet_2023mar")->file,
                           *FindModel("yunet_2023mar")->output_check)
                  .ok());
}

TEST_F(OfficialDetectors, CaseKeepsTheModelThatItWasScannedWith) {
  const testing::ScratchFolder both;
  for (const std::string name : {"det_10g", "scrfd_2.5g"}) {
    const ModelStore& from = name == "det_10g" ? ModelStore(folder_->path()) : testing::Models();
    std::filesystem::create_symlink(*from.Find(name), both.path() / FindModel(name)->file);
  }
  const ModelStore store(both.path());
  const auto models = [&](const FaceFinderOptions& options) {
    return (*FaceFinder::Create(store, options, {}))->models();
  };
  EXPECT_THAT(models({}), ElementsAre("scrfd_2.5g"));
  const std::vector<std::string> of_case = {"arcface_ms1m", "det_10g"};
  EXPECT_THAT(models({.detectors = DetectorsWith(of_case), .models = of_case}), ElementsAre("det_10g"));
}

TEST(DetectorsWith, CountsWhatStandsIn) {
  EXPECT_THAT(DetectorsWith(std::vector<std::string>{"retinaface_tiny", "mtcnn_pnet", "mtcnn_rnet"}),
              ElementsAre(DetectorKind::kRetinaFace));
  EXPECT_THAT(DetectorsWith(std::vector<std::string>{"det_500m"}), ElementsAre(DetectorKind::kScrfd500m));
}

}  // namespace
}  // namespace crossface
