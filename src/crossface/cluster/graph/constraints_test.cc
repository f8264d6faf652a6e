#include "crossface/cluster/graph/constraints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ConstraintGroupsTest, MustLinksChainAndCannotLinksHoldForWholeGroups) {
  const auto groups = ConstraintGroups::Create(6, {{4, 1}, {1, 3}}, {{3, 0}, {0, 4}, {5, 2}});
  ASSERT_TRUE(groups.ok()) << groups.status().message();
  EXPECT_EQ(groups->count(), 4);
  EXPECT_THAT(groups->members(1), ElementsAre(1, 3, 4));
  EXPECT_EQ(groups->group_of(5), 3);
  EXPECT_THAT(groups->apart(1), ElementsAre(0));
  EXPECT_FALSE(groups->MayJoin(0, 1));
  EXPECT_FALSE(groups->MayJoin(3, 2));
  EXPECT_TRUE(groups->MayJoin(0, 2));
}

TEST(ConstraintGroupsTest, AContradictionNamesTheShortestChain) {
  const auto groups = ConstraintGroups::Create(8, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {2, 4}, {6, 7}}, {{0, 4}});
  ASSERT_FALSE(groups.ok());
  EXPECT_EQ(groups.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(groups.status().message(), HasSubstr("cannot-link 0-4 contradicts the must-links 0-1-2-4:"));
}

TEST(ConstraintGroupsTest, RefusesStrangersAndSelfContradiction) {
  EXPECT_THAT(ConstraintGroups::Create(2, {{0, 2}}, {}).status().message(), HasSubstr("must-link 0-2"));
  EXPECT_THAT(ConstraintGroups::Create(2, {}, {{-1, 0}}).status().message(), HasSubstr("cannot-link -1-0"));
  EXPECT_THAT(ConstraintGroups::Create(2, {}, {{1, 1}}).status().message(), HasSubstr("from itself"));
  EXPECT_TRUE(ConstraintGroups::Create(2, {{1, 1}, {0, 1}, {0, 1}}, {}).ok());
  EXPECT_EQ(ConstraintGroups::Create(0, {}, {})->count(), 0);
}

TEST(ConstraintGroupsTest, APartingKeepsAllOfDifferentSidesApart) {
  const auto groups = ConstraintGroups::Create(7, {{0, 1}}, {}, {{{0}, {2, 3}, {4}}, {{4, 5}, {6}}});
  ASSERT_TRUE(groups.ok()) << groups.status().message();
  const auto apart = [&](int a, int b) { return !groups->MayJoin(groups->group_of(a), groups->group_of(b)); };
  EXPECT_TRUE(apart(1, 2) && apart(1, 3) && apart(3, 4) && apart(6, 4) && apart(5, 6));
  EXPECT_FALSE(apart(2, 3) || apart(4, 5) || apart(5, 0) || apart(6, 0));
}

TEST(ConstraintGroupsTest, APartingOfWhatMustBeTogetherIsRefused) {
  EXPECT_THAT(ConstraintGroups::Create(4, {{0, 1}, {1, 3}}, {}, {{{0, 2}, {3}}}).status().message(),
              HasSubstr("cannot-link 0-3 contradicts the must-links 0-1-3:"));
  EXPECT_THAT(ConstraintGroups::Create(2, {}, {}, {{{0}, {0}}}).status().message(), HasSubstr("from itself"));
  EXPECT_THAT(ConstraintGroups::Create(2, {}, {}, {{{0}, {2}}}).status().message(), HasSubstr("the item 2"));
}

}  // namespace
}  // namespace crossface
