#include "crossface/util/jpeg.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <random>

namespace crossface {
namespace {

cv::Mat Noise(int width, int height) {
  std::mt19937 random(static_cast<uint32_t>(width * 1000 + height));
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < 3 * width; ++x) picture.ptr(y)[x] = static_cast<uchar>(random());
  }
  cv::GaussianBlur(picture, picture, {5, 5}, 0);
  return picture;
}

// Cases were written with OpenCV's codecs: pictures must not change with the way they are made.
TEST(Jpeg, GivesTheBytesAndPixelsThatOpenCvGives) {
  for (const auto& [width, height] : {std::pair(1, 1), {17, 9}, {160, 160}, {640, 361}}) {
    for (const int quality : {1, 50, 72, 95, 100}) {
      const cv::Mat picture = Noise(width, height);
      std::vector<uchar> wanted;
      cv::imencode(".jpg", picture, wanted, {cv::IMWRITE_JPEG_QUALITY, quality});
      const std::string jpeg = EncodeJpeg(picture, quality);
      EXPECT_EQ(jpeg, std::string(wanted.begin(), wanted.end())) << width << "x" << height;
      const cv::Mat decoded = DecodeJpeg(jpeg), expected = cv::imdecode(wanted, cv::IMREAD_COLOR);
      ASSERT_EQ(decoded.size(), expected.size());
      EXPECT_EQ(cv::norm(decoded, expected, cv::NORM_INF), 0);
    }
  }
}

TEST(Jpeg, ACommentChangesNothingElseAndIsRead) {
  const cv::Mat picture = Noise(40, 30);
  const std::string plain = EncodeJpeg(picture, 80), told = EncodeJpeg(picture, 80, "where it is from");
  EXPECT_EQ(JpegComment(plain), "");
  EXPECT_EQ(JpegComment(told), "where it is from");
  EXPECT_EQ(cv::norm(DecodeJpeg(plain), DecodeJpeg(told), cv::NORM_INF), 0);
  EXPECT_EQ(told.size(), plain.size() + 4 + std::string("where it is from").size());
  EXPECT_EQ(JpegComment("no picture"), "");
  EXPECT_EQ(JpegComment(told.substr(0, 30)), "");
}

TEST(Jpeg, TakesAPartOfALargerPicture) {
  const cv::Mat part = Noise(90, 70)(cv::Rect(11, 13, 40, 30));
  EXPECT_EQ(EncodeJpeg(part, 80), EncodeJpeg(part.clone(), 80));
}

TEST(Jpeg, ReadsGreyOnes) {
  cv::Mat grey;
  cv::cvtColor(Noise(30, 20), grey, cv::COLOR_BGR2GRAY);
  std::vector<uchar> bytes;
  cv::imencode(".jpg", grey, bytes);
  const cv::Mat decoded = DecodeJpeg({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  EXPECT_EQ(cv::norm(decoded, cv::imdecode(bytes, cv::IMREAD_COLOR), cv::NORM_INF), 0);
}

TEST(Jpeg, GivesNothingForWhatIsNoPicture) {
  EXPECT_TRUE(DecodeJpeg("").empty());
  EXPECT_TRUE(DecodeJpeg("not a picture").empty());
  std::string jpeg = EncodeJpeg(Noise(64, 64), 90);
  EXPECT_TRUE(DecodeJpeg(std::string_view(jpeg).substr(0, 100)).empty());
  EXPECT_EQ(DecodeJpeg(std::string_view(jpeg).substr(0, jpeg.size() / 2)).size(), cv::Size(64, 64));
  // Sides of 65,500 pixels would take 12 GB.
  const size_t sides = jpeg.find("\xFF\xC0") + 5;
  for (const size_t side : {sides, sides + 2}) jpeg.replace(side, 2, "\xFF\xDC");
  EXPECT_TRUE(DecodeJpeg(jpeg).empty());
}

TEST(Jpeg, RefusesOtherPictures) {
  EXPECT_THROW(EncodeJpeg(cv::Mat(), 90), std::logic_error);
  EXPECT_THROW(EncodeJpeg(cv::Mat(4, 4, CV_8UC1), 90), std::logic_error);
}

}  // namespace
}  // namespace crossface
