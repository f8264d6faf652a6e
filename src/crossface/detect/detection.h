// What a detector reports, and the set of detectors that saw a face. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>

namespace crossface {

// left eye, right eye, nose, left mouth corner, right mouth corner; left as seen in the picture. Pixels.
using Landmarks = std::array<cv::Point2f, 5>;

enum class DetectorKind : uint8_t { kScrfd500m, kScrfd2g5, kRetinaFace, kMtcnn, kYuNet };
inline constexpr int kDetectorKinds = 5;

// The model name of the manifest: scrfd_500m, scrfd_2.5g, retinaface, mtcnn, yunet.
std::string_view DetectorName(DetectorKind kind);

class DetectorSet {
 public:
  DetectorSet() = default;
  explicit DetectorSet(uint32_t bits) : bits_(bits) {}
  void Add(DetectorKind kind) { bits_ |= 1u << static_cast<int>(kind); }
  bool Has(DetectorKind kind) const { return bits_ >> static_cast<int>(kind) & 1u; }
  void Merge(DetectorSet other) { bits_ |= other.bits_; }
  int Count() const { return __builtin_popcount(bits_); }
  uint32_t bits() const { return bits_; }
  std::string ToString() const;  // names joined by '+', in the order of DetectorKind
  bool operator==(const DetectorSet&) const = default;

 private:
  uint32_t bits_ = 0;
};

struct Detection {
  cv::Rect2f box;   // pixels of the picture that was searched; may reach past its edges
  float score = 0;  // the detector's own 0..1, or the fused score
  Landmarks landmarks{};
  DetectorSet seen_by;  // detectors that reported it
  DetectorSet looked;   // detectors that were asked about this place; seen_by is a subset
};

// Intersection over union, 0..1.
float IntersectionOverUnion(const cv::Rect2f& a, const cv::Rect2f& b);

}  // namespace crossface
