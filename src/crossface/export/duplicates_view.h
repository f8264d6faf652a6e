// Groups of sources that hold one piece of footage, the largest group first. Immutable once read; thread-safe
// to read from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "crossface/gallery/copy_record.h"
#include "crossface/gallery/source_record.h"
#include "crossface/util/public_api.h"

namespace crossface {

struct DuplicateMember {
  size_t source = 0;                      // position in DuplicatesView::sources
  int64_t start_ms = 0, end_ms = 0;       // what of it is in the group
  bool longest = false, largest = false;  // holds most of the footage; has the largest picture
  // The likeliest to be nearest to the original: of those that hold nine tenths of what the longest does,
  // show the whole picture and are not mirrored against most others, the one with the largest picture, then
  // with most bytes per second.
  bool best = false;
};

struct DuplicateGroup {
  std::vector<DuplicateMember> members;       // by source's name and start
  std::vector<size_t> copies;                 // positions in DuplicatesView::copies
  CROSSFACE_API size_t CountSources() const;  // one may hold the footage twice
};

struct DuplicatesView {
  bool looked = false;                // whether copies were ever looked for
  std::vector<SourceRecord> sources;  // by name
  std::vector<CopyRecord> copies;
  std::vector<DuplicateGroup> groups;

  CROSSFACE_API const SourceRecord& Source(int64_t id) const;
};

}  // namespace crossface
