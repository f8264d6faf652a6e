// Communities of the neighbour graph by the map equation (Infomap, Rosvall & Bergstrom 2008), by igraph: a
// random walker goes from track to track, and a community is where he stays long. Near-linear in the edges.
//
// He takes an edge in proportion to the odds that it joins one person, exp(score), tempered by kTemper:
// the surest neighbours of a track count most, and one that is barely like it leads nowhere as long as there
// are better ones. Edges below the threshold of the case (average_linkage.h) are not there.
//
// What does not hang together by such edges is looked at apart, so that nobody's community depends on how
// many others there are.
//
// It looks at the best pairs between two groups and at what else they lead to, where average linkage looks at
// the mean of all pairs: a look-alike of one picture is outweighed by what that picture is like more. What
// has no better neighbour goes with the one it has, though, however unlike the others of its community it is.
#pragma once

#include "crossface/cluster/graph/ground.h"

namespace crossface {

inline constexpr char kCommunities[] = "communities";

// Scores are log-odds, but those of neighbouring pairs are no independent signs. Chosen from .2 to .6 on
// tracks of make_synth's seeds 1, 101 to 103, 211 to 213, 301 to 306 and 401 to 403 and on FaceNet 128-d
// vectors: .3 to .6 are as good on tracks (.2 mixes somebody in one set), pairwise F on the vectors' halves,
// all parts looked at together, was .980 / .975 with .3, .994 / .997 with .4 and .994 / .994 with .6.
inline constexpr double kTemper = 0.4;

// Per node its community, numbered by first node, with edges of at least `threshold`. What may not be
// together can still be in one. Errors: kInternal with igraph's message, kOutOfResources, kInterrupted.
Result<std::vector<int>> FlowCommunities(const Ground& ground, double threshold);

Result<std::vector<int>> PartitionByCommunities(const Ground& ground);

}  // namespace crossface
