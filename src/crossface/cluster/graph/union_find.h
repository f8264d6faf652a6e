// Disjoint sets with path halving; the smallest member is the root. Not thread-safe.
#pragma once

#include <numeric>
#include <utility>
#include <vector>

namespace crossface {

class UnionFind {
 public:
  explicit UnionFind(int items) : parent_(items) { std::iota(parent_.begin(), parent_.end(), 0); }

  int Find(int item) {
    while (parent_[item] != item) item = parent_[item] = parent_[parent_[item]];
    return item;
  }

  // False when both were in one set already.
  bool Join(int a, int b) {
    a = Find(a);
    b = Find(b);
    if (a == b) return false;
    if (a > b) std::swap(a, b);
    parent_[b] = a;
    return true;
  }

 private:
  std::vector<int> parent_;
};

}  // namespace crossface
