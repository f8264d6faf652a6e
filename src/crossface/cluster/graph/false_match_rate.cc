#include "crossface/cluster/graph/false_match_rate.h"

#include <algorithm>
#include <stdexcept>

namespace crossface {
namespace {

double WrongLinksPerPerson(Profile profile) {
  switch (profile) {
    case Profile::kStrict:
      return 0.001;
    case Profile::kBalanced:
      return 0.01;
    case Profile::kLoose:
      return 0.1;
  }
  throw std::logic_error("WrongLinksPerPerson: no such profile");
}

constexpr double kMostLoneRate = 1e-2;

}  // namespace

double FalseMatchRate(Profile profile, int persons) {
  return WrongLinksPerPerson(profile) / (0.5 * std::max(persons, kFewestPeople));
}

double LonePairRate(Profile profile, int persons) {
  const double of_pairs = kLonePairShare * WrongLinksPerPerson(profile) / (0.5 * std::max(persons, 1));
  return std::min(FalseMatchRate(profile, persons), of_pairs);
}

double LoneMatchRate(Profile profile, int lone) {
  return std::min(kMostLoneRate, WrongLinksPerPerson(profile) / std::max(1, lone));
}

}  // namespace crossface
