// Must-links, cannot-links and partings lifted to the groups of items that the must-links join. Immutable
// after creation, thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "crossface/cluster/graph/sides.h"
#include "crossface/util/status.h"

namespace crossface {

class ConstraintGroups {
 public:
  using Links = std::vector<std::pair<int, int>>;

  // Errors: kInvalidArgument for an index outside 0..items-1, an item that may not be with itself, and a
  // cannot-link or two sides of a parting inside a group; then the message names the shortest chain of
  // must-links that joins the two.
  static Result<ConstraintGroups> Create(int items, const Links& must_links, const Links& cannot_links,
                                         const std::vector<Parting>& partings = {});

  // Groups are numbered in the order of their first item.
  int count() const { return static_cast<int>(members_.size()); }
  int group_of(int item) const { return group_of_[item]; }
  const std::vector<int>& members(int group) const { return members_[group]; }  // rising
  // The groups that a cannot-link keeps from this one, rising, each once. Partings keep others from it too.
  const std::vector<int>& apart(int group) const { return apart_[group]; }
  const Sides& sides(int group) const { return sides_[group]; }
  bool MayJoin(int group_a, int group_b) const;

 private:
  ConstraintGroups() = default;
  Status TakePartings(const Links& must_links, const std::vector<Parting>& partings);
  std::vector<int> group_of_;
  std::vector<std::vector<int>> members_, apart_;
  std::vector<Sides> sides_;
};

}  // namespace crossface
