#include "crossface/cluster/person_affinity.h"

#include <algorithm>

namespace crossface {
namespace {

// Units a pass: with as many persons as items, 10,000, their affinities take 30 MiB.
constexpr size_t kUnitsAtATime = 128;

}  // namespace

void Affinity::Add(float score) {
  sum += score;
  for (int place = 0; place < static_cast<int>(best.size()); ++place) {
    if (place < pairs && score <= best[place]) continue;
    std::move_backward(best.begin() + place, best.end() - 1, best.end());
    best[place] = score;
    break;
  }
  ++pairs;
}

double Affinity::BestMean() const {
  const int count = std::min<int>(pairs, best.size());
  double total = 0;
  for (int place = 0; place < count; ++place) total += best[place];
  return count > 0 ? total / count : 0;
}

Status ForEachAffinity(const PairScores& scores, const std::vector<std::vector<int>>& units,
                       const PersonMembers& members, const std::function<bool()>& keep_going,
                       const std::function<void(size_t unit, std::span<const Affinity>)>& visit) {
  const std::span<const int> columns(members.items);
  const auto persons = static_cast<size_t>(members.persons);
  for (size_t first = 0; first < units.size(); first += kUnitsAtATime) {
    const size_t last = std::min(units.size(), first + kUnitsAtATime);
    std::vector<int> rows;
    std::vector<size_t> unit_of_row;
    for (size_t unit = first; unit < last; ++unit) {
      rows.insert(rows.end(), units[unit].begin(), units[unit].end());
      unit_of_row.resize(rows.size(), unit - first);
    }
    std::vector<Affinity> affinities((last - first) * persons);
    for (size_t column = 0; column < columns.size(); column += kScoreBlock) {
      if (keep_going && !keep_going()) return {StatusCode::kInterrupted, "clustering was stopped"};
      const auto block = columns.subspan(column, std::min<size_t>(kScoreBlock, columns.size() - column));
      const std::vector<float> values = scores.Block(rows, block);
      for (size_t r = 0; r < rows.size(); ++r) {
        for (size_t c = 0; c < block.size(); ++c) {
          if (rows[r] == block[c]) continue;
          affinities[unit_of_row[r] * persons + members.person[column + c]].Add(values[r * block.size() + c]);
        }
      }
    }
    for (size_t unit = first; unit < last; ++unit) {
      visit(unit, std::span<const Affinity>(affinities).subspan((unit - first) * persons, persons));
    }
  }
  return {};
}

}  // namespace crossface
