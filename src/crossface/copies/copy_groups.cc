#include "crossface/copies/copy_groups.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace crossface {
namespace {

struct Part {
  int64_t source = 0, start = 0, end = 0;
  size_t link = 0;
};

class Links {
 public:
  explicit Links(size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), size_t{0}); }
  size_t Root(size_t link) {
    while (parent_[link] != link) link = parent_[link] = parent_[parent_[link]];
    return link;
  }
  void Join(size_t a, size_t b) {
    a = Root(a), b = Root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parent_;
};

bool IsSame(const Part& a, const Part& b) {
  if (a.source != b.source) return false;
  const int64_t overlap = std::min(a.end, b.end) - std::max(a.start, b.start);
  const int64_t shorter = std::min(a.end - a.start, b.end - b.start);
  // Still pictures have no length.
  return shorter == 0 ? overlap >= 0 : 2 * overlap > shorter;
}

// What of each source is in the group: parts that touch are one.
std::vector<CopyMember> MembersOf(const std::vector<const Part*>& parts) {
  std::vector<CopyMember> members;
  for (const Part* part : parts) {
    if (!members.empty() && members.back().source == part->source && part->start <= members.back().end_us) {
      members.back().end_us = std::max(members.back().end_us, part->end);
    } else {
      members.push_back({part->source, part->start, part->end});
    }
  }
  return members;
}

}  // namespace

std::vector<CopyGroup> GroupCopies(const std::vector<CopyLink>& links) {
  std::vector<Part> parts;
  for (size_t i = 0; i < links.size(); ++i) {
    const CopyLink& link = links[i];
    parts.push_back({link.a, link.a_start_us, link.a_start_us + link.length_us, i});
    parts.push_back({link.b, link.b_start_us, link.b_start_us + link.length_us, i});
  }
  std::sort(parts.begin(), parts.end(), [](const Part& x, const Part& y) {
    return std::tie(x.source, x.start, x.end, x.link) < std::tie(y.source, y.start, y.end, y.link);
  });
  Links joined(links.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    for (size_t k = i + 1; k < parts.size(); ++k) {
      if (parts[k].source != parts[i].source || parts[k].start > parts[i].end) break;
      if (IsSame(parts[i], parts[k])) joined.Join(parts[i].link, parts[k].link);
    }
  }
  std::map<size_t, std::vector<const Part*>> parts_of;
  for (const Part& part : parts) parts_of[joined.Root(part.link)].push_back(&part);
  std::map<size_t, CopyGroup> groups;
  for (const auto& [root, of_group] : parts_of) groups[root].members = MembersOf(of_group);
  for (size_t i = 0; i < links.size(); ++i) groups[joined.Root(i)].links.push_back(i);
  std::vector<CopyGroup> sorted;
  sorted.reserve(groups.size());
  for (auto& [root, group] : groups) sorted.push_back(std::move(group));
  return sorted;
}

}  // namespace crossface
