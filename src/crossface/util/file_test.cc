#include "crossface/util/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using crossface::testing::ScratchFolder;
using ::testing::HasSubstr;

size_t EntriesIn(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(WriteFileAtomically, ReplacesAFileAndLeavesNothingElse) {
  ScratchFolder scratch;
  const fs::path path = scratch.path() / "deep/er/faces.csv";
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  std::string large(3 << 20, 'x');
  large[1234] = '\0';
  ASSERT_TRUE(WriteFileAtomically(path, large, Durability::kSync).ok());
  EXPECT_EQ(*ReadFile(path), large);
  EXPECT_EQ(EntriesIn(path.parent_path()), 1u);
}

TEST(WriteFileAtomically, AFailureKeepsTheOldFileAndNamesIt) {
  ScratchFolder scratch;
  // The target is a folder with something in it, so the last step, the renaming, fails for root too.
  const fs::path path = scratch.path() / "target";
  ASSERT_TRUE(WriteFileAtomically(path / "inside", "kept").ok());
  const Status status = WriteFileAtomically(path, "new");
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr(path.string()));
  EXPECT_EQ(*ReadFile(path / "inside"), "kept");
  EXPECT_EQ(EntriesIn(scratch.path()), 1u);

  const Status below_a_file = WriteFileAtomically(path / "inside" / "x", "new");
  EXPECT_FALSE(below_a_file.ok());
  EXPECT_EQ(*ReadFile(path / "inside"), "kept");
}

TEST(WriteFileAtomically, AFullDiskIsToldAndLeavesNoRest) {
  ScratchFolder scratch;
  const fs::path path = scratch.path() / "big";
  // A limit on the size of files stands in for a full disk; the child process is lost with it.
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Status status = WriteFileAtomically(path, std::string(1 << 20, 'x'));
    ::_exit(status.ok() ? 1 : 0);
  }
  int wait_status = 0;
  ASSERT_EQ(::waitpid(child, &wait_status, 0), child);
  EXPECT_EQ(wait_status, 0);
  EXPECT_EQ(EntriesIn(scratch.path()), 0u);
}

TEST(WriteFileAtomically, ReadersSeeOneVersionOrTheOther) {
  ScratchFolder scratch;
  const fs::path path = scratch.path() / "version";
  const std::string a(100'000, 'a'), b(100'000, 'b');
  ASSERT_TRUE(WriteFileAtomically(path, a).ok());
  std::jthread writer([&](std::stop_token stop) {
    for (int i = 0; !stop.stop_requested(); ++i) EXPECT_TRUE(WriteFileAtomically(path, i % 2 ? a : b).ok());
  });
  for (int i = 0; i < 200; ++i) {
    const auto seen = ReadFile(path);
    ASSERT_TRUE(seen.ok()) << seen.status().message();
    ASSERT_TRUE(*seen == a || *seen == b);
  }
}

TEST(ReadFile, NamesTheFileThatIsNotThere) {
  const auto missing = ReadFile("/nowhere/at/all.csv");
  EXPECT_EQ(missing.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(missing.status().message(), HasSubstr("/nowhere/at/all.csv"));
  ScratchFolder scratch;
  EXPECT_FALSE(ReadFile(scratch.path()).ok());  // a folder
}

TEST(AppendLine, EndsALineThatACrashCutShort) {
  ScratchFolder scratch;
  const fs::path path = scratch.path() / "run.jsonl";
  ASSERT_TRUE(AppendLine(path, "{\"a\":1}").ok());
  ASSERT_TRUE(WriteFileAtomically(path, *ReadFile(path) + "{\"b\":").ok());
  ASSERT_TRUE(AppendLine(path, "{\"c\":3}").ok());
  EXPECT_EQ(*ReadFile(path), "{\"a\":1}\n{\"b\":\n{\"c\":3}\n");
}

TEST(Sha256, GivesTheStandardsDigests) {
  // FIPS 180-2, appendix B.
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 pieces;
  for (int i = 0; i < 1000; ++i) pieces.Update(std::string(1000, 'a'));
  EXPECT_EQ(pieces.HexDigest(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfAFileIsThatOfItsBytesAndCanBeStopped) {
  ScratchFolder scratch;
  const fs::path path = scratch.path() / "video";
  const std::string content((1 << 20) * 2 + 17, 'v');
  ASSERT_TRUE(WriteFileAtomically(path, content).ok());
  EXPECT_EQ(*Sha256OfFile(path), Sha256Hex(content));
  EXPECT_EQ(Sha256OfFile(path, testing::Stopped()).status().code(), StatusCode::kInterrupted);
  EXPECT_EQ(Sha256OfFile(scratch.path() / "none").status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(Sha256OfFile(scratch.path()).ok());
}

}  // namespace
}  // namespace crossface
