#include "crossface/util/mapped_floats.h"

#include <gtest/gtest.h>

#include <fstream>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

TEST(MappedFloatsTest, CreatedOnesAreZeroAndKeepWhatIsWrittenAndLeaveNoFile) {
  const testing::ScratchFolder folder;
  auto created = MappedFloats::Create(folder.path(), 100000);
  ASSERT_TRUE(created.ok()) << created.status().message();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  for (const float number : created->numbers()) ASSERT_EQ(number, 0);
  created->writable()[99999] = 2.5f;
  const MappedFloats moved = std::move(*created);
  EXPECT_EQ(moved.numbers().size(), 100000u);
  EXPECT_EQ(moved.numbers()[99999], 2.5f);
}

TEST(MappedFloatsTest, ReadsAFileAsItIs) {
  const testing::ScratchFolder folder;
  const float numbers[] = {1, -2, 3.5f};
  std::ofstream(folder.path() / "n", std::ios::binary).write(reinterpret_cast<const char*>(numbers), 12);
  std::ofstream(folder.path() / "none");
  const auto mapped = MappedFloats::Open(folder.path() / "n");
  ASSERT_TRUE(mapped.ok()) << mapped.status().message();
  EXPECT_EQ(std::vector<float>(mapped->numbers().begin(), mapped->numbers().end()),
            std::vector<float>({1, -2, 3.5f}));
  EXPECT_TRUE(MappedFloats::Open(folder.path() / "none")->numbers().empty());
}

TEST(MappedFloatsTest, SaysWhatIsWrong) {
  const testing::ScratchFolder folder;
  EXPECT_EQ(MappedFloats::Open(folder.path() / "no").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(MappedFloats::Create(folder.path() / "no", 1).status().code(), StatusCode::kNotFound);
  // More than any disk has.
  const auto huge = MappedFloats::Create(folder.path(), size_t{1} << 50);
  ASSERT_FALSE(huge.ok());
  EXPECT_NE(huge.status().message().find(folder.path().string()), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace crossface
