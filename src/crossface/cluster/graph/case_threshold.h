// The score at which links pay in a case, from its own scores. Pure; deterministic.
//
// A false-match rate r means r N wrong pairs among the N pairs of a case, nearly all of which are different
// people; how many pairs reach its threshold can be counted. What is above the expected number of wrong ones
// are right ones. The threshold returned is that where (pairs that reach it) - (1 + kCostOfWrong) r N is
// largest: from there on downwards a lower threshold adds more than one wrong pair per kCostOfWrong right
// ones. It needs no number of people, and it is strict where the nets tell people apart well and lenient
// where a strict one would cost most of the right pairs.
#pragma once

#include <stop_token>

#include "crossface/cluster/graph/pair_scores.h"

namespace crossface {

inline constexpr double kCostOfWrong = 3;
// The rates that are considered.
inline constexpr double kStrictestRate = 1e-9, kLoosestRate = 3e-3;

// All pairs are counted up to about 5,000 nodes, then those of evenly chosen ones. Errors: kInterrupted.
Result<double> CaseThreshold(const ClusterProblem& nodes, const ScoreRule& rule, const std::stop_token& stop);

}  // namespace crossface
