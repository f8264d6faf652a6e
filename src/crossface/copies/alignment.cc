#include "crossface/copies/alignment.h"

#include <algorithm>

namespace crossface {
namespace {

// A vote speaks for a run by how far its difference is below this; what has nothing to do with each other
// differs by 0.4 to 0.5, a moment of a poor copy by 0.3.
constexpr double kNeutralDifference = 0.33;
// A run ends where the votes against it since its best place are worth so much: about ten moments.
constexpr double kEndOfRun = 1.5;
// A fade or a change of light is one and the same change for many moments, and the same for every take on one
// set: changes that differ by less from one before, or from its opposite, count once.
constexpr double kAnotherChange = 0.12;
constexpr size_t kChangesBefore = 8;

struct Vote {
  int64_t tick = 0;
  double difference = 0;
  const ChangeCode* code = nullptr;
};

std::vector<Vote> Votes(const Fingerprint& one, const Fingerprint& other, const Placement& placement) {
  std::vector<Vote> votes;
  auto there = other.changes.begin();
  for (const Change& change : one.changes) {
    const int64_t wanted = change.tick + placement.offset;
    while (there != other.changes.end() && there->tick < wanted) ++there;
    if (there == other.changes.end()) break;
    if (there->tick != wanted) continue;
    const ChangeCode& theirs = there->views[0];
    const ChangeCode& ours = change.views[placement.view];
    votes.push_back({change.tick, Difference(ours, placement.mirrored ? Mirrored(theirs) : theirs), &ours});
  }
  return votes;
}

// The best run of votes from `begin` on, as positions [first, last]; moves `begin` past it.
struct Run {
  size_t first = 0, last = 0;
  double worth = 0;
};
Run NextRun(const std::vector<Vote>& votes, size_t* begin) {
  Run best;
  double worth = 0;
  size_t first = *begin;
  for (size_t i = *begin; i < votes.size(); ++i) {
    worth += kNeutralDifference - votes[i].difference;
    if (worth > best.worth) best = {first, i, worth};
    if (worth < best.worth - kEndOfRun) break;
    if (worth <= 0) {
      // Nothing worth keeping so far, or a run that ended here.
      if (best.worth > 0) break;
      worth = 0;
      first = i + 1;
    }
  }
  *begin = best.worth > 0 ? best.last + 1 : votes.size();
  return best;
}

int CountDifferentChanges(const std::vector<Vote>& votes, const Run& run) {
  std::vector<const ChangeCode*> before;
  int count = 0;
  for (size_t i = run.first; i <= run.last; ++i) {
    const bool again = std::any_of(before.begin(), before.end(), [&](const ChangeCode* code) {
      const double difference = Difference(*code, *votes[i].code);
      return std::min(difference, 1 - difference) < kAnotherChange;
    });
    if (again) continue;
    ++count;
    before.push_back(votes[i].code);
    if (before.size() > kChangesBefore) before.erase(before.begin());
  }
  return count;
}

double Median(const std::vector<Vote>& votes, const Run& run) {
  std::vector<double> differences;
  for (size_t i = run.first; i <= run.last; ++i) differences.push_back(votes[i].difference);
  const auto middle = differences.begin() + static_cast<int64_t>(differences.size() / 2);
  std::nth_element(differences.begin(), middle, differences.end());
  return *middle;
}

}  // namespace

std::vector<SamePart> FindSameParts(const Fingerprint& one, const Fingerprint& other,
                                    const Placement& placement, const AlignOptions& options) {
  const std::vector<Vote> votes = Votes(one, other, placement);
  std::vector<SamePart> parts;
  for (size_t begin = 0; begin < votes.size();) {
    const Run run = NextRun(votes, &begin);
    if (run.worth <= 0) break;
    const int different = CountDifferentChanges(votes, run);
    if (different < options.fewest_votes) continue;
    const double difference = Median(votes, run);
    const double limit =
        different < options.many_votes ? options.few_votes_difference : options.many_votes_difference;
    if (difference > limit) continue;
    parts.push_back({votes[run.first].tick, votes[run.last].tick, static_cast<int>(run.last - run.first + 1),
                     difference});
  }
  return parts;
}

}  // namespace crossface
