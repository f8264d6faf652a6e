// How long it takes to compare many hours with each other: made-up fingerprints of one hour each.
#pragma once

#include <vector>

#include "crossface/copies/fingerprint.h"

namespace crossface::bench {

// `real`: changes of real footage that the made-up ones are drawn from; `moving`: the share of moments that
// have a change. Prints a line.
void EvaluateHours(const std::vector<Change>& real, int hours, double moving);

}  // namespace crossface::bench
