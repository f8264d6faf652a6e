// Chooses which faces of a track are worth embedding. Pure function, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace crossface {

// At most `k` indices of faces, best first: the time between the first and the last face is cut into k equal
// bins, and the best face of each bin is taken, so that a blurred moment or one odd grimace does not speak
// for the whole track. Empty bins are made up for by the best of the faces that are left. Ties go to the
// earlier face. `time_us` must not fall; throws std::logic_error otherwise and when the lengths differ.
std::vector<size_t> ChooseBestFaces(std::span<const float> quality, std::span<const int64_t> time_us, int k);

}  // namespace crossface
