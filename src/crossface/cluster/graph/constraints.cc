#include "crossface/cluster/graph/constraints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <queue>
#include <string>

#include "crossface/cluster/graph/union_find.h"

namespace crossface {
namespace {

Status CheckRange(int items, const std::vector<Parting>& partings) {
  for (const Parting& parting : partings) {
    for (const auto& side : parting) {
      for (const int item : side) {
        if (item < 0 || item >= items)
          return {StatusCode::kInvalidArgument,
                  fmt::format("a parting names the item {}, which is not there ({} items, counted from 0)",
                              item, items)};
      }
    }
  }
  return {};
}

Status CheckRange(int items, const ConstraintGroups::Links& links, const char* kind) {
  for (const auto& [a, b] : links) {
    if (a < 0 || b < 0 || a >= items || b >= items) {
      return {StatusCode::kInvalidArgument,
              fmt::format("{}-link {}-{} names an item that is not there ({} items, counted from 0)", kind, a,
                          b, items)};
    }
  }
  return {};
}

// The shortest way from one item to another over must-links; there is one.
std::vector<int> MustLinkChain(int items, const ConstraintGroups::Links& must_links, int from, int to) {
  std::vector<std::vector<int>> neighbours(items);
  for (const auto& [a, b] : must_links) {
    neighbours[a].push_back(b);
    neighbours[b].push_back(a);
  }
  std::vector<int> next(items, -1);  // towards `to`
  std::queue<int> open({to});
  next[to] = to;
  while (next[from] < 0) {
    const int item = open.front();
    open.pop();
    for (const int neighbour : neighbours[item]) {
      if (next[neighbour] >= 0) continue;
      next[neighbour] = item;
      open.push(neighbour);
    }
  }
  std::vector<int> chain = {from};
  while (chain.back() != to) chain.push_back(next[chain.back()]);
  return chain;
}

Status Contradiction(int items, const ConstraintGroups::Links& must_links, int a, int b) {
  if (a == b)
    return {StatusCode::kInvalidArgument, fmt::format("cannot-link {}-{} parts an item from itself", a, b)};
  return {StatusCode::kInvalidArgument,
          fmt::format("cannot-link {}-{} contradicts the must-links {}: take one of them back", a, b,
                      fmt::join(MustLinkChain(items, must_links, a, b), "-"))};
}

}  // namespace

Result<ConstraintGroups> ConstraintGroups::Create(int items, const Links& must_links,
                                                  const Links& cannot_links,
                                                  const std::vector<Parting>& partings) {
  CROSSFACE_RETURN_IF_ERROR(CheckRange(items, must_links, "must"));
  CROSSFACE_RETURN_IF_ERROR(CheckRange(items, cannot_links, "cannot"));
  CROSSFACE_RETURN_IF_ERROR(CheckRange(items, partings));

  UnionFind sets(items);
  for (const auto& [a, b] : must_links) sets.Join(a, b);
  ConstraintGroups groups;
  groups.group_of_.resize(items);
  for (int item = 0; item < items; ++item) {
    const int root = sets.Find(item);  // never larger than the item
    if (root == item) groups.members_.emplace_back();
    groups.group_of_[item] = root == item ? groups.count() - 1 : groups.group_of_[root];
    groups.members_[groups.group_of_[item]].push_back(item);
  }

  groups.apart_.resize(groups.count());
  for (const auto& [a, b] : cannot_links) {
    const int group_a = groups.group_of_[a], group_b = groups.group_of_[b];
    if (group_a == group_b) return Contradiction(items, must_links, a, b);
    groups.apart_[group_a].push_back(group_b);
    groups.apart_[group_b].push_back(group_a);
  }
  for (auto& apart : groups.apart_) {
    std::sort(apart.begin(), apart.end());
    apart.erase(std::unique(apart.begin(), apart.end()), apart.end());
  }
  CROSSFACE_RETURN_IF_ERROR(groups.TakePartings(must_links, partings));
  return groups;
}

Status ConstraintGroups::TakePartings(const Links& must_links, const std::vector<Parting>& partings) {
  sides_.resize(members_.size());
  for (size_t parting = 0; parting < partings.size(); ++parting) {
    const auto number = static_cast<int>(parting);
    for (size_t side = 0; side < partings[parting].size(); ++side) {
      for (const int item : partings[parting][side]) {
        Sides& own = sides_[group_of_[item]];
        if (own.empty() || own.back().first != number) {
          own.emplace_back(number, static_cast<int>(side));
          continue;
        }
        if (own.back().second == static_cast<int>(side)) continue;
        const std::vector<int>& other = partings[parting][own.back().second];
        const auto with = std::find_if(other.begin(), other.end(),
                                       [&](int each) { return group_of_[each] == group_of_[item]; });
        return Contradiction(static_cast<int>(group_of_.size()), must_links, *with, item);
      }
    }
  }
  return {};
}

bool ConstraintGroups::MayJoin(int group_a, int group_b) const {
  return !std::binary_search(apart_[group_a].begin(), apart_[group_a].end(), group_b) &&
         !AreParted(sides_[group_a], sides_[group_b]);
}

}  // namespace crossface
