// Who is on the screen together, and is therefore two people. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "crossface/gallery/records.h"

namespace crossface {

// Pairs of positions in `tracks`, rising, which are of one source, with faces in one frame. Two boxes of one
// frame that overlap much are one face that was reported twice: such tracks are not told apart.
std::vector<std::pair<size_t, size_t>> SeenTogether(const std::vector<TrackRecord>& tracks);

}  // namespace crossface
