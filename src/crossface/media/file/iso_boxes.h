// The boxes of MP4, QuickTime and HEIF (ISO 14496-12 4.2). Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crossface/media/file/input_file.h"

namespace crossface {

struct IsoBox {
  std::string type;   // four bytes
  int64_t at = 0;     // where its header begins
  int64_t begin = 0;  // of its payload
  int64_t end = 0;    // of the box; past the file's end in a file that was cut off
};

// Reads the header at `at`; an empty type where there is none. Sizes are what the file states, but a box
// never ends before its header.
IsoBox ReadIsoBox(const InputFile& file, int64_t at);

// The whole boxes that lie one after the other in [begin, end); a bounded number of them.
std::vector<IsoBox> ListIsoBoxes(const InputFile& file, int64_t begin, int64_t end);

// "avc1", "encv" ...: the formats of the samples of all tracks, as the file has them.
struct IsoSampleFormat {
  std::string type;
  bool encrypted = false;
  bool common_encryption =
      false;  // by a scheme of ISO 23001-7, where packets tell which of them are encrypted
};
// Of the picture tracks. Those of other tracks are listed too, without their encryption.
std::vector<IsoSampleFormat> ListIsoSampleFormats(const InputFile& file);

}  // namespace crossface
