// Finds, among many sources, all pairs that hold the same footage. Not all pairs are compared: an index of
// the codes (FAISS, multi-index hashing: Norouzi, Punjani, Fleet, Fast search in Hamming space with
// multi-index hashing, CVPR 2012) gives, for every moment, moments that look alike; where several of two
// sources agree about the distance in time, the two are compared by the rule of alignment.h.
//
// Pure; not thread-safe, uses as many threads as OpenMP gives.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "crossface/copies/alignment.h"
#include "crossface/copies/fingerprint.h"
#include "crossface/util/status.h"

namespace crossface {

// A part of source `a` and the same part of source `b`.
struct CopyPair {
  enum class Kind { kVideo, kStill };
  size_t a = 0, b = 0;  // positions; a < b
  Kind kind = Kind::kVideo;
  int64_t a_start_us = 0, b_start_us = 0, length_us = 0;
  int votes = 0;     // moments that were compared; 1 for stills
  double alike = 0;  // 1 - difference, of half of the moments at least
  bool mirrored = false;
  // Which of the two shows only the inner part of the other's picture.
  enum class CutOut { kNone, kA, kB } cut_out = CutOut::kNone;
};

struct CopyFinderOptions {
  AlignOptions align;
  // Chosen by bench_duplicates --photos with both halves of the photos in view: more finds few more copies
  // that were re-encoded or made smaller, and many more pictures of one place taken half a second apart.
  double still_difference = 0.06;
  std::stop_token stop;
  std::function<void(int64_t, int64_t)> progress;  // moments looked up, and in all
};

// By a, b and time. Errors: kInterrupted, kOutOfResources.
Result<std::vector<CopyPair>> FindCopies(const std::vector<const Fingerprint*>& fingerprints,
                                         const CopyFinderOptions& options = {});

}  // namespace crossface
