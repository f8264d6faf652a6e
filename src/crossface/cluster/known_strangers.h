// What the strangers of a case look like to the nets: people of one street, camp or match, in one light and through one
// camera, are more alike than strangers are elsewhere. Tracks that are on the screen together are certainly two people,
// and a case brings many such pairs along, free of charge. Pure; deterministic.
#pragma once

#include "crossface/cluster/pair_scores.h"

namespace crossface {

// The rule with thresholds raised to what the case's own strangers ask for, never lowered. The scores of pairs that may
// not be together, of items that may found a person, are told by their median and the spread above it (the few that
// are one face found twice, or a mirror, move neither); what a rate asks of a normal distribution of these, and what it
// asked before, are weighed by how many items speak.
ScoreRule RuleAmongKnownStrangers(const ClusterProblem& problem, const ScoreRule& rule);

}  // namespace crossface
