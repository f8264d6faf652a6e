// People on the sphere, as many as one likes: what clustering costs at sizes that no labelled set has.
//
// Sizes are lognormal with a mean of 68 and a heavy tail, as MS1M's (584,013 faces of 8,573 people). Cosines
// have the statistics of FaceNet on LFW: .76 +- .105 between pictures of one person, .03 +- .14 between
// strangers. People's mean directions have a common part and otherwise lie in a space of few dimensions
// (their number gives the strangers' spread); a picture has its own cosine to its person's direction, the
// rest is noise in all dimensions. What it lacks are look-alikes beyond that spread and pictures of nobody.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "crossface/cluster/graph/pair_scores.h"

namespace crossface::bench {

struct GeneratedPeople {
  int dimensions = 0;
  std::vector<int> person;  // per vector
};

// Writes float32 vectors, one after the other, to a file. The people come in random order.
Result<GeneratedPeople> GeneratePeople(int64_t vectors, int dimensions, uint32_t seed,
                                       const std::filesystem::path& file);

// A score linear in the cosine and the thresholds that follow from the normal spread of strangers.
ScoreRule RuleOfGeneratedPeople();

}  // namespace crossface::bench
