// Must- and cannot-links lifted to the groups of items that the must-links join. Immutable after creation,
// thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

class ConstraintGroups {
 public:
  using Links = std::vector<std::pair<int, int>>;

  // Errors: kInvalidArgument for an index outside 0..items-1, an item that may not be with itself, and a
  // cannot-link inside a group; then the message names the shortest chain of must-links that joins its two
  // ends.
  static Result<ConstraintGroups> Create(int items, const Links& must_links, const Links& cannot_links);

  // Groups are numbered in the order of their first item.
  int count() const { return static_cast<int>(members_.size()); }
  int group_of(int item) const { return group_of_[item]; }
  const std::vector<int>& members(int group) const { return members_[group]; }  // rising
  // The groups that may never be with this one, rising, each once.
  const std::vector<int>& apart(int group) const { return apart_[group]; }
  bool MayJoin(int group_a, int group_b) const;

 private:
  ConstraintGroups() = default;
  std::vector<int> group_of_;
  std::vector<std::vector<int>> members_, apart_;
};

}  // namespace crossface
