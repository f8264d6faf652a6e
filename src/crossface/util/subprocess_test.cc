#include "crossface/util/subprocess.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

TEST(Subprocess, GivesExitCodeAndBothOutputs) {
  const auto run = RunSubprocess({"sh", "-c", "echo out; echo err >&2; exit 7"});
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->exit_code, 7);
  EXPECT_EQ(run->text, "out\nerr\n");
}

TEST(Subprocess, ArgumentsArriveAsTheyAre) {
  const auto run = RunSubprocess({"printf", "%s|", "a b", "$HOME;*", "", "'\""});
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->text, "a b|$HOME;*||'\"|");
}

TEST(Subprocess, StandardInputIsEmpty) {
  const auto run = RunSubprocess({"cat"});
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->exit_code, 0);
}

TEST(Subprocess, KeepsTheEndOfLongOutput) {
  const auto run = RunSubprocess({"sh", "-c", "yes | head -c 300000; echo last"});
  ASSERT_TRUE(run.ok());
  EXPECT_LE(run->text.size(), 64u << 10);
  EXPECT_TRUE(run->text.ends_with("last\n"));
}

TEST(Subprocess, MissingProgramIsNotFound) {
  EXPECT_EQ(RunSubprocess({"no-such-program-here"}).status().code(), StatusCode::kNotFound);
}

TEST(Subprocess, DeathBySignalIsAnExitCode) {
  EXPECT_EQ(RunSubprocess({"sh", "-c", "kill -9 $$"})->exit_code, 137);
}

TEST(Subprocess, StopsWhenAsked) {
  std::stop_source stop;
  int waited = 0;
  const auto run = RunSubprocess({"sleep", "1000"}, stop.get_token(), [&] {
    if (++waited == 3) stop.request_stop();
  });
  EXPECT_EQ(run.status().code(), StatusCode::kInterrupted);
}

}  // namespace
}  // namespace crossface
