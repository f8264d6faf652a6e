#include "crossface/calibration/label_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/calibration/made_people_for_test.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class LabelCheckTest : public ::testing::Test {
 protected:
  LabelFindings Check() const { return CheckLabels(faces_, {0}, *PairScorer::Create({"arcface_ms1m"})); }
  // Three photos each of twelve people.
  std::vector<LabelledFace> faces_ = testing::MadePeople(12, 3, 0.68f, 0.6f);
};

TEST_F(LabelCheckTest, FindsNothingInSoundLabels) {
  const LabelFindings findings = Check();
  EXPECT_THAT(findings.one_picture_twice, IsEmpty());
  EXPECT_THAT(findings.one_picture_two_names, IsEmpty());
  EXPECT_THAT(findings.alike_under_two_names, IsEmpty());
  EXPECT_THAT(findings.unlike_own, IsEmpty());
}

TEST_F(LabelCheckTest, FindsOnePictureSavedTwice) {
  faces_[5].vectors = faces_[4].vectors;
  EXPECT_THAT(Check().one_picture_twice, ElementsAre(Pair(4, 5)));
  EXPECT_THAT(Check().one_picture_two_names, IsEmpty());
}

TEST_F(LabelCheckTest, FindsOnePictureUnderTwoNames) {
  faces_[9].vectors = faces_[4].vectors;
  EXPECT_THAT(Check().one_picture_two_names, ElementsAre(Pair(4, 9)));
  EXPECT_THAT(Check().one_picture_twice, IsEmpty());
}

TEST_F(LabelCheckTest, FindsOnePersonUnderTwoNames) {
  faces_[9].vectors[0] = testing::MadeVector(testing::MadeDirection(1 * 2 + 1), 0.75f, 77);
  EXPECT_THAT(Check().alike_under_two_names, ::testing::Contains(Pair(3, 9)));
}

TEST_F(LabelCheckTest, FindsAPhotoThatShowsSomebodyElseThanItsFolder) {
  faces_[7].vectors[0] = testing::MadeDirection(4711);
  EXPECT_THAT(Check().unlike_own, ElementsAre(7));
}

}  // namespace
}  // namespace crossface
