// Why a track stands with nobody. Plain values and pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "crossface/util/public_api.h"

namespace crossface {

enum class UnassignedReason : uint8_t {
  kNone,  // it has a person, or nobody is to have it because the user said so
  // What the scan found of its best faces: they cannot tell who it is.
  kSmall,
  kBlurred,
  kAnonymised,
  kCovered,
  kTurnedAway,
  kUpsideDown,
  // What grouping found: its faces could tell.
  kAlone,    // nobody is like it, and it is not good enough to be a person who appears once
  kInDoubt,  // somebody may be like it, but not surely enough, or somebody else is as much
};

// Every reason but kNone, in the order of their values.
CROSSFACE_API const std::vector<UnassignedReason>& UnassignedReasons();

// "", "small", "blurred", "anonymised", "covered", "turned away", "upside-down", "alone", "in doubt".
CROSSFACE_API std::string_view UnassignedReasonName(UnassignedReason reason);
// Of such a name; nothing for any other text.
CROSSFACE_API std::optional<UnassignedReason> ParseUnassignedReason(std::string_view name);

}  // namespace crossface
