// Pictures without loss.
#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "crossface/util/status.h"

namespace crossface {

// The PNG file of a picture of 8-bit BGR that is not empty. Thread-safe. Errors: kOutOfResources, kInternal.
Result<std::string> EncodePng(const cv::Mat& bgr);

}  // namespace crossface
