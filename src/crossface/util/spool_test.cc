#include "crossface/util/spool.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <stdexcept>
#include <vector>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

TEST(SpoolTest, GivesBackWhatItWasGivenInAnyOrderAndLeavesNoFile) {
  const testing::ScratchFolder scratch;
  const auto folder = Directory::Open(scratch.path());
  ASSERT_TRUE(folder.ok());
  EXPECT_TRUE(rc::check([&](const std::vector<std::string>& texts, uint8_t in_memory) {
    Spool spool(*folder, in_memory);
    std::vector<int64_t> places;
    for (const std::string& text : texts) places.push_back(*spool.Append(text));
    RC_ASSERT(std::filesystem::is_empty(scratch.path()));
    for (size_t i = texts.size(); i-- > 0;)
      RC_ASSERT(*spool.Read(places[i], static_cast<int64_t>(texts[i].size())) == texts[i]);
  }));
}

TEST(SpoolTest, AFewBytesNeedNoFile) {
  const auto scratch = std::make_unique<testing::ScratchFolder>();
  const auto folder = Directory::Open(scratch->path());
  std::filesystem::remove_all(scratch->path());
  Spool spool(*folder, 100);
  EXPECT_EQ(*spool.Append(std::string(60, 'a')), 0);
  EXPECT_EQ(*spool.Append(std::string(40, 'b')), 60);
  EXPECT_EQ(*spool.Read(60, 40), std::string(40, 'b'));
  EXPECT_EQ(spool.Append("c").status().code(), StatusCode::kNotFound)
      << "now it does, and the folder is gone";
}

TEST(SpoolTest, RefusesWhatWasNotAppended) {
  const testing::ScratchFolder scratch;
  const auto folder = Directory::Open(scratch.path());
  Spool spool(*folder, 4);
  ASSERT_TRUE(spool.Append("four").ok());
  ASSERT_TRUE(spool.Append("more").ok());
  EXPECT_THROW((void)spool.Read(-1, 1), std::logic_error);
  EXPECT_THROW((void)spool.Read(7, 2), std::logic_error);
  EXPECT_THROW((void)spool.Read(3, 2), std::logic_error);
}

}  // namespace
}  // namespace crossface
