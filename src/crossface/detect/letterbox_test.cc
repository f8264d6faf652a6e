#include "crossface/detect/letterbox.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace crossface {
namespace {

constexpr PixelScaling kRgbScaling{ChannelOrder::kRgb, {10, 20, 30}, 0.5f};
constexpr PixelScaling kBgrScaling{ChannelOrder::kBgr, {10, 20, 30}, 0.5f};

float At(const Tensor& tensor, int64_t n, int64_t c, int64_t y, int64_t x) {
  const auto& s = tensor.shape;
  return tensor.data.at(static_cast<size_t>(((n * s[1] + c) * s[2] + y) * s[3] + x));
}

TEST(PictureToTensor, ChannelsComeInTheNetsOrderWithTheirOwnMeans) {
  cv::Mat picture(2, 3, CV_8UC3, cv::Scalar::all(0));
  picture.at<cv::Vec3b>(1, 2) = {100, 150, 200};
  const Tensor rgb = PictureToTensor(picture, kRgbScaling), bgr = PictureToTensor(picture, kBgrScaling);
  EXPECT_EQ(rgb.shape, (std::vector<int64_t>{1, 3, 2, 3}));
  EXPECT_EQ(At(rgb, 0, 0, 1, 2), 95);
  EXPECT_EQ(At(rgb, 0, 1, 1, 2), 65);
  EXPECT_EQ(At(rgb, 0, 2, 1, 2), 35);
  EXPECT_EQ(At(bgr, 0, 0, 1, 2), 45);
  EXPECT_EQ(At(bgr, 0, 2, 1, 2), 85);
  EXPECT_EQ(At(rgb, 0, 0, 0, 0), -5);
  EXPECT_EQ(At(rgb, 0, 2, 0, 0), -15);
}

TEST(PictureToTensor, APartOfALargerPictureIsReadRowByRow) {
  cv::Mat whole(8, 8, CV_8UC3);
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) whole.at<cv::Vec3b>(y, x) = cv::Vec3b::all(static_cast<uchar>(10 * y + x));
  }
  const Tensor part = PictureToTensor(whole(cv::Rect(3, 2, 4, 5)), {ChannelOrder::kBgr, {0, 0, 0}, 1});
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 4; ++x) EXPECT_EQ(At(part, 0, 1, y, x), 10 * (y + 2) + x + 3);
  }
}

TEST(CopyPictureToBatch, WritesItsPlaceAndNoOther) {
  Tensor batch{{3, 3, 2, 2}, std::vector<float>(36, -1)};
  CopyPictureToBatch(cv::Mat(2, 2, CV_8UC3, cv::Scalar(1, 2, 3)), {ChannelOrder::kBgr, {0, 0, 0}, 1}, &batch,
                     1);
  for (size_t i = 0; i < 36; ++i) {
    const float expected = i < 12 || i >= 24 ? -1 : static_cast<float>((i - 12) / 4 + 1);
    EXPECT_EQ(batch.data[i], expected) << i;
  }
}

TEST(MakeLetterbox, ScalesTheLongestSideAndPadsWithBlackToMultiplesOf32) {
  struct Case {
    cv::Size picture, resized, padded;
  };
  for (const Case& c : {Case{{1920, 1080}, {640, 360}, {640, 384}},
                        Case{{1080, 1920}, {360, 640}, {384, 640}}, Case{{100, 50}, {640, 320}, {640, 320}},
                        Case{{10000, 20}, {640, 1}, {640, 32}}, Case{{1, 1}, {640, 640}, {640, 640}}}) {
    const cv::Mat white(c.picture, CV_8UC3, cv::Scalar::all(255));
    const Letterbox box = MakeLetterbox(white, 640, {ChannelOrder::kRgb, {0, 0, 0}, 1});
    EXPECT_EQ(box.resized, c.resized);
    EXPECT_EQ(box.padded, c.padded);
    ASSERT_EQ(box.tensor.shape, (std::vector<int64_t>{1, 3, c.padded.height, c.padded.width}));
    EXPECT_EQ(At(box.tensor, 0, 1, c.resized.height - 1, c.resized.width - 1), 255);
    if (c.padded.height > c.resized.height) {
      EXPECT_EQ(At(box.tensor, 0, 1, c.resized.height, 0), 0);
    }
    if (c.padded.width > c.resized.width) {
      EXPECT_EQ(At(box.tensor, 0, 1, 0, c.resized.width), 0);
    }
  }
}

TEST(ResizedToLongestSide, BelowTheGivenScaleEveryPixelCounts) {
  cv::Mat stripes(100, 100, CV_8UC3, cv::Scalar::all(0));
  for (int x = 0; x < 100; x += 5) stripes.col(x).setTo(cv::Scalar::all(255));
  const cv::Mat averaged = ResizedToLongestSide(stripes, 20, 0.5);
  EXPECT_EQ(averaged.at<cv::Vec3b>(10, 10), cv::Vec3b::all(51));
  const cv::Mat skipped = ResizedToLongestSide(stripes, 20, 0.1);
  EXPECT_EQ(skipped.at<cv::Vec3b>(10, 10), cv::Vec3b::all(0));
}

TEST(MakeLetterbox, RefusesWhatIsNoColourPicture) {
  EXPECT_THROW(MakeLetterbox(cv::Mat(), 640, kRgbScaling), std::logic_error);
  EXPECT_THROW(MakeLetterbox(cv::Mat(4, 4, CV_8UC1), 640, kRgbScaling), std::logic_error);
  EXPECT_THROW(MakeLetterbox(cv::Mat(4, 4, CV_8UC3), 0, kRgbScaling), std::logic_error);
}

TEST(InPicture, PutsBoxAndLandmarksBackThroughTheRoundingOfEachSide) {
  Detection face{.box = {10, 1, 20, 2}, .score = 0.7f};
  face.landmarks.fill({20, 3});
  const Detection back = InPicture(face, {100, 4}, {1000, 42});
  EXPECT_EQ(back.box, cv::Rect2f(100, 10.5f, 200, 21));
  EXPECT_EQ(back.landmarks[4], cv::Point2f(200, 31.5f));
  EXPECT_EQ(back.score, 0.7f);
}

}  // namespace
}  // namespace crossface
