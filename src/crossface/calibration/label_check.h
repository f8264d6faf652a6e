// What is plainly wrong with the labels of photos, as models say that are calibrated already: a calibration
// is no better than its labels. Pure functions, thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "crossface/calibration/labelled_faces.h"
#include "crossface/embed/pair_scorer.h"

namespace crossface {

// Positions in the faces that were given.
struct LabelFindings {
  using Two = std::pair<size_t, size_t>;
  std::vector<Two> one_picture_twice;      // of one person: the second shows nothing more
  std::vector<Two> one_picture_two_names;  // one of the two names is wrong
  std::vector<Two> alike_under_two_names;  // so alike that it is one person, or as good as
  std::vector<size_t> unlike_own;  // sooner somebody else than the person of every other photo of the folder
};

// `scorer` for the models at these positions of the faces' vectors.
LabelFindings CheckLabels(const std::vector<LabelledFace>& faces, const std::vector<size_t>& columns,
                          const PairScorer& scorer);

}  // namespace crossface
