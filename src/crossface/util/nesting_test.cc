#include "crossface/util/nesting.h"

#include <gtest/gtest.h>

#include <string>

namespace crossface {
namespace {

std::string Nested(int depth) { return std::string(static_cast<size_t>(depth), '[') + "1"; }

TEST(Nesting, CountsListsAndObjectsThatAreOpenAtOnce) {
  EXPECT_FALSE(IsNestedTooDeep(Nested(64)));
  EXPECT_TRUE(IsNestedTooDeep(Nested(65)));
  EXPECT_TRUE(IsNestedTooDeep("{\"a\":" + Nested(64)));
  std::string beside;
  for (int i = 0; i < 1000; ++i) beside += "[{}],";
  EXPECT_FALSE(IsNestedTooDeep(beside));
}

TEST(Nesting, BracketsInTextsAreLetters) {
  EXPECT_FALSE(IsNestedTooDeep("[\"" + Nested(1000) + "\", \"\\\"" + Nested(1000) + "\"]"));
  EXPECT_TRUE(IsNestedTooDeep("[\"\\\\\"," + Nested(64))) << "a text that ends with a backslash has ended";
}

}  // namespace
}  // namespace crossface
