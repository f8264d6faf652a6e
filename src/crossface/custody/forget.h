// Removes a person or a source from a case for good: faces, vectors, pictures, and what corrections said of
// them, from the gallery and the folder, and their names from the log of runs; then rebuilds the database
// file, and searches every file of the case for what was removed.
//
// What it cannot reach: copies elsewhere, the footage itself, and blocks of the disk that the file system
// gave up (an encrypted disk takes care of those).
#pragma once

#include <string>
#include <vector>

#include "crossface/custody/custody_summaries.h"
#include "crossface/custody/run_log.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

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
