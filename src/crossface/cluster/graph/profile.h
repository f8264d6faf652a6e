// How careful grouping is.
#pragma once

namespace crossface {

// How many wrong links per person a grouping may be expected to make, from the fewest to the most.
enum class Profile { kStrict, kBalanced, kLoose };

}  // namespace crossface
