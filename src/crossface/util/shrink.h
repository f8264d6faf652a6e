// Pictures made smaller by averaging what lies under each new pixel. Pure function, thread-safe.
#pragma once

#include <opencv2/core.hpp>

namespace crossface {

// A copy of the picture (8 bits a channel) at this size, which is no larger on either side. Throws
// cv::Exception for an empty picture or size. Halves the picture first where that comes out even: averaging
// over squares of two pixels is vectorised in OpenCV, over parts of pixels it is not. A film's luma to 160
// pixels costs an eighth. Single pixels that lie on an edge between two new ones may count for the other one.
cv::Mat ShrinkByArea(const cv::Mat& picture, const cv::Size& size);

}  // namespace crossface
