#include "crossface/media/write/png.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

namespace crossface {
namespace {

TEST(Png, IsReadAsThePictureThatWasWritten) {
  for (const auto& [width, height] : {std::pair(1, 1), {7, 3}, {641, 359}}) {
    cv::Mat picture(height, width, CV_8UC3);
    cv::randu(picture, 0, 256);
    const auto png = EncodePng(picture);
    ASSERT_TRUE(png.ok()) << png.status().message();
    const cv::Mat read = cv::imdecode(std::vector<uchar>(png->begin(), png->end()), cv::IMREAD_UNCHANGED);
    ASSERT_EQ(read.size(), picture.size());
    ASSERT_EQ(read.type(), CV_8UC3);
    EXPECT_EQ(cv::norm(read, picture, cv::NORM_INF), 0);
  }
}

}  // namespace
}  // namespace crossface
