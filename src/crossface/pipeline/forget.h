// Removes a person or a source from a case for good: faces, vectors, pictures, and what corrections said of
// them, from the gallery and the folder; then rebuilds the database file, and searches every file of the case
// for what was removed.
//
// What it cannot reach: copies elsewhere, the footage itself, and blocks of the disk that the file system
// gave up (an encrypted disk takes care of those).
#pragma once

#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

struct ForgetPlan {
  std::vector<int64_t> persons;  // at most one
  std::vector<int64_t> sources;  // at most one
  std::vector<size_t> tracks;    // positions in the CurationState that it was made from
  int64_t faces = 0, vectors = 0;
  std::vector<std::string> names;  // that are looked for in the files afterwards
};

struct ForgetSummary {
  int64_t tracks = 0, faces = 0, corrections = 0;
  int64_t searched_files = 0, searched_bytes = 0, needles = 0;  // pieces of pictures and vectors, and names
  std::vector<std::string> found_in;  // files that still hold some of it; empty when all is gone
};

struct CurationState;

ForgetPlan PlanForgetPerson(const CurationState& state, int64_t person);
ForgetPlan PlanForgetSource(const CurationState& state, int64_t source_id);

// Forgets, exports and searches. Errors: the gallery's and the export's.
Result<ForgetSummary> Forget(Gallery& gallery, const CurationState& state, const ForgetPlan& plan);

}  // namespace crossface
