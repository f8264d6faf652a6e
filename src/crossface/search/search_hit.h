// What a search by photo finds (search/search_case.h says what its numbers mean). Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "crossface/util/box.h"

namespace crossface {

// What had to be done about the index of a large case.
enum class SearchIndexState { kLoaded, kUpdated, kBuilt };

struct SearchHit {
  int64_t track_id = 0;
  float log_odds = 0;
  double probability = 0, expected_strangers = 0;
  bool likely = false;

  std::string source, source_sha256;
  int64_t track = 0;  // number in the source
  int64_t start_us = 0, end_us = 0;
  // Of its best face, whose picture an export writes to `picture`, relative to the case folder.
  int64_t face = 0, frame = 0, pts = 0, time_us = 0;
  int time_base_num = 1, time_base_den = 1000;  // seconds per tick of `pts`
  Box box;                                      // of the frame
  float quality = 0;
  std::string picture;
  int64_t person_id = 0;  // 0: nobody's yet
  std::string person;
  bool ignored = false;
};

}  // namespace crossface
