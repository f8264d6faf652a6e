// Looks up 64-bit codes that differ in few bits, among many millions. Not thread-safe; immutable while it is
// searched.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace crossface {

class CodeIndex {
 public:
  CodeIndex();
  ~CodeIndex();

  // Codes are numbered from 0 in the order in which they are added.
  void Add(std::span<const uint64_t> codes);

  // Calls `found(position of the query, number of the code)` for nearly all codes that differ in at most
  // `radius` bits: for those with which the query shares one of its four quarters. On one thread, by query.
  void Search(std::span<const uint64_t> queries, int radius,
              const std::function<void(size_t, int64_t)>& found) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
