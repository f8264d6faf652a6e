#include "crossface/util/counted.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

TEST(Counted, OneIsOneAndAllElseIsMany) {
  EXPECT_EQ(Counted(1, "face"), "1 face");
  EXPECT_EQ(Counted(0, "face"), "0 faces");
  EXPECT_EQ(Counted(2, "person"), "2 persons");
  EXPECT_EQ(Counted(13232, "copy", "copies"), "13232 copies");
  EXPECT_EQ(Counted(1, "copy", "copies"), "1 copy");
  EXPECT_EQ(Counted(-1, "step"), "-1 steps");
}

}  // namespace
}  // namespace crossface
