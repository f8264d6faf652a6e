#include "crossface/calibration/labelled_photos.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

TEST(LabelledPhotos, AFolderIsAPersonAndWhatLiesOutsideIsNobodys) {
  testing::ScratchFolder scratch;
  const auto put = [&](const std::string& name) {
    ASSERT_TRUE(WriteFileAtomically(scratch.path() / name, "x").ok());
  };
  put("one/Bo/2.jpg"), put("one/Bo/1.jpg"), put("one/Ann/press/3.png"), put("one/loose.jpg");
  put("two/Bo/4.jpg"), put("one/Ann/notes.txt");
  fs::create_directories(scratch.path() / "one/Eve");
  const auto found = FindLabelledPhotos({scratch.path() / "one", scratch.path() / "two"});
  ASSERT_TRUE(found.ok()) << found.status().message();
  EXPECT_THAT(found->people, ElementsAre("Ann", "Bo"));
  EXPECT_THAT(found->empty, ElementsAre("Eve"));
  EXPECT_THAT(found->of_nobody, ElementsAre(scratch.path() / "one/loose.jpg"));
  std::vector<std::pair<std::string, int>> photos;
  for (const LabelledPhoto& photo : found->photos) photos.emplace_back(photo.path.filename(), photo.person);
  EXPECT_EQ(photos, (std::vector<std::pair<std::string, int>>{
                        {"3.png", 0}, {"1.jpg", 1}, {"2.jpg", 1}, {"4.jpg", 1}}));
}

TEST(LabelledPhotos, ARootIsAFolder) {
  testing::ScratchFolder scratch;
  EXPECT_EQ(FindLabelledPhotos({scratch.path() / "nowhere"}).status().code(), StatusCode::kNotFound);
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "a.jpg", "x").ok());
  EXPECT_EQ(FindLabelledPhotos({scratch.path() / "a.jpg"}).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace crossface
