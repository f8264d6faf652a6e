#include "crossface/embed/normal_distribution.h"

#include <cmath>
#include <numbers>

namespace crossface {

double UpperTail(double x) { return 0.5 * std::erfc(x / std::numbers::sqrt2); }

double UpperQuantile(double probability) {
  double low = -40, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (UpperTail(middle) > probability ? low : high) = middle;
  }
  return low;
}

}  // namespace crossface
