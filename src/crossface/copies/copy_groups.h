// Pairs of copies into groups: all that is one piece of footage. Pure, thread-safe.
//
// What belongs together are parts of sources, not sources: a compilation of two clips is in the group of each
// and does not make them one. Two pairs are of one group where their parts of a source overlap by more than
// half of the shorter one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace crossface {

// A part of source `a` and the same part of `b`; sources by any number that is theirs.
struct CopyLink {
  int64_t a = 0, b = 0;
  int64_t a_start_us = 0, b_start_us = 0, length_us = 0;
};

struct CopyMember {
  int64_t source = 0;
  int64_t start_us = 0, end_us = 0;  // what of it is in the group
};

struct CopyGroup {
  std::vector<CopyMember> members;  // by source and start; at least two
  std::vector<size_t> links;        // positions, rising
};

// Groups by their first link.
std::vector<CopyGroup> GroupCopies(const std::vector<CopyLink>& links);

}  // namespace crossface
