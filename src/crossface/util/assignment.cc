#include "crossface/util/assignment.h"

#include <algorithm>
#include <limits>

namespace crossface {

std::vector<int> AssignOptimally(const cv::Mat1d& costs, double unassigned_cost) {
  const int rows = costs.rows, real_columns = costs.cols;
  // One spare column for each row makes "no column" an ordinary choice; rows never outnumber columns then.
  const int columns = real_columns + rows;
  const auto cost = [&](int row, int column) {
    return column < real_columns ? costs(row, column) : unassigned_cost;
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // Index 0 stands for "none"; rows and columns count from 1.
  std::vector<double> row_potential(rows + 1, 0), column_potential(columns + 1, 0);
  std::vector<int> row_of(columns + 1, 0), previous_column(columns + 1, 0);
  for (int row = 1; row <= rows; ++row) {
    std::vector<double> shortest(columns + 1, kInfinity);
    std::vector<bool> visited(columns + 1, false);
    int column = 0;
    row_of[0] = row;
    do {
      visited[column] = true;
      double step = kInfinity;
      int nearest = 0;
      for (int next = 1; next <= columns; ++next) {
        if (visited[next]) continue;
        const int from = row_of[column];
        const double reduced = cost(from - 1, next - 1) - row_potential[from] - column_potential[next];
        if (reduced < shortest[next]) {
          shortest[next] = reduced;
          previous_column[next] = column;
        }
        if (shortest[next] < step) {
          step = shortest[next];
          nearest = next;
        }
      }
      for (int seen = 0; seen <= columns; ++seen) {
        if (visited[seen]) {
          row_potential[row_of[seen]] += step;
          column_potential[seen] -= step;
        } else {
          shortest[seen] -= step;
        }
      }
      column = nearest;
    } while (row_of[column] != 0);
    while (column != 0) {
      row_of[column] = row_of[previous_column[column]];
      column = previous_column[column];
    }
  }
  std::vector<int> column_of(rows, -1);
  for (int column = 1; column <= real_columns; ++column) {
    const int row = row_of[column] - 1;
    if (row >= 0 && cost(row, column - 1) <= unassigned_cost) column_of[row] = column - 1;
  }
  return column_of;
}

}  // namespace crossface
