// The formats of other programs that a case can be written in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crossface/util/public_api.h"

namespace crossface {

// "webvtt", "edl", "otio", "xmp", "cvat", "mot", "graphml", "csv", "jsonl", "bag".
CROSSFACE_API const std::vector<std::string>& ExportFormats();

struct FormatSummary {
  std::string format;
  int64_t files = 0;
};

}  // namespace crossface
