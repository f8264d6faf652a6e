// The hybrid, the default: two views of the same pairs that go wrong in different ways.
//
// Tracks are one person
// - where the flow (communities.h) at the threshold of the case says so and average linkage
//   (average_linkage.h) does not object: within a community, clusters are merged as long as their mean score
//   reaches the floor, ten times the profile's rate. A track that would stay alone needs more where many do
//   (LoneMatchRate, false_match_rate.h);
// - and where average linkage at the profile's own threshold says so, whatever the flow does.
//
// The flow finds who hangs together by a few sure pairs; the mean of all pairs refuses the chains between
// people who merely look alike.
#pragma once

#include "crossface/cluster/graph/ground.h"

namespace crossface {

inline constexpr char kHybrid[] = "hybrid";

// Errors: those of FlowCommunities.
Result<std::vector<int>> PartitionByAgreement(const Ground& ground);

}  // namespace crossface
