// Who decoded the frames of a film for which an NVIDIA card was asked. A plain value.
#pragma once

#include <cstdint>
#include <string>

namespace crossface {

struct CardUse {
  int64_t card_frames = 0, processor_frames = 0;
  std::string why_not = {};  // why the card did not decode all of it; empty where it did

  // One more reading of the same film.
  void Add(const CardUse& other) {
    card_frames += other.card_frames;
    processor_frames += other.processor_frames;
    if (why_not.empty()) why_not = other.why_not;
  }
};

}  // namespace crossface
