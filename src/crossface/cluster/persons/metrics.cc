#include "crossface/cluster/persons/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <utility>

namespace crossface {
namespace {

struct Sums {
  double weight = 0;
  double squares = 0;  // of the single items' weights
  void Add(double item) {
    weight += item;
    squares += item * item;
  }
  double Pairs() const { return (weight * weight - squares) / 2; }
};

// Weights per true person, per group and per cell of the contingency table.
struct Contingency {
  std::map<int64_t, Sums> persons, groups;
  std::map<std::pair<int64_t, int64_t>, Sums> cells;  // (group, person)
  int assigned_groups = 0;
  double total = 0;
};

Contingency Tabulate(std::span<const int> truth, std::span<const int> predicted,
                     std::span<const double> weights) {
  if (truth.size() != predicted.size() || (!weights.empty() && weights.size() != truth.size())) {
    throw std::logic_error("CompareClusterings: lengths differ");
  }
  Contingency table;
  int64_t next_unassigned = int64_t{1}
                            << 40;  // beyond every int, so that each unassigned item has its own group
  for (size_t i = 0; i < truth.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    if (!(weight >= 0) || !std::isfinite(weight)) throw std::logic_error("CompareClusterings: bad weight");
    if (weight == 0) continue;
    const int64_t group = predicted[i] == -1 ? next_unassigned++ : predicted[i];
    if (predicted[i] != -1 && !table.groups.count(group)) ++table.assigned_groups;
    table.persons[truth[i]].Add(weight);
    table.groups[group].Add(weight);
    table.cells[{group, truth[i]}].Add(weight);
    table.total += weight;
  }
  return table;
}

double TotalPairs(const auto& sums) {
  double pairs = 0;
  for (const auto& [label, sum] : sums) pairs += sum.Pairs();
  return pairs;
}

double Entropy(const auto& sums, double total) {
  double entropy = 0;
  for (const auto& [label, sum] : sums) entropy -= sum.weight / total * std::log(sum.weight / total);
  return entropy;
}

double MutualInformation(const Contingency& table) {
  double information = 0;
  for (const auto& [labels, cell] : table.cells) {
    const double expected =
        table.groups.at(labels.first).weight * table.persons.at(labels.second).weight / table.total;
    information += cell.weight / table.total * std::log(cell.weight / expected);
  }
  return std::max(0.0, information);
}

}  // namespace

ClusterMetrics CompareClusterings(std::span<const int> truth, std::span<const int> predicted,
                                  std::span<const double> weights) {
  const Contingency table = Tabulate(truth, predicted, weights);
  ClusterMetrics metrics;
  metrics.true_persons = static_cast<int>(table.persons.size());
  metrics.predicted_persons = table.assigned_groups;
  if (table.cells.empty()) return metrics;

  const double shared = TotalPairs(table.cells), grouped = TotalPairs(table.groups),
               same = TotalPairs(table.persons);
  if (grouped > 0) metrics.pairwise.precision = shared / grouped;
  if (same > 0) metrics.pairwise.recall = shared / same;

  double precision = 0, recall = 0;
  std::map<int64_t, double> largest;  // per group: its heaviest true person
  for (const auto& [labels, cell] : table.cells) {
    const double squared = cell.weight * cell.weight;
    precision += squared / table.groups.at(labels.first).weight;
    recall += squared / table.persons.at(labels.second).weight;
    double& most = largest[labels.first];
    most = std::max(most, cell.weight);
  }
  metrics.bcubed = {precision / table.total, recall / table.total};
  double pure = 0;
  for (const auto& [group, weight] : largest) pure += weight;
  metrics.purity = pure / table.total;

  const double entropies = Entropy(table.persons, table.total) + Entropy(table.groups, table.total);
  metrics.nmi = entropies > 0 ? std::min(1.0, 2 * MutualInformation(table) / entropies) : 1;
  return metrics;
}

}  // namespace crossface
