#include "crossface/cluster/graph/sides.h"

#include <algorithm>
#include <iterator>

namespace crossface {

bool AreParted(const Sides& a, const Sides& b) {
  auto one = a.begin();
  auto other = b.begin();
  while (one != a.end() && other != b.end()) {
    if (one->first != other->first) {
      one->first < other->first ? ++one : ++other;
      continue;
    }
    const int parting = one->first;
    const auto goes_on = [&](auto& place, const Sides& sides) {
      return ++place != sides.end() && place->first == parting;
    };
    if (one->second != other->second || goes_on(one, a) || goes_on(other, b)) return true;
  }
  return false;
}

void TakeSides(const Sides& of, Sides* into) {
  if (of.empty()) return;
  Sides both;
  std::set_union(into->begin(), into->end(), of.begin(), of.end(), std::back_inserter(both));
  *into = std::move(both);
}

}  // namespace crossface
