// Fingerprints out of nothing, for tests: changes that have nothing to do with each other, and copies of
// them.
#pragma once

#include <random>

#include "crossface/copies/fingerprint.h"

namespace crossface {

class MadeChanges {
 public:
  explicit MadeChanges(uint64_t seed) : random_(seed) {}

  ChangeCode Code() {
    ChangeCode code{{random_(), random_()}};
    code.words[0] &= ~uint64_t{1};
    return code;
  }
  // A change at every tick from 2 on.
  Fingerprint Source(uint32_t ticks) {
    Fingerprint source;
    for (uint32_t tick = 2; tick < ticks; ++tick) source.changes.push_back({tick, {Code(), Code(), Code()}});
    return source;
  }
  // Turns each bit with this probability.
  ChangeCode Noisy(ChangeCode code, double share) {
    std::bernoulli_distribution turn(share);
    for (int bit = 1; bit <= kChangeBits; ++bit) {
      if (turn(random_)) code.words[static_cast<size_t>(bit / 64)] ^= uint64_t{1} << (bit % 64);
    }
    return code;
  }
  // The changes of ticks [from, to) of `source`, `shift` ticks later, as a copy that shows its view `view`
  // has them. Its other views are nobody's.
  Fingerprint Copy(const Fingerprint& source, uint32_t from, uint32_t to, int64_t shift, double noise,
                   bool mirrored = false, size_t view = 0) {
    Fingerprint copy;
    for (const Change& change : source.changes) {
      if (change.tick < from || change.tick >= to) continue;
      const ChangeCode code = Noisy(change.views[view], noise);
      copy.changes.push_back(
          {static_cast<uint32_t>(change.tick + shift), {mirrored ? Mirrored(code) : code, Code(), Code()}});
    }
    return copy;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace crossface
