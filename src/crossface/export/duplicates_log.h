// Which sources are copies, as `crossface duplicates` tells it and duplicates.csv holds it: groups of sources
// that hold one piece of footage, the largest group first. Immutable once read; thread-safe to read from.
#pragma once

#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

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
  std::vector<DuplicateMember> members;  // by source's name and start
  std::vector<size_t> copies;            // positions in DuplicatesView::copies
  size_t CountSources() const;           // one may hold the footage twice
};

struct DuplicatesView {
  static Result<DuplicatesView> Read(const Gallery& gallery);

  bool looked = false;                // whether copies were ever looked for
  std::vector<SourceRecord> sources;  // by name
  std::vector<CopyRecord> copies;
  std::vector<DuplicateGroup> groups;

  const SourceRecord& Source(int64_t id) const;
};

// One row per pair; rows of a group stand together.
std::string DuplicatesCsv(const DuplicatesView& view);

}  // namespace crossface
