#include "crossface/util/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <set>

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Status, AnnotatePutsContextInFrontAndLeavesSuccessAlone) {
  const Status failed = Status(StatusCode::kCorrupt, "no header").Annotate("clip.mp4");
  EXPECT_EQ(failed.code(), StatusCode::kCorrupt);
  EXPECT_EQ(failed.message(), "clip.mp4: no header");
  EXPECT_TRUE(Status().Annotate("clip.mp4").ok());
  EXPECT_EQ(Status().Annotate("clip.mp4").message(), "");
}

TEST(Status, EveryCodeHasItsOwnName) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(StatusCode::kInternal); ++code) {
    EXPECT_TRUE(names.insert(StatusCodeName(static_cast<StatusCode>(code))).second) << code;
  }
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(ErrnoStatus, TellsWhatTheUserCanDoSomethingAbout) {
  EXPECT_EQ(ErrnoStatus(ENOENT, "x").code(), StatusCode::kNotFound);
  EXPECT_EQ(ErrnoStatus(EACCES, "x").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrnoStatus(EROFS, "x").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrnoStatus(ENOSPC, "x").code(), StatusCode::kOutOfResources);
  EXPECT_EQ(ErrnoStatus(EDQUOT, "x").code(), StatusCode::kOutOfResources);
  EXPECT_EQ(ErrnoStatus(EIO, "x").code(), StatusCode::kIo);
  EXPECT_THAT(ErrnoStatus(ENOSPC, "cannot write faces.csv").message(),
              StartsWith("cannot write faces.csv: No space"));
}

Result<std::unique_ptr<int>> Half(int number) {
  if (number % 2 != 0) return Status(StatusCode::kInvalidArgument, "odd");
  return std::make_unique<int>(number / 2);
}

Result<int> Quarter(int number) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto half, Half(number));
  CROSSFACE_ASSIGN_OR_RETURN(auto quarter, Half(*half));
  return *quarter;
}

Status CheckEven(int number) {
  CROSSFACE_RETURN_IF_ERROR(Half(number).status());
  return Status(StatusCode::kMismatch, "got to the end");
}

TEST(Result, HandsOnValuesAndErrors) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(7).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
  EXPECT_EQ(CheckEven(3).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckEven(4).code(), StatusCode::kMismatch);
}

TEST(Result, ReadingAValueThatIsNotThereIsABug) {
  const auto failed = Half(3);
  EXPECT_FALSE(failed.ok());
  EXPECT_THROW(*failed, std::logic_error);
  EXPECT_THROW(Result<int>{Status()}, std::logic_error);
}

}  // namespace
}  // namespace crossface
