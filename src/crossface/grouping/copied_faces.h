// Tracks that show the same face of the same moment, because their sources hold the same footage: what was
// published twice, re-encoded or cut, is of one person however poor the pictures are. Known after
// `crossface duplicates` (gallery/copy_record.h) has looked for copies.
#pragma once

#include <vector>

#include "crossface/cluster/persons/clusterer.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// For each face that several copies show its items, rising; at least two.
using CopiedFaces = std::vector<std::vector<int>>;

// How many tracks are copies of another one.
int64_t CountCopied(const CopiedFaces& faces);

// `problem` is made of `tracks`, with what corrections and the screen ask. Two tracks are copies where the
// faces of either lie at the same place of the picture at the same moment of the footage, each the other's
// nearest, and look more like one person than like two. Whoever must be apart, and all who would hang
// together with them, are no copies. Left out are sources of which one shows a part of the other's picture,
// because where a face lies there is not known, and photos: of two that are nearly alike one may be of
// another moment, and of somebody else, by a camera that stands still. Errors: those of the gallery.
Result<CopiedFaces> FindCopiedFaces(const Gallery& gallery, const std::vector<TrackRecord>& tracks,
                                    const ClusterProblem& problem, const PairScorer& scorer);

// After the grouping: copies that are nobody's join the person whom their copies are, and persons who are
// nothing but copies of one face become one. Where copies are of different people, one of whom has other
// tracks too, all stay where they are: which is wrong is not known, and nobody is joined to somebody else for
// a copy's sake. What must be apart stays apart. Errors: those of ConstraintGroups::Create.
Status FollowCopies(const CopiedFaces& faces, const ClusterProblem& problem, ClusterAnswer* answer);

}  // namespace crossface
