// What speaks for and against two being one person. For the service alone; pure.
#pragma once

#include "crossface/app/browse_answers.h"
#include "crossface/gallery/records.h"

namespace crossface {

// How alike two tracks are by each model that both have a template of, and by all that vote; without what the
// rest of the case says (cohorts), so that the grouping's own score may be another one.
PairEvidence ScoresOf(const TrackRecord& track, const TrackRecord& other);

}  // namespace crossface
