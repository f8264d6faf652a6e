// The detectors, and the set of those that saw a face. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crossface/util/public_api.h"

namespace crossface {

enum class DetectorKind : uint8_t { kScrfd500m, kScrfd2g5, kRetinaFace, kMtcnn, kYuNet };
inline constexpr int kDetectorKinds = 5;

// The model name of the manifest: scrfd_500m, scrfd_2.5g, retinaface, mtcnn, yunet.
CROSSFACE_API std::string_view DetectorName(DetectorKind kind);

class DetectorSet {
 public:
  DetectorSet() = default;
  explicit DetectorSet(uint32_t bits) : bits_(bits) {}
  void Add(DetectorKind kind) { bits_ |= 1u << static_cast<int>(kind); }
  bool Has(DetectorKind kind) const { return bits_ >> static_cast<int>(kind) & 1u; }
  void Merge(DetectorSet other) { bits_ |= other.bits_; }
  int Count() const { return __builtin_popcount(bits_); }
  uint32_t bits() const { return bits_; }
  CROSSFACE_API std::string ToString() const;  // names joined by '+', in the order of DetectorKind
  bool operator==(const DetectorSet&) const = default;

 private:
  uint32_t bits_ = 0;
};

}  // namespace crossface
