// The hybrid, the default: two views of the same pairs must agree before it goes below the profile's
// threshold.
//
// It is average linkage (average_linkage.h) with the profile's threshold, as the agglomerative method is. But
// between that threshold and the lowered one, which the spread within the case's own persons allows, two
// clusters are merged only when the neighbourhood agrees: the mean score of their smoothed vectors
// (smoothing.h), in which every track is seen together with the neighbours that are surely the same person,
// reaches the threshold of kSmoothedRate. Smoothing finds what hangs together by many neighbours; the scores
// as they are refuse chains between people who merely look alike.
#pragma once

#include "crossface/cluster/ground.h"

namespace crossface {

inline constexpr char kHybrid[] = "hybrid";

// Errors: kInterrupted.
Result<std::vector<int>> PartitionByAgreement(const Ground& ground);

}  // namespace crossface
