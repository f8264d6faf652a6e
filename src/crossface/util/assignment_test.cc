#include "crossface/util/assignment.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace crossface {
namespace {

double TotalCost(const cv::Mat1d& costs, const std::vector<int>& column_of, double unassigned_cost) {
  double total = 0;
  for (int row = 0; row < costs.rows; ++row)
    total += column_of[row] < 0 ? unassigned_cost : costs(row, column_of[row]);
  return total;
}

double LowestCost(const cv::Mat1d& costs, double unassigned_cost, int row = 0, unsigned taken = 0) {
  if (row == costs.rows) return 0;
  double lowest = unassigned_cost + LowestCost(costs, unassigned_cost, row + 1, taken);
  for (int column = 0; column < costs.cols; ++column) {
    if (taken >> column & 1u) continue;
    lowest = std::min(lowest,
                      costs(row, column) + LowestCost(costs, unassigned_cost, row + 1, taken | 1u << column));
  }
  return lowest;
}

TEST(Assignment, TakesTheBestSumAndNotTheBestFirstPair) {
  const cv::Mat1d costs = (cv::Mat1d(2, 2) << 1, 2, 2, 10);
  EXPECT_EQ(AssignOptimally(costs, 100), (std::vector<int>{1, 0}));
}

TEST(Assignment, LeavesRowsWithoutAColumnWhereThatIsCheaper) {
  const cv::Mat1d costs = (cv::Mat1d(3, 1) << 5, 0.5, 0.7);
  EXPECT_EQ(AssignOptimally(costs, 1), (std::vector<int>{-1, 0, -1}));
  EXPECT_EQ(AssignOptimally(cv::Mat1d(2, 0), 1), (std::vector<int>{-1, -1}));
  EXPECT_TRUE(AssignOptimally(cv::Mat1d(0, 3), 1).empty());
}

RC_GTEST_PROP(Assignment, IsAsCheapAsTheBestOfAllAssignments, ()) {
  const int rows = *rc::gen::inRange(1, 6), columns = *rc::gen::inRange(1, 6);
  cv::Mat1d costs(rows, columns);
  for (double& cost : costs) cost = *rc::gen::inRange(0, 20) / 10.0;  // coarse, so that ties occur
  const auto column_of = AssignOptimally(costs, 1);
  std::set<int> used;
  for (int column : column_of) {
    if (column >= 0) RC_ASSERT(used.insert(column).second);
  }
  RC_ASSERT(std::abs(TotalCost(costs, column_of, 1) - LowestCost(costs, 1)) < 1e-9);
}

}  // namespace
}  // namespace crossface
