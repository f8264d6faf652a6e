#include "crossface/detect/detection.h"

namespace crossface {

std::string_view DetectorName(DetectorKind kind) {
  switch (kind) {
    case DetectorKind::kScrfd500m:
      return "scrfd_500m";
    case DetectorKind::kScrfd2g5:
      return "scrfd_2.5g";
    case DetectorKind::kRetinaFace:
      return "retinaface";
    case DetectorKind::kMtcnn:
      return "mtcnn";
    case DetectorKind::kYuNet:
      return "yunet";
  }
  return "unknown";
}

std::string DetectorSet::ToString() const {
  std::string text;
  for (int i = 0; i < kDetectorKinds; ++i) {
    if (!Has(static_cast<DetectorKind>(i))) continue;
    if (!text.empty()) text += '+';
    text += DetectorName(static_cast<DetectorKind>(i));
  }
  return text;
}

float IntersectionOverUnion(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float common = (a & b).area();
  const float all = a.area() + b.area() - common;
  return all > 0 ? common / all : 0;
}

}  // namespace crossface
