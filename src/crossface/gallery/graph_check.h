// Whether a file is a graph as hnswlib saves one. hnswlib follows every number that it finds in a file, so
// that a file made to do harm would have it read and write anywhere: what is not sound must not come to it.
// Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <span>

namespace crossface {

// `dimensions` of the vectors, `links` per node (hnswlib's M).
bool IsSoundGraph(std::span<const std::byte> file, size_t dimensions, size_t links);

}  // namespace crossface
