#include "crossface/detect/detection.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

TEST(DetectorSet, NamesItsMembersInAFixedOrder) {
  DetectorSet set;
  EXPECT_EQ(set.ToString(), "");
  set.Add(DetectorKind::kYuNet);
  set.Add(DetectorKind::kScrfd2g5);
  set.Add(DetectorKind::kYuNet);
  EXPECT_EQ(set.ToString(), "scrfd_2.5g+yunet");
  EXPECT_EQ(set.Count(), 2);
  EXPECT_TRUE(set.Has(DetectorKind::kYuNet));
  EXPECT_FALSE(set.Has(DetectorKind::kMtcnn));
  DetectorSet other;
  other.Add(DetectorKind::kMtcnn);
  set.Merge(other);
  EXPECT_EQ(set.ToString(), "scrfd_2.5g+mtcnn+yunet");
  EXPECT_EQ(DetectorSet(set.bits()), set);
}

TEST(IntersectionOverUnion, IsTheShareOfTheCommonArea) {
  EXPECT_FLOAT_EQ(IntersectionOverUnion({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_FLOAT_EQ(IntersectionOverUnion({0, 0, 10, 10}, {5, 0, 10, 10}), 1.0f / 3);
  EXPECT_FLOAT_EQ(IntersectionOverUnion({0, 0, 10, 10}, {10, 0, 10, 10}), 0);
  EXPECT_FLOAT_EQ(IntersectionOverUnion({0, 0, 10, 10}, {30, 30, 1, 1}), 0);
  EXPECT_FLOAT_EQ(IntersectionOverUnion({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
  EXPECT_FLOAT_EQ(IntersectionOverUnion({-10, -10, 20, 20}, {0, 0, 10, 10}), 0.25f);
}

}  // namespace
}  // namespace crossface
