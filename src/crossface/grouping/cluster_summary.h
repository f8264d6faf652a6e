// What a grouping came to. A plain value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "crossface/embed/unassigned_reason.h"

namespace crossface {

struct ClusterSummary {
  int64_t tracks = 0, persons = 0, unassigned = 0, must_links = 0, cannot_links = 0;
  int64_t copied_tracks = 0;  // that are copies of another one: the same face, in another copy of the footage
  // How many of `unassigned` stand with nobody for each reason; those the user put there have none.
  std::map<UnassignedReason, int64_t> unassigned_by_reason;
  std::string method;
  std::string device = "cpu";  // that compared the tracks
  double cpu_seconds = 0;      // of the whole program meanwhile
  int64_t added =
      0;  // tracks that were added to a grouping that stood; 0: all were grouped anew, or nothing was new
  std::vector<std::string> models;    // the embedding models that voted
  std::vector<std::string> warnings;  // about corrections that could not be obeyed to the letter
};

}  // namespace crossface
