// Which parts of two sources are the same footage, at a given distance in time: the rule that makes copies.
// Pure functions, thread-safe.
//
// Where both move at the same moment, the difference of their codes is a vote, for or against. A run of votes
// is cut out where they speak for it (as the best local alignment of two sequences is: Smith and Waterman
// 1981, without gaps), and it is the same footage when it has enough votes of different kinds and half of
// them differ by no more than a limit, which is higher where more moments vote.
#pragma once

#include <cstdint>
#include <vector>

#include "crossface/copies/fingerprint.h"

namespace crossface {

struct AlignOptions {
  // Moments of different kinds that a part needs, and the most that half of its moments may differ; the
  // second limit from `many_votes` on. Chosen by bench_duplicates on half 1 of the videos of data/videos,
  // where one person signs twice on one set: the first wrong pair comes at 0.22 for 6 moments and above 0.25
  // for 8. Figures of both halves: docs/duplicates.md.
  int fewest_votes = 6, many_votes = 8;
  double few_votes_difference = 0.16, many_votes_difference = 0.22;
};

// How two sources are laid onto each other.
struct Placement {
  bool mirrored = false;  // the other is mirrored
  size_t view = 0;        // of `one`'s views: which part of its picture the other shows
  int64_t offset = 0;     // ticks: a moment of `one` is this much later in the other
};

struct SamePart {
  int64_t first_tick = 0, last_tick = 0;  // of `one`: of the first and the last change that is the same
  int votes = 0;                          // moments that tell
  double difference = 0;                  // of half of them, at most
};

// In order of time. The other's whole picture is compared with the view of `one`.
std::vector<SamePart> FindSameParts(const Fingerprint& one, const Fingerprint& other,
                                    const Placement& placement, const AlignOptions& options = {});

}  // namespace crossface
