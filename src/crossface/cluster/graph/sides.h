// On which side of which partings a group of items stands. A parting is a list of sides: items of different
// sides are different people. Many pairs at once cost so what their items cost: a thousand people whom the
// user has named are half a million pairs, and one side each.
#pragma once

#include <utility>
#include <vector>

namespace crossface {

using Parting = std::vector<std::vector<int>>;  // items per side
// (parting, side), rising. Who stands on two sides of a parting, as what a method proposes may, is parted
// from all in it.
using Sides = std::vector<std::pair<int, int>>;

// Whether some parting has one of each on different sides.
bool AreParted(const Sides& a, const Sides& b);
void TakeSides(const Sides& of, Sides* into);

}  // namespace crossface
