// Cohort normalisation: how like the strangers of its own case every item is. Faces of one light, camera,
// street or match, and faces that are covered, blurred or squeezed alike, are more alike than strangers are
// elsewhere, and each of them says so itself: its scores with the others of the case lie higher. Scores are
// judged by where they stand among these (adaptive score normalisation, as in speaker verification:
// Auckenthaler et al. 2000, Matejka et al. 2017), so that nobody must foresee what footage will look like.
//
// Whose scores are strangers' is not known: those that are must-linked or score as one person do are left
// out, those that may not be together are always counted, and the median of the rest and the spread below it
// are taken, which a person of many items moves little. The fewer there are to ask, the more a prior counts
// that rests on the item's identity evidence. Pure; deterministic.
#pragma once

#include <stop_token>
#include <vector>

#include "crossface/cluster/graph/pair_scores.h"

namespace crossface {

// What is known without a case: how like strangers a face of so little identity evidence (0..1) is at least.
CohortScore LeastCohort(float evidence);

// Per item of the problem (checked; its own `cohort` is not looked at). Items without a template, and all
// items under a rule that does not pool, get the usual CohortScore. Errors: kInterrupted, those of
// ConstraintGroups::Create.
Result<std::vector<CohortScore>> MeasureCohorts(const ClusterProblem& problem, const ScoreRule& rule,
                                                const std::stop_token& stop);

}  // namespace crossface
