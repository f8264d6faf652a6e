#include "crossface/evaluation/truth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;

TEST(TruthTest, ReadsBoxesWithAndWithoutKind) {
  const auto plain = ParseTruth("video,person,start_ms,end_ms,x,y,w,h\nv,Anna,0,200,399.9,185.2,105.5,134\n");
  ASSERT_TRUE(plain.ok()) << plain.status().message();
  EXPECT_EQ(plain->kind, Truth::Kind::kBoxes);
  ASSERT_EQ(plain->boxes.size(), 1u);
  EXPECT_EQ(plain->boxes[0].end_us, 200'000);
  EXPECT_FLOAT_EQ(plain->boxes[0].box.x, 399.9f);
  EXPECT_TRUE(plain->boxes[0].detectable());

  const auto kinds = ParseTruth(
      "video,person,start_ms,end_ms,x,y,w,h,shot,kind,image\nv,A,0,200,1,2,3,4,0,dark,a.jpg\nv,A,200,400,1,2,"
      "3,4,1,dim,a.jpg\n");
  ASSERT_TRUE(kinds.ok());
  EXPECT_FALSE(kinds->boxes[0].detectable());
  EXPECT_TRUE(kinds->boxes[1].detectable());
}

TEST(TruthTest, ReadsIntervalsAndTheStarOfThoseToIgnore) {
  const auto truth =
      ParseTruth("video,person,start_s,end_s,visibility\na.mp4,fr_1,0,4.34,clear\na.mp4,*crowd,1,2,small\n");
  ASSERT_TRUE(truth.ok());
  EXPECT_EQ(truth->kind, Truth::Kind::kIntervals);
  EXPECT_EQ(truth->intervals[0].end_us, 4'340'000);
  EXPECT_EQ(truth->intervals[0].visibility, Visibility::kClear);
  EXPECT_EQ(truth->intervals[1].visibility, Visibility::kIgnore);
}

TEST(TruthTest, NamesTheLineOfWhatIsWrong) {
  const std::string boxes = "video,person,start_ms,end_ms,x,y,w,h\nv,A,0,200,1,2,3,4\n";
  const std::string intervals = "video,person,start_s,end_s,visibility\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"video,person,from,to\nv,A,0,1\n", "line 1"},
      {boxes + "v,A,200,400,1,2,3,four\n", "line 3: h is \"four\""},
      {boxes + "v,A,200,400,1,2,0,4\n", "line 3: a box of 0 x 4"},
      {boxes + "v,A,200,200,1,2,3,4\n", "line 3: end_ms 200 is not after"},
      {boxes + "v,A,0,1e300,1,2,3,4\n", "line 3: times"},
      {boxes + "v,,0,1,1,2,3,4\n", "line 3: video or person is empty"},
      {intervals + "v,A,0,1,dimly\n", "line 2: visibility \"dimly\""},
      {intervals + "v,A,nan,1,clear\n", "line 2: start_s"},
      {intervals, "no rows"},
      {"", "line 1"}};
  for (const auto& [text, reason] : cases) {
    const auto truth = ParseTruth(text);
    ASSERT_FALSE(truth.ok()) << text;
    EXPECT_EQ(truth.status().code(), StatusCode::kCorrupt);
    EXPECT_THAT(truth.status().message(), HasSubstr(reason));
  }
}

TEST(TruthTest, ReadsTheRealTruthAndNamesTheFileOfABadOne) {
  CROSSFACE_NEEDS_SHARED("data/ground_truth_videos.csv");
  const auto truth = ReadTruth(testing::SharedFolder() / "data/ground_truth_videos.csv");
  ASSERT_TRUE(truth.ok()) << truth.status().message();
  EXPECT_EQ(truth->intervals.size(), 61u);
  const testing::ScratchFolder scratch;
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "bad.csv", "a,b\n1,2\n").ok());
  EXPECT_THAT(ReadTruth(scratch.path() / "bad.csv").status().message(), HasSubstr("bad.csv"));
  EXPECT_EQ(ReadTruth(scratch.path() / "none.csv").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace crossface
