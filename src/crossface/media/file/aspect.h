// The shape of pixels and pictures, and who says what it is. Plain values and pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crossface/util/public_api.h"
#include "crossface/util/status.h"

namespace crossface {

// Width to height, in lowest terms.
struct Aspect {
  int width = 1, height = 1;

  double ratio() const { return static_cast<double>(width) / height; }
  bool square() const { return width == height; }
  Aspect Turned() const { return {height, width}; }
  CROSSFACE_API std::string ToString() const;  // "16:9"
  bool operator==(const Aspect&) const = default;
};

// In lowest terms, and with numbers of at most `kLargestAspectTerm`, rounded where need be. Nothing for zero
// and below.
inline constexpr int kLargestAspectTerm = 1'000'000;
CROSSFACE_API std::optional<Aspect> MakeAspect(int64_t width, int64_t height);

// "16:9", "4/3" or "1.85", as players take it. Errors: kInvalidArgument.
CROSSFACE_API Result<Aspect> ParseAspect(std::string_view text);

// Who says how a picture has to be turned or stretched.
enum class GeometryFrom { kNobody, kFile, kGiven, kFound };
CROSSFACE_API std::string_view GeometryFromName(GeometryFrom from);   // "", "file", "given", "found"
CROSSFACE_API GeometryFrom ParseGeometryFrom(std::string_view name);  // kNobody for any other word

}  // namespace crossface
