// Vectors as a face net gives them, of made-up people: a few are seen very often and most hardly ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace crossface::bench {

struct MadeOptions {
  size_t count = 10'000;
  int dimensions = 512;
  uint32_t seed = 1;
};

class MadeIdentities {
 public:
  explicit MadeIdentities(const MadeOptions& options);

  // Row-major, unit length.
  const std::vector<float>& rows() const { return rows_; }
  const float* row(size_t i) const { return rows_.data() + i * static_cast<size_t>(dimensions_); }
  size_t people() const { return people_; }

  // Another picture of somebody who is there, chosen as often as they are seen; of a stranger.
  std::vector<float> PictureOfSomebody();
  std::vector<float> PictureOfAStranger();

 private:
  std::vector<float> Direction();
  std::vector<float> PictureOf(const std::vector<float>& person);

  int dimensions_;
  std::mt19937 random_;
  std::vector<float> spread_;  // per dimension
  std::vector<float> rows_;
  std::vector<float> persons_;  // people x dimensions
  std::vector<uint32_t> who_;   // per row
  size_t people_ = 0;
};

}  // namespace crossface::bench
