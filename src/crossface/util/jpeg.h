// JPEG pictures in memory. Straight to libjpeg: OpenCV's codecs bring a hundred libraries of formats that
// nothing here uses, and a third of the memory of a program that starts. Thread-safe.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <string_view>

namespace crossface {

// Baseline, colour at half the resolution; the same bytes for the same picture. `quality`: 1 to 100. REQUIRES
// a picture of 8-bit BGR that is not empty, with no side of more than 65,500 pixels. `comment` stands in the
// file (COM); at most 65,000 bytes, empty: there is none.
std::string EncodeJpeg(const cv::Mat& bgr, int quality, std::string_view comment = {});

// The same of the picture made smaller, by area, where its longer side has more pixels than `most_side`.
std::string EncodeSmallJpeg(const cv::Mat& bgr, int most_side, int quality);

// 8-bit BGR. Empty for what is no JPEG, is larger than any picture of a face, or not grey or of three
// colours. What is missing at the end of one that was cut short is grey.
cv::Mat DecodeJpeg(std::string_view jpeg);

// The first comment; empty where there is none, and for what is no JPEG.
std::string JpegComment(std::string_view jpeg);

}  // namespace crossface
