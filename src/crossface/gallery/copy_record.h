// Footage that two sources share. A plain value.
#pragma once

#include <cstdint>
#include <string_view>

#include "crossface/util/public_api.h"

namespace crossface {

// A part of one source that another one holds too.
struct CopyRecord {
  enum class Kind { kIdentical, kVideo, kStill };  // kIdentical: files of the same bytes
  enum class CutOut { kNone, kSource, kOther };    // which shows only the inner part of the other's picture
  int64_t source_id = 0, other_id = 0;
  Kind kind = Kind::kVideo;
  int64_t start_us = 0, other_start_us = 0, length_us = 0;  // from the first frames
  int64_t votes = 0;  // moments that were compared; 0 for identical files
  float alike = 0;    // 0..1: the share of the fingerprints' bits that agree, in half of the moments at least
  bool mirrored = false;
  CutOut cut_out = CutOut::kNone;
  bool operator==(const CopyRecord&) const = default;
};
CROSSFACE_API std::string_view CopyKindName(CopyRecord::Kind kind);     // "identical", "video", "still"
CROSSFACE_API std::string_view CutOutName(CopyRecord::CutOut cut_out);  // "", "source", "other"

}  // namespace crossface
