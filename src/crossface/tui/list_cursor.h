// Which row of a long list is chosen, and which rows are seen. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>

#include "crossface/tui/key.h"

namespace crossface {

class ListCursor {
 public:
  size_t chosen() const { return chosen_; }
  size_t first() const { return first_; }
  size_t rows() const { return rows_; }

  // How many rows there are in all, and how many are seen.
  void Fit(size_t total, size_t rows) {
    total_ = total;
    rows_ = std::max<size_t>(rows, 1);
    Choose(chosen_);
  }
  void Choose(size_t row) {
    chosen_ = total_ == 0 ? 0 : std::min(row, total_ - 1);
    if (chosen_ < first_) first_ = chosen_;
    if (chosen_ >= first_ + rows_) first_ = chosen_ + 1 - rows_;
  }
  // False for a key that does not move.
  bool Press(const Key& key) {
    if (key.kind == Key::kUp || key.Is('k')) {
      Choose(chosen_ - (chosen_ > 0));
    } else if (key.kind == Key::kDown || key.Is('j')) {
      Choose(chosen_ + 1);
    } else if (key.kind == Key::kPageUp) {
      Choose(chosen_ - std::min(chosen_, rows_));
    } else if (key.kind == Key::kPageDown) {
      Choose(chosen_ + rows_);
    } else if (key.kind == Key::kHome || key.Is('g')) {
      Choose(0);
    } else if (key.kind == Key::kEnd || key.Is('G')) {
      Choose(total_);
    } else {
      return false;
    }
    return true;
  }

 private:
  size_t chosen_ = 0, first_ = 0, total_ = 0, rows_ = 1;
};

}  // namespace crossface
