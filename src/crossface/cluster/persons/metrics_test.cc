#include "crossface/cluster/persons/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <stdexcept>
#include <vector>

namespace crossface {
namespace {

// Two true persons of three items; the prediction moves one item over and leaves one out:
//   truth 0 0 0 1 1 1, groups 5 5 9 9 9 -.
TEST(MetricsTest, AHandComputedExample) {
  const std::vector<int> truth = {0, 0, 0, 1, 1, 1}, predicted = {5, 5, 9, 9, 9, -1};
  const ClusterMetrics metrics = CompareClusterings(truth, predicted);
  // Pairs in one group: 1 + 3, of which right: 1 + 1. True pairs: 3 + 3.
  EXPECT_DOUBLE_EQ(metrics.pairwise.precision, 2.0 / 4);
  EXPECT_DOUBLE_EQ(metrics.pairwise.recall, 2.0 / 6);
  // Precision per item: 1 1 1/3 2/3 2/3 1; recall: 2/3 2/3 1/3 2/3 2/3 1/3.
  EXPECT_NEAR(metrics.bcubed.precision, (1 + 1 + 1. / 3 + 2. / 3 + 2. / 3 + 1) / 6, 1e-12);
  EXPECT_NEAR(metrics.bcubed.recall, (2. / 3 + 2. / 3 + 1. / 3 + 2. / 3 + 2. / 3 + 1. / 3) / 6, 1e-12);
  EXPECT_DOUBLE_EQ(metrics.purity, 5.0 / 6);
  EXPECT_EQ(metrics.true_persons, 2);
  EXPECT_EQ(metrics.predicted_persons, 2);
  // H(T) = ln 2; H(P) of 2,3,1 sixths; I = H(T) - H(T|P) with only the group of three mixed.
  const double mixed = -(1. / 3 * std::log(1. / 3) + 2. / 3 * std::log(2. / 3));
  const double information = std::log(2) - 0.5 * mixed;
  const double groups = -(2. / 6 * std::log(2. / 6) + 3. / 6 * std::log(3. / 6) + 1. / 6 * std::log(1. / 6));
  EXPECT_NEAR(metrics.nmi, 2 * information / (std::log(2) + groups), 1e-12);
}

TEST(MetricsTest, WeightsCountAsSizes) {
  // A wrong item of weight 1 beside a right one of weight 3.
  const std::vector<int> truth = {0, 1}, predicted = {2, 2};
  const ClusterMetrics metrics = CompareClusterings(truth, predicted, std::vector<double>{3, 1});
  EXPECT_DOUBLE_EQ(metrics.bcubed.precision, (3 * 0.75 + 1 * 0.25) / 4);
  EXPECT_DOUBLE_EQ(metrics.bcubed.recall, 1);
  EXPECT_DOUBLE_EQ(metrics.purity, 0.75);
  EXPECT_DOUBLE_EQ(metrics.pairwise.precision, 0);
  EXPECT_DOUBLE_EQ(metrics.nmi, 0);
}

TEST(MetricsTest, AnItemOfNoWeightCountsForNothing) {
  const std::vector<int> truth = {0, 0, 1}, predicted = {4, 4, 4};
  const ClusterMetrics metrics = CompareClusterings(truth, predicted, std::vector<double>{1, 1, 0});
  EXPECT_EQ(metrics.true_persons, 1);
  EXPECT_DOUBLE_EQ(metrics.bcubed.precision, 1);
  EXPECT_DOUBLE_EQ(metrics.pairwise.precision, 1);
}

TEST(MetricsTest, TheUnassignedAreNotAGroup) {
  const std::vector<int> truth = {0, 0, 1}, predicted = {-1, -1, -1};
  const ClusterMetrics metrics = CompareClusterings(truth, predicted);
  EXPECT_EQ(metrics.predicted_persons, 0);
  EXPECT_DOUBLE_EQ(metrics.pairwise.precision, 1);
  EXPECT_DOUBLE_EQ(metrics.pairwise.recall, 0);
  EXPECT_NEAR(metrics.bcubed.recall, (0.5 + 0.5 + 1) / 3, 1e-12);
}

TEST(MetricsTest, NothingAndPerfection) {
  EXPECT_EQ(CompareClusterings({}, {}).true_persons, 0);
  const std::vector<int> truth = {3, 1, 3, 1}, predicted = {0, 7, 0, 7};
  const ClusterMetrics metrics = CompareClusterings(truth, predicted);
  EXPECT_DOUBLE_EQ(metrics.pairwise.F(), 1);
  EXPECT_DOUBLE_EQ(metrics.bcubed.F(), 1);
  EXPECT_NEAR(metrics.nmi, 1, 1e-12);
}

TEST(MetricsTest, RefusesLengthsAndWeightsThatDoNotFit) {
  const std::vector<int> two = {0, 1}, three = {0, 1, 2};
  EXPECT_THROW(CompareClusterings(two, three), std::logic_error);
  EXPECT_THROW(CompareClusterings(two, two, std::vector<double>{1}), std::logic_error);
  EXPECT_THROW(CompareClusterings(two, two, std::vector<double>{1, -1}), std::logic_error);
  EXPECT_THROW(CompareClusterings(two, two, std::vector<double>{1, NAN}), std::logic_error);
}

// The definitions, item by item and pair by pair.
ClusterMetrics BruteForce(const std::vector<int>& truth, const std::vector<int>& predicted,
                          const std::vector<double>& weights) {
  const size_t n = truth.size();
  auto grouped = [&](size_t i, size_t j) {
    return i == j || (predicted[i] != -1 && predicted[i] == predicted[j]);
  };
  double both = 0, in_group = 0, in_truth = 0, precision = 0, recall = 0, total = 0;
  for (size_t i = 0; i < n; ++i) {
    double own_both = 0, own_group = 0, own_truth = 0;
    for (size_t j = 0; j < n; ++j) {
      const bool group = grouped(i, j), same = truth[i] == truth[j];
      own_both += group && same ? weights[j] : 0;
      own_group += group ? weights[j] : 0;
      own_truth += same ? weights[j] : 0;
      if (i >= j) continue;
      both += group && same ? weights[i] * weights[j] : 0;
      in_group += group ? weights[i] * weights[j] : 0;
      in_truth += same ? weights[i] * weights[j] : 0;
    }
    precision += weights[i] * own_both / own_group;
    recall += weights[i] * own_both / own_truth;
    total += weights[i];
  }
  ClusterMetrics metrics;
  if (in_group > 0) metrics.pairwise.precision = both / in_group;
  if (in_truth > 0) metrics.pairwise.recall = both / in_truth;
  if (total > 0) metrics.bcubed = {precision / total, recall / total};
  return metrics;
}

TEST(MetricsTest, AgreesWithTheDefinitionsByBruteForce) {
  const bool held = rc::check([] {
    const auto n = *rc::gen::inRange<size_t>(0, 30);
    const auto truth = *rc::gen::container<std::vector<int>>(n, rc::gen::inRange(0, 6));
    const auto predicted = *rc::gen::container<std::vector<int>>(n, rc::gen::inRange(-1, 6));
    const auto sizes = *rc::gen::container<std::vector<int>>(n, rc::gen::inRange(1, 9));
    const std::vector<double> weights(sizes.begin(), sizes.end());
    const ClusterMetrics fast = CompareClusterings(truth, predicted, weights),
                         slow = BruteForce(truth, predicted, weights);
    RC_ASSERT(std::abs(fast.pairwise.precision - slow.pairwise.precision) < 1e-9);
    RC_ASSERT(std::abs(fast.pairwise.recall - slow.pairwise.recall) < 1e-9);
    RC_ASSERT(std::abs(fast.bcubed.precision - slow.bcubed.precision) < 1e-9);
    RC_ASSERT(std::abs(fast.bcubed.recall - slow.bcubed.recall) < 1e-9);
    RC_ASSERT(fast.nmi >= 0 && fast.nmi <= 1 && fast.purity > 0 && fast.purity <= 1);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace crossface
