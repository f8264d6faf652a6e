#include "crossface/embed/identity_evidence.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "crossface/embed/doubt_reason.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

constexpr float kEnough = 0.25f;  // what founds a person

FacePicture SharedFace() {
  const auto photo = testing::SharedFolder() / "data/stills/lfw/Venus_Williams/Venus_Williams_0004.jpg";
  return {cv::imread(photo.string(), cv::IMREAD_COLOR),
          {89.3f, 71.0f, 89.8f, 117.6f},
          {{{106.8f, 118.0f}, {148.1f, 115.8f}, {123.2f, 135.1f}, {110.9f, 158.3f}, {146.5f, 156.4f}}}};
}

class IdentityEvidenceOfPhotos : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/stills/lfw/Venus_Williams/Venus_Williams_0004.jpg");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    CROSSFACE_NEEDS_MODEL("arcface_foamliu");
    for (const char* name : {"arcface_ms1m", "arcface_foamliu"}) {
      auto embedder = CreateEmbedder(name, testing::Models());
      ASSERT_TRUE(embedder.ok()) << embedder.status().message();
      embedders_.push_back(std::move(*embedder));
    }
  }

  IdentitySigns SignsOf(const FacePicture& face) {
    std::vector<Embedding> own;
    own.reserve(embedders_.size());
    for (const auto& embedder : embedders_) own.push_back((*embedder->Embed({&face, 1}))[0]);
    const auto signs = MeasureIdentitySigns(face, 0.95f, embedders_, own);
    EXPECT_TRUE(signs.ok() && signs->has_value());
    return **signs;
  }
  float EvidenceOf(const FacePicture& face) { return *IdentityEvidence(SignsOf(face)); }

  std::vector<std::unique_ptr<Embedder>> embedders_;
};

TEST_F(IdentityEvidenceOfPhotos, AnUntouchedFaceTellsWhoItIs) {
  const FacePicture face = SharedFace();
  EXPECT_GT(EvidenceOf(face), 0.7f);
}

TEST_F(IdentityEvidenceOfPhotos, ACoveredOrBlurredOrPixelatedFaceDoesNot) {
  FacePicture masked = SharedFace(), hooded = SharedFace(), blurred = SharedFace(), pixelated = SharedFace();
  masked.bgr(cv::Rect(88, 128, 78, 65)).setTo(cv::Scalar(225, 205, 170));
  hooded.bgr(cv::Rect(80, 55, 95, 50)).setTo(cv::Scalar(30, 30, 30));
  hooded.bgr(cv::Rect(80, 126, 95, 80)).setTo(cv::Scalar(30, 30, 30));
  cv::GaussianBlur(blurred.bgr, blurred.bgr, {}, 6);
  cv::Mat small;
  cv::resize(pixelated.bgr, small, {}, 1.0 / 10, 1.0 / 10, cv::INTER_AREA);
  cv::resize(small, pixelated.bgr, pixelated.bgr.size(), 0, 0, cv::INTER_NEAREST);
  for (const FacePicture* face : {&masked, &hooded, &blurred, &pixelated})
    EXPECT_LT(EvidenceOf(*face), kEnough);
  EXPECT_LT(SignsOf(masked).lower, SignsOf(SharedFace()).lower)
      << "what is covered moves nothing when covered";
  EXPECT_LT(SignsOf(blurred).blur, SignsOf(SharedFace()).blur);
}

TEST_F(IdentityEvidenceOfPhotos, EitherArcFaceAloneTellsToo) {
  FacePicture blurred = SharedFace();
  cv::GaussianBlur(blurred.bgr, blurred.bgr, {}, 6);
  for (const auto& embedder : embedders_) {
    const auto evidence = [&](const FacePicture& face) {
      const std::vector<Embedding> own = *embedder->Embed({&face, 1});
      return *IdentityEvidence(**MeasureIdentitySigns(face, 0.95f, std::span(&embedder, 1), own));
    };
    EXPECT_GT(evidence(SharedFace()), kEnough) << embedder->name();
    EXPECT_LT(evidence(blurred), kEnough) << embedder->name();
  }
}

TEST_F(IdentityEvidenceOfPhotos, EmbeddingsMustBelongToTheEmbedders) {
  const std::vector<Embedding> one = {{.unit = {1}, .norm = 18}};
  EXPECT_THROW((void)MeasureIdentitySigns(SharedFace(), 1, embedders_, one), std::logic_error);
}

TEST_F(IdentityEvidenceOfPhotos, ReasonsNameWhatIsSeen) {
  const auto reason = [&](const FacePicture& face) {
    const Detection found{.box = face.box, .score = 0.95f, .landmarks = face.landmarks};
    return DoubtReason(face.bgr, found, MeasureQuality(face.bgr, found), SignsOf(face));
  };
  FacePicture masked = SharedFace(), pixelated = SharedFace(), hidden = SharedFace(), blurred = SharedFace();
  masked.bgr(cv::Rect(88, 128, 78, 65)).setTo(cv::Scalar(225, 205, 170));
  EXPECT_EQ(reason(masked), UnassignedReason::kCovered);
  const cv::Rect face(80, 60, 100, 140);
  cv::Mat small, inside = pixelated.bgr(face);
  cv::resize(inside, small, {10, 14}, 0, 0, cv::INTER_AREA);
  cv::resize(small, inside, face.size(), 0, 0, cv::INTER_NEAREST);
  EXPECT_EQ(reason(pixelated), UnassignedReason::kAnonymised);
  cv::GaussianBlur(blurred.bgr, blurred.bgr, {}, 6);
  EXPECT_EQ(reason(blurred), UnassignedReason::kBlurred) << "all of the picture is: nobody hid a face";
  EXPECT_FALSE(LooksAnonymised(hidden.bgr, hidden.box));
}

TEST(IdentityEvidenceTest, WithoutAnArcFaceNothingIsSaid) {
  EXPECT_EQ(IdentityEvidence({}), std::nullopt);
  const FacePicture face{cv::Mat(112, 112, CV_8UC3, cv::Scalar(9, 9, 9)), {0, 0, 112, 112}, {}};
  const auto signs = MeasureIdentitySigns(face, 1, {}, {});
  ASSERT_TRUE(signs.ok());
  EXPECT_FALSE(signs->has_value());
}

TEST(IdentityEvidenceTest, AShortVectorIsLessEvidence) {
  IdentitySigns signs{.norm_ms1m = 3.8f,
                      .norm_foamliu = 18.3f,
                      .upper = 1.05f,
                      .lower = 0.9f,
                      .blur = 0.7f,
                      .detector = 0.95f};
  const float usual = *IdentityEvidence(signs);
  signs.norm_ms1m *= 0.6f;
  signs.norm_foamliu *= 0.6f;
  EXPECT_LT(*IdentityEvidence(signs), usual / 2);
}

RC_GTEST_PROP(FaceProportionTest, TurningAndScalingChangeNothing, ()) {
  const double angle = *rc::gen::inRange(-180, 180) * 3.14159265 / 180,
               scale = *rc::gen::inRange(5, 200) / 10.0;
  const Landmarks upright = {{{38, 52}, {74, 51}, {56, 72}, {42, 92}, {71, 92}}};
  Landmarks turned;
  for (size_t i = 0; i < upright.size(); ++i) {
    turned[i].x =
        static_cast<float>(scale * (upright[i].x * std::cos(angle) - upright[i].y * std::sin(angle)));
    turned[i].y =
        static_cast<float>(scale * (upright[i].x * std::sin(angle) + upright[i].y * std::cos(angle)));
  }
  RC_ASSERT(std::abs(FaceProportion(turned) - FaceProportion(upright)) < 1e-3f);
}

}  // namespace
}  // namespace crossface
