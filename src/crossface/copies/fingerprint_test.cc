#include "crossface/copies/fingerprint.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crossface/copies/copy_groups.h"
#include "crossface/copies/made_changes_for_test.h"

namespace crossface {
namespace {

RC_GTEST_PROP(Fingerprint, ComesBackFromItsBytes, ()) {
  MadeChanges made(*rc::gen::arbitrary<uint64_t>());
  Fingerprint fingerprint = made.Source(*rc::gen::inRange<uint32_t>(0, 50));
  if (*rc::gen::arbitrary<bool>()) fingerprint.still = StillCode{1, 2, 3};
  const std::string bytes = Serialise(fingerprint);
  const auto back = ParseFingerprint(bytes);
  RC_ASSERT(back.ok());
  RC_ASSERT(*back == fingerprint);
  const auto cut = *rc::gen::inRange<size_t>(0, bytes.size());
  const auto shorter = ParseFingerprint(std::string_view(bytes).substr(0, cut));
  const bool different = !shorter.ok() || !(*shorter == fingerprint);
  RC_ASSERT(different);
}

TEST(Fingerprint, MirroringTurnsTheOddHorizontalFrequencies) {
  std::vector<float> picture(144), mirror(144);
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (size_t i = 0; i < picture.size(); ++i) {
    picture[i] = normal(random);
    mirror[i] = i % 12 % 2 == 1 ? -picture[i] : picture[i];
  }
  EXPECT_EQ(Mirrored(ChangeCodeOf(picture)), ChangeCodeOf(mirror));
  EXPECT_GT(Difference(ChangeCodeOf(picture), ChangeCodeOf(mirror)), 0.4);
  EXPECT_EQ(Mirrored(Mirrored(ChangeCodeOf(picture))), ChangeCodeOf(picture));
}

TEST(CopyGroups, ACompilationDoesNotMakeItsClipsOne) {
  const auto groups = GroupCopies({{1, 3, 0, 0, 10}, {2, 3, 0, 10, 10}, {1, 4, 0, 5, 10}});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].links, (std::vector<size_t>{0, 2}));
  ASSERT_EQ(groups[0].members.size(), 3u);
  EXPECT_EQ(groups[0].members[1].source, 3);
  EXPECT_EQ(groups[0].members[1].end_us, 10);
  EXPECT_EQ(groups[1].links, std::vector<size_t>{1});
}

TEST(CopyGroups, ChainsAndStillPicturesAreGroups) {
  const auto groups = GroupCopies({{1, 2, 0, 0, 0}, {2, 3, 0, 0, 0}, {4, 5, 3, 0, 10}, {5, 6, 2, 7, 8}});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].members.size(), 3u);
  EXPECT_EQ(groups[1].members.size(), 3u);
}

}  // namespace
}  // namespace crossface
