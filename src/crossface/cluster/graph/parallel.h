// Runs numbered pieces of work on as many threads as the budget has. What a piece writes must depend on its
// number alone, so that the result does not depend on the number of threads.
#pragma once

#include <functional>
#include <stop_token>

#include "crossface/util/status.h"

namespace crossface {

// `work(piece)` for every piece 0..pieces-1, in no fixed order. Exceptions come out. Errors: kInterrupted;
// the remaining pieces are then left out.
Status ForEachPiece(size_t pieces, const std::stop_token& stop, const std::function<void(size_t)>& work);

}  // namespace crossface
