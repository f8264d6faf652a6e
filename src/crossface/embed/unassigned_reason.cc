#include "crossface/embed/unassigned_reason.h"

#include <algorithm>
#include <array>

namespace crossface {
namespace {

// In the order of the values.
constexpr std::array<std::string_view, 9> kNames = {
    "", "small", "blurred", "anonymised", "covered", "turned away", "upside-down", "alone", "in doubt"};

}  // namespace

const std::vector<UnassignedReason>& UnassignedReasons() {
  static const std::vector<UnassignedReason> reasons = [] {
    std::vector<UnassignedReason> all;
    for (size_t value = 1; value < kNames.size(); ++value)
      all.push_back(static_cast<UnassignedReason>(value));
    return all;
  }();
  return reasons;
}

std::string_view UnassignedReasonName(UnassignedReason reason) {
  return kNames.at(static_cast<size_t>(reason));
}

std::optional<UnassignedReason> ParseUnassignedReason(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<UnassignedReason>(found - kNames.begin());
}

}  // namespace crossface
