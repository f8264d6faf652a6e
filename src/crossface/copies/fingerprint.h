// What is remembered of a source to recognise its copies: how the picture changes, as signs of cosine
// coefficients. Values; thread-safe to read from.
//
// Four times a second the picture, shrunk to 32x32 without its black bars, is compared with that of half a
// second before. The difference's lowest cosine coefficients (all but the mean) give one bit each, their
// sign, as in a perceptual hash (Zauner, Implementation and benchmarking of perceptual image hash functions,
// 2010). Of what stands still nothing is remembered: another take on the same set has the same background,
// but not the same movement, and a logo that stands still takes no part. A picture cannot be drawn out of the
// signs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

// Another way of making fingerprints gets another number: those of different ways are not compared.
inline constexpr int kFingerprintVersion = 1;

inline constexpr int64_t kTickUs = 250'000;
// A change is that since so many ticks before.
inline constexpr int64_t kLagTicks = 2;

// Signs of the 12x12 lowest coefficients without the mean and without the 16 of highest frequency.
inline constexpr int kChangeBits = 127;
struct ChangeCode {
  std::array<uint64_t, 2> words{};  // the first: those of the lowest 8x8, row by row; its lowest bit is 0
  bool operator==(const ChangeCode&) const = default;
};

// The whole picture, and the middle nine tenths and eight tenths of its sides: for copies that are cut out.
inline constexpr std::array<double, 3> kViewSides = {1.0, 0.9, 0.8};
inline constexpr size_t kViews = kViewSides.size();

struct Change {
  uint32_t tick = 0;  // its time from the source's first frame, in kTickUs
  std::array<ChangeCode, kViews> views;
  bool operator==(const Change&) const = default;
};

// Signs of the 32x32 lowest coefficients of a picture of 64x64, without the mean.
inline constexpr int kStillBits = 1023;
using StillCode = std::array<uint64_t, 16>;

struct Fingerprint {
  std::vector<Change> changes;     // by tick; only where something moved
  std::optional<StillCode> still;  // of a source of one frame that shows something
  bool operator==(const Fingerprint&) const = default;
};

// The code of the picture mirrored left to right.
ChangeCode Mirrored(const ChangeCode& code);
StillCode Mirrored(const StillCode& code);

// The share of bits that differ, 0..1; about 0.5 for pictures that have nothing to do with each other.
double Difference(const ChangeCode& a, const ChangeCode& b);
double Difference(const StillCode& a, const StillCode& b);

// Signs of `coefficients` (12x12, row by row); of 32x32.
ChangeCode ChangeCodeOf(std::span<const float> coefficients);
StillCode StillCodeOf(std::span<const float> coefficients);

// As bytes for the gallery. Errors of Parse: kCorrupt.
std::string Serialise(const Fingerprint& fingerprint);
Result<Fingerprint> ParseFingerprint(std::string_view bytes);

}  // namespace crossface
