#include "crossface/embed/unassigned_reason.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace crossface {
namespace {

TEST(UnassignedReasonTest, EveryReasonHasANameOfItsOwnThatIsReadBack) {
  std::set<std::string_view> names;
  for (const UnassignedReason reason : UnassignedReasons()) {
    EXPECT_EQ(ParseUnassignedReason(UnassignedReasonName(reason)), reason);
    names.insert(UnassignedReasonName(reason));
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("small", "blurred", "anonymised", "covered",
                                                     "turned away", "upside-down", "alone", "in doubt"));
}

TEST(UnassignedReasonTest, NoneIsTheEmptyTextAndOtherTextIsNoReason) {
  EXPECT_EQ(UnassignedReasonName(UnassignedReason::kNone), "");
  EXPECT_EQ(ParseUnassignedReason(""), UnassignedReason::kNone);
  EXPECT_EQ(ParseUnassignedReason("Blurred"), std::nullopt);
  EXPECT_EQ(ParseUnassignedReason("dark"), std::nullopt);
}

}  // namespace
}  // namespace crossface
