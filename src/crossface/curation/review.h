// What the last grouping suggests to a reviewer, and what of it corrections have answered.
#pragma once

#include <vector>

#include "crossface/curation/curation_state.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

// Nothing more to say about a suggestion:
//   merge    one of the two is gone (merged, forgotten), or a correction in force parts them;
//   mixture  none of its tracks is the person's any more, or all of them were confirmed, or nothing else is
//   left.
// Pure, thread-safe.
bool IsSettled(const CurationState& state, const SuggestionRecord& suggestion);

// Marks in the gallery what is settled now, for exports; what was undone stands again. Errors: the gallery's.
Status SettleSuggestions(Gallery& gallery);
// The same after this correction, at the price of what it can have answered.
Status SettleSuggestions(Gallery& gallery, const CurationEvent& correction);

}  // namespace crossface
