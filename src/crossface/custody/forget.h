// Removes a person or a source from a case for good: faces, vectors, pictures, and what corrections said of
// them, from the gallery and the folder, and their names from the log of runs; then rebuilds the database
// file, and searches every file of the case for what was removed.
//
// What it cannot reach: copies elsewhere, the footage itself, and blocks of the disk that the file system
// gave up (an encrypted disk takes care of those).
#pragma once

#include <string>
#include <vector>

#include "crossface/custody/run_log.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

struct ForgetPlan {
  std::vector<int64_t> persons;  // also those merged into them, and those who appeared in nothing else
  std::vector<int64_t> sources;  // at most one
  std::vector<size_t> tracks;    // positions in the CurationState that it was made from
  int64_t faces = 0;
  std::vector<std::string> names;    // that are to be nowhere afterwards
  std::vector<std::string> staying;  // of persons and sources that are kept
};

struct ForgetSummary {
  int64_t tracks = 0, faces = 0, corrections = 0, log_lines = 0;
  int64_t searched_files = 0, searched_bytes = 0, needles = 0;  // pieces of pictures and vectors, and names
  std::vector<std::string> found_in;  // files that still hold some of it; empty when all is gone
  // Why the database file still holds what was removed, in pages out of use: another program has it open, or
  // the disk is full. Empty when it does not. FinishForgetting() does the rest, at any later time.
  std::string unfinished;
};

struct CurationState;

ForgetPlan PlanForgetPerson(const CurationState& state, int64_t person);
ForgetPlan PlanForgetSource(const CurationState& state, int64_t source_id);

// Forgets, exports, takes the names out of the log and searches. `log` may be null. Errors: the gallery's,
// the export's and the log's.
Result<ForgetSummary> Forget(Gallery& gallery, const CurationState& state, const ForgetPlan& plan,
                             RunLog* log);

// What a Forget() that was killed or refused left undone. Errors: as there; kIo while another program has the
// database open.
Status FinishForgetting(Gallery& gallery);

}  // namespace crossface
