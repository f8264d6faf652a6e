// Which sources are copies, as `crossface duplicates` tells it and duplicates.csv holds it: groups of sources
// that hold one piece of footage, the largest group first. Immutable once read; thread-safe to read from.
#pragma once

#include <string>
#include <vector>

#include "crossface/export/duplicates_view.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

Result<DuplicatesView> ReadDuplicates(const Gallery& gallery);

// One row per pair; rows of a group stand together.
std::string DuplicatesCsv(const DuplicatesView& view);

}  // namespace crossface
