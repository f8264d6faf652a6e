// Finds which sources of a case are copies of each other, or hold parts of each other, and writes it to the
// gallery. Sources that were scanned before fingerprints were kept are decoded once.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/scan/duplicates_summary.h"
#include "crossface/util/status.h"

namespace crossface {

struct DuplicatesOptions {
  int threads = 1;  // results do not depend on it
  std::stop_token stop;
  std::function<void(const std::string&, int64_t, int64_t)> progress;  // what is done, how many, of how many
};

// Stopped or killed, it goes on where it was. Errors: kInterrupted, kOutOfResources, the gallery's.
Result<DuplicatesSummary> FindDuplicates(Gallery& gallery, const DuplicatesOptions& options);

}  // namespace crossface
