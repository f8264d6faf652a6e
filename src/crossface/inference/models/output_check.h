// Tells whether a model file is the net it should be by what it answers to a fixed input, whatever its bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "crossface/inference/engine/session.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

// The fixed input: value i, row-major, is (31 i^2 + 17 i) mod 251 / 125 - 1. Exact in any language, within
// [-1, 1], and without the period of a row or a plane.
Tensor OutputCheckInput(const std::vector<int64_t>& shape);

// Value k of n checked ones is at this place of an output with `size` values.
inline size_t CheckedPlace(size_t k, size_t n, size_t size) { return k * size / n; }

// Runs the model once on the CPU. Errors: those of Session::Load and Session::Run; kMismatch, naming the
// output, when an answer has another shape, is not finite, or differs from the reference.
Status CheckOutputs(const std::filesystem::path& model, const OutputCheck& check);

}  // namespace crossface
