// How much stores have listed so far, for whoever waits for long lists.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace crossface::io {

// While it lives, what this thread lists is counted. Of several the youngest counts.
class ListingWatch {
 public:
  // `told`: so many files and folders until now; a few times a second at most, on this thread.
  explicit ListingWatch(std::function<void(int64_t entries)> told);
  ~ListingWatch();
  ListingWatch(const ListingWatch&) = delete;
  ListingWatch& operator=(const ListingWatch&) = delete;

  // By stores, whether anybody watches or not: so many more.
  static void Count(int64_t entries);

 private:
  const std::function<void(int64_t)> told_;
  ListingWatch* const before_;
  int64_t entries_ = 0;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace crossface::io
