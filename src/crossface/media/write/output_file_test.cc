#include "crossface/media/write/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

size_t Entries(const std::filesystem::path& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(OutputFileTest, AppearsWholeAndReplacesNothing) {
  testing::ScratchFolder scratch;
  const auto path = scratch.path() / "copy.bin";
  {
    auto file = OutputFile::Create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Write("some bytes").ok());
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(*(*file)->FlushAndHash(), Sha256Hex("some bytes"));
    ASSERT_TRUE((*file)->Commit().ok());
  }
  EXPECT_EQ(*ReadFile(path), "some bytes");
  EXPECT_EQ(OutputFile::Create(path).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Entries(scratch.path()), 1u);

  // Somebody else takes the name meanwhile.
  const auto late = scratch.path() / "late.bin";
  {
    auto file = OutputFile::Create(late);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Write("x").ok());
    ASSERT_TRUE(WriteFileAtomically(late, "theirs").ok());
    ASSERT_TRUE((*file)->FlushAndHash().ok());
    EXPECT_EQ((*file)->Commit().code(), StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(*ReadFile(late), "theirs");
  EXPECT_EQ(Entries(scratch.path()), 2u);
}

TEST(OutputFileTest, AFullDiskIsToldAndNothingIsLeft) {
  testing::ScratchFolder scratch;
  // A limit on the size of files stands in for a full disk; the child process is lost with it.
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    bool told = false;
    {
      const auto file = OutputFile::Create(scratch.path() / "copy.bin");
      told = file.ok() && !(*file)->Write(std::string(1000, 'x')).ok() && !(*file)->FlushAndHash().ok();
    }
    ::_exit(told ? 0 : 1);
  }
  int wait_status = 0;
  ASSERT_EQ(::waitpid(child, &wait_status, 0), child);
  EXPECT_EQ(wait_status, 0);
  EXPECT_EQ(Entries(scratch.path()), 0u);
}

}  // namespace
}  // namespace crossface
