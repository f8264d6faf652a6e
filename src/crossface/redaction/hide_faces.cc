#include "crossface/redaction/hide_faces.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace crossface {
namespace {

// Shares of the face's box that are hidden around it.
constexpr float kBeside = 0.35f, kAbove = 0.45f, kBelow = 0.25f;

// Squares along the longer side of a blurred area. The face itself is 3 by 3 of them: what
// is left of it is a dozen numbers.
constexpr int kSquares = 5;

const cv::Scalar kFillColour(96, 96, 96);

}  // namespace

std::string_view HideMethodName(HideMethod method) { return method == HideMethod::kFill ? "fill" : "blur"; }

cv::Rect2f HiddenArea(const cv::Rect2f& face) {
  return {face.x - kBeside * face.width, face.y - kAbove * face.height, face.width * (1 + 2 * kBeside),
          face.height * (1 + kAbove + kBelow)};
}

void HideArea(cv::Mat& bgr, const cv::Rect2f& area, HideMethod method) {
  const cv::Point first(static_cast<int>(std::floor(std::clamp<float>(area.x, -1e6f, 1e6f))),
                        static_cast<int>(std::floor(std::clamp<float>(area.y, -1e6f, 1e6f))));
  const cv::Point last(static_cast<int>(std::ceil(std::clamp<float>(area.br().x, -1e6f, 1e6f))),
                       static_cast<int>(std::ceil(std::clamp<float>(area.br().y, -1e6f, 1e6f))));
  const cv::Rect part = cv::Rect(first, last) & cv::Rect({}, bgr.size());
  if (part.empty()) return;
  cv::Mat pixels = bgr(part);
  if (method == HideMethod::kFill) {
    pixels.setTo(kFillColour);
    return;
  }
  const double square = std::max(1.0, std::max(part.width, part.height) / static_cast<double>(kSquares));
  const cv::Size squares(std::max(1, static_cast<int>(part.width / square)),
                         std::max(1, static_cast<int>(part.height / square)));
  cv::Mat few;
  cv::resize(pixels, few, squares, 0, 0, cv::INTER_AREA);
  cv::resize(few, pixels, pixels.size(), 0, 0, cv::INTER_LINEAR);
}

}  // namespace crossface
