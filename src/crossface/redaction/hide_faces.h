// Makes a part of a picture unrecognisable. Pure functions, thread-safe.
#pragma once

#include <opencv2/core.hpp>
#include <string_view>

namespace crossface {

// kFill paints the part in one grey, and leaves nothing of it. kBlur averages it over a few squares and
// blends those into each other: light and colours stay, and nothing finer than a third of the face. What a
// blur leaves differs from frame to frame, and who holds many frames of one face may learn more from them
// than one shows; a fill tells nobody anything.
enum class HideMethod { kFill, kBlur };
std::string_view HideMethodName(HideMethod method);  // "fill", "blur"

// The part of the picture that is hidden for a face: its box, a detector's (brows to chin), with hair, ears
// and chin, and some more, since boxes move by a few pixels from frame to frame.
cv::Rect2f HiddenArea(const cv::Rect2f& face);

// `bgr` is CV_8UC3 and changed in place; `area` may reach past its edges.
void HideArea(cv::Mat& bgr, const cv::Rect2f& area, HideMethod method);

}  // namespace crossface
