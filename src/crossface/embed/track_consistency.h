// Tells whether a track stays with one person. Pure function, thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace crossface {

// The index of the first face that shows another person than the faces before it, when there is one: of all
// ways to cut the sequence in two, the one whose parts are least alike, if they are so unlike that one
// person's parts hardly ever are (see track_consistency.cc for the threshold and the false-split rate that
// was measured). `vectors` are `model`'s unit vectors of a track's faces in time order, `quality` their
// FaceQuality::overall. Faces too poor to tell (and empty vectors) take no part. Nothing for a model without
// calibration. Throws std::logic_error when lengths differ.
std::optional<size_t> FindIdentityChange(const std::string& model,
                                         std::span<const std::vector<float>> vectors,
                                         std::span<const float> quality);

}  // namespace crossface
