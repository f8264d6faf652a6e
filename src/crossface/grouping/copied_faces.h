// Tracks that show the same face of the same moment, because their sources hold the same footage: what was
// published twice, re-encoded or cut, is of one person however poor the pictures are. Known after
// `crossface duplicates` (gallery/copy_record.h) has looked for copies.
#pragma once

#include <vector>

#include "crossface/cluster/persons/clusterer.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// Per item of a problem the item that stands for it: of the tracks of one face of one moment the most telling
// one, the same for all of them; an item of which there is no copy stands for itself.
using StandIns = std::vector<int>;

// `problem` is made of `tracks`, with what corrections and the screen ask. Two tracks are copies where the
// faces of either lie at the same place of the picture at the same moment of the footage, each the other's
// nearest, and look more like one person than like two. Whoever must be apart, and all who would hang
// together with them, are no copies. Left out are sources of which one shows a part of the other's picture,
// because where a face lies there is not known, and photos: of two that are nearly alike one may be of
// another moment, and of somebody else, by a camera that stands still. Errors: those of the gallery.
Result<StandIns> FindCopiedFaces(const Gallery& gallery, const std::vector<TrackRecord>& tracks,
                                 const ClusterProblem& problem, const PairScorer& scorer);

// How many items another one stands for.
int64_t CountCopied(const StandIns& stand_ins);

// Copies are one look at somebody: were each to vote, five encodings of one poor picture would outvote whom
// it does not show. So only who stands for them is compared, and what is asked of a copy is asked of it.
void FoldCopies(const StandIns& stand_ins, ClusterProblem* problem);
// Copies are where the one is that stands for them.
void UnfoldCopies(const StandIns& stand_ins, ClusterAnswer* answer);

}  // namespace crossface
