// Vectors of known people, and a score rule fitted on some of them. Read-only after creation.
#pragma once

#include <filesystem>
#include <vector>

#include "crossface/cluster/clusterer.h"
#include "crossface/cluster/pair_scores.h"

namespace crossface::bench {

struct LabelledFeatures {
  int dimensions = 0;
  std::vector<float> rows;  // unit length
  std::vector<int> person;

  // The people whose number leaves `remainder` modulo 2.
  LabelledFeatures Half(int remainder) const;
};

// `vectors`: float32, little endian; `labels`: a name per line. Errors: those of ReadFile; kCorrupt when the
// two do not fit together.
Result<LabelledFeatures> ReadFeatures(const std::filesystem::path& vectors,
                                      const std::filesystem::path& labels, int dimensions);

// A score that is linear in the cosine, and the tail of different people's scores: measured down to a rate of
// 1e-5, from there on by the slope of its last decade.
ScoreRule FitRule(const LabelledFeatures& features);

ClusterProblem ProblemOf(const LabelledFeatures& features);

}  // namespace crossface::bench
