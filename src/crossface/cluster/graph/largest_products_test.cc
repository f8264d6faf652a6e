#include "crossface/cluster/graph/largest_products.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>

#include "crossface/testing/testing.h"
#include "crossface/util/thread_budget.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;

RowMatrix RandomRows(Eigen::Index rows, Eigen::Index columns, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  return RowMatrix::NullaryExpr(rows, columns, [&] { return normal(random); });
}

LargestProducts Find(const RowMatrix& queries, const RowMatrix& targets, size_t most) {
  auto found = FindLargestProducts(queries, targets, most, {});
  if (!found.ok()) throw std::runtime_error(found.status().message());
  return *std::move(found);
}

bool SameBits(const LargestProducts& x, const LargestProducts& y) {
  return x.found == y.found && x.products.size() == y.products.size() &&
         std::memcmp(x.products.data(), y.products.data(), x.products.size() * sizeof(float)) == 0;
}

struct Shape {
  Eigen::Index queries, targets, dimensions;
  size_t most;
};
// Less than a tile, not a whole number of tiles, few queries and many.
const std::vector<Shape> kShapes = {{1, 1, 512, 1},       {3, 50, 32, 50},    {7, 5000, 640, 65},
                                    {130, 1030, 512, 65}, {500, 4000, 64, 8}, {2500, 1500, 96, 3}};

TEST(LargestProducts, AreThoseOfAllFalling) {
  for (const Shape& shape : kShapes) {
    const RowMatrix queries = RandomRows(shape.queries, shape.dimensions, 1),
                    targets = RandomRows(shape.targets, shape.dimensions, 2);
    const LargestProducts found = Find(queries, targets, shape.most);
    ASSERT_EQ(found.found.size(), static_cast<size_t>(shape.queries) * shape.most);
    for (Eigen::Index query = 0; query < shape.queries; query += 97) {
      const Eigen::VectorXd all = targets.cast<double>() * queries.row(query).transpose().cast<double>();
      std::vector<double> sorted(all.begin(), all.end());
      std::sort(sorted.rbegin(), sorted.rend());
      for (size_t i = 0; i < shape.most; ++i) {
        const size_t at = static_cast<size_t>(query) * shape.most + i;
        EXPECT_NEAR(found.products[at], all[found.found[at]], 1e-3);
        EXPECT_NEAR(found.products[at], sorted[i], 1e-3);
      }
    }
  }
}

// As other machines of a cluster do it, each with a thread of its own.
TEST(LargestProducts, AreTheSameBitForBitWithAnyNumberOfThreads) {
  for (const Shape& shape : kShapes) {
    const RowMatrix queries = RandomRows(shape.queries, shape.dimensions, 3),
                    targets = RandomRows(shape.targets, shape.dimensions, 4);
    SetThreadBudget(1);
    const LargestProducts expected = Find(queries, targets, shape.most);
    for (const int threads : {2, 3, 8}) {
      SetThreadBudget(threads);
      EXPECT_TRUE(SameBits(Find(queries, targets, shape.most), expected))
          << shape.queries << " x " << shape.targets << ", " << threads << " threads";
    }
  }
  SetThreadBudget(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

TEST(LargestProducts, OfEqualOnesTheFirstWin) {
  RowMatrix queries = RowMatrix::Ones(1, 4), targets = RowMatrix::Ones(3000, 4);
  targets.row(2999) *= 2;
  EXPECT_THAT(Find(queries, targets, 4).found, ElementsAre(2999, 0, 1, 2));
  const RowMatrix many = RowMatrix::Ones(4000, 4);
  EXPECT_THAT(Find(many, targets, 2).found[7999], 0);
}

TEST(LargestProducts, OfPartsAreThoseOfTheWhole) {
  // Whole numbers: no digit is lost in whatever order they are summed, and many are equal.
  std::mt19937 random(5);
  const auto whole = [&](Eigen::Index rows) {
    return RowMatrix::NullaryExpr(rows, 8, [&] { return static_cast<float>(random() % 5) - 2; }).eval();
  };
  const RowMatrix queries = whole(90), targets = whole(2000);
  const LargestProducts expected = Find(queries, targets, 20);
  for (const Eigen::Index size : {1, 7, 15, 400, 1999}) {
    LargestProducts best;
    for (Eigen::Index first = 0; first < targets.rows(); first += size) {
      const Eigen::Index count = std::min(size, targets.rows() - first);
      const RowMatrix part = targets.middleRows(first, count);
      MergeProducts(Find(queries, part, static_cast<size_t>(std::min<Eigen::Index>(20, count))), first, 90,
                    20, &best);
    }
    EXPECT_TRUE(SameBits(best, expected)) << size;
  }
}

TEST(LargestProducts, AStopEndsIt) {
  const RowMatrix rows = RandomRows(300, 16, 6);
  EXPECT_EQ(FindLargestProducts(rows, rows, 3, testing::Stopped()).status().code(), StatusCode::kInterrupted);
}

}  // namespace
}  // namespace crossface
