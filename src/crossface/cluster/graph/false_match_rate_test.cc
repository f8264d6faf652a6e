#include "crossface/cluster/graph/false_match_rate.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

TEST(FalseMatchRateTest, TheExpectedWrongLinksPerPersonAreTheProfiles) {
  for (const int persons : {300, 5'700, 15'000}) {
    EXPECT_NEAR(FalseMatchRate(Profile::kBalanced, persons) * 0.5 * persons, 0.01, 1e-9) << persons;
  }
  EXPECT_NEAR(FalseMatchRate(Profile::kLoose, 500) * 0.5 * 500, 0.1, 1e-9);
}

TEST(FalseMatchRateTest, SmallCasesAreNotCarefree) {
  for (const Profile profile : {Profile::kStrict, Profile::kBalanced, Profile::kLoose}) {
    EXPECT_EQ(FalseMatchRate(profile, 0), FalseMatchRate(profile, kFewestPeople));
  }
}

TEST(FalseMatchRateTest, TwoLoneTracksNeedMoreWhereThereAreManyPeople) {
  EXPECT_EQ(LonePairRate(Profile::kBalanced, 40), FalseMatchRate(Profile::kBalanced, 40));
  EXPECT_NEAR(LonePairRate(Profile::kBalanced, 5'700),
              kLonePairShare * FalseMatchRate(Profile::kBalanced, 5'700), 1e-12);
}

TEST(FalseMatchRateTest, TheMoreAreAloneTheLessIsJoined) {
  // 40 lone tracks, each compared with n persons: .01 wrong joins per person.
  for (const int persons : {10, 1000})
    EXPECT_NEAR(LoneMatchRate(Profile::kBalanced, 40) * 40 * persons, 0.01 * persons, 1e-9);
  EXPECT_LE(LoneMatchRate(Profile::kLoose, 0), 0.01);
}

}  // namespace
}  // namespace crossface
