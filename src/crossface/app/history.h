// The corrections of a case with how each stands. Pure, thread-safe.
#pragma once

#include <vector>

#include "crossface/app/answers.h"
#include "crossface/curation/curation_state.h"

namespace crossface {

std::vector<HistoryAnswer::Entry> HistoryOf(const CurationState& state);  // oldest first

}  // namespace crossface
