// The nets that users know are not to be had here: files laid out like theirs, made out of the nets that are,
// go through the same loaders and must give what those give.
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "crossface/embed/embedder.h"
#include "crossface/inference/models/official_files_for_test.h"

namespace crossface {
namespace {

struct Twin {
  const char* official;
  const char* made_of;
};

class OfficialEmbedder : public ::testing::TestWithParam<Twin> {
 protected:
  static void SetUpTestSuite() {
    folder_ = new testing::ScratchFolder();
    if (testing::Models().Find("arcface_ms1m").ok()) problem_ = testing::MakeOfficialFiles(folder_->path());
  }
  static void TearDownTestSuite() { delete folder_; }
  static testing::ScratchFolder* folder_;
  static std::string problem_;
};
testing::ScratchFolder* OfficialEmbedder::folder_ = nullptr;
std::string OfficialEmbedder::problem_;

TEST_P(OfficialEmbedder, SeesWhatItWasTrainedToSee) {
  for (const char* model : {"arcface_ms1m", "arcface_foamliu", "scrfd_500m", "scrfd_2.5g", "yunet"})
    CROSSFACE_NEEDS_MODEL(model);
  CROSSFACE_NEEDS_SHARED("data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg");
  ASSERT_EQ(problem_, "");
  const auto official = CreateEmbedder(GetParam().official, ModelStore(folder_->path()));
  ASSERT_TRUE(official.ok()) << official.status().message();
  const auto twin = CreateEmbedder(GetParam().made_of, testing::Models());
  ASSERT_TRUE(twin.ok());
  EXPECT_EQ((*official)->dimensions(), (*twin)->dimensions());

  const cv::Mat photo =
      cv::imread((testing::SharedFolder() / "data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg").string(),
                 cv::IMREAD_COLOR);
  const Landmarks points = {
      {{103.1f, 112.5f}, {147.9f, 111.3f}, {120.1f, 133.3f}, {105.9f, 156.6f}, {146.6f, 155.9f}}};
  cv::Mat cooler = photo.clone();  // other colours, so that their order counts
  cooler.forEach<cv::Vec3b>([](cv::Vec3b& pixel, const int*) { pixel[2] = pixel[2] / 2; });
  const std::vector<FacePicture> faces = {{photo, {82, 68, 102, 126}, points},
                                          {cooler, {82, 68, 102, 126}, points}};
  const auto found = (*official)->Embed(faces), expected = (*twin)->Embed(faces);
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_EQ(found->size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_GT(CosineSimilarity((*found)[i].unit, (*expected)[i].unit), 0.99999f);
    EXPECT_NEAR((*found)[i].norm, (*expected)[i].norm, 1e-3f * (*expected)[i].norm);
  }
  EXPECT_LT(CosineSimilarity((*found)[0].unit, (*found)[1].unit), 0.999f);
}

INSTANTIATE_TEST_SUITE_P(Nets, OfficialEmbedder,
                         ::testing::Values(Twin{"w600k_r50", "arcface_ms1m"},
                                           Twin{"w600k_mbf", "arcface_ms1m"},
                                           Twin{"sface", "arcface_foamliu"}),
                         [](const auto& info) { return info.param.official; });

}  // namespace
}  // namespace crossface
