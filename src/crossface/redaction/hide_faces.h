// Makes a part of a picture unrecognisable. Pure functions, thread-safe.
#pragma once

#include <opencv2/core.hpp>
#include <string_view>

#include "crossface/redaction/redact_options.h"

namespace crossface {

// The part of the picture that is hidden for a face: its box, a detector's (brows to chin), with hair, ears
// and chin, and some more, since boxes move by a few pixels from frame to frame.
cv::Rect2f HiddenArea(const cv::Rect2f& face);

// `bgr` is CV_8UC3 and changed in place; `area` may reach past its edges.
void HideArea(cv::Mat& bgr, const cv::Rect2f& area, HideMethod method);

}  // namespace crossface
