// The standard normal distribution, by which the tails of scores are told. Thread-safe.
#pragma once

namespace crossface {

// The probability of a value above x.
double UpperTail(double x);

// The x that a value exceeds with this probability, which lies in (0, 1).
double UpperQuantile(double probability);

}  // namespace crossface
