// The settings file, through the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunProgram;

class SettingsTest : public ::testing::Test {
 protected:
  std::string file() const { return (scratch_.path() / "own/config.toml").string(); }
  void Set(const std::string& text) {
    std::filesystem::create_directories(scratch_.path() / "own");
    std::ofstream(file()) << text;
  }
  testing::ProgramRun Run(const std::vector<std::string>& words) {
    return RunProgram(words, {{"CROSSFACE_CONFIG", file()}});
  }
  testing::ScratchFolder scratch_;
};

TEST_F(SettingsTest, EverySettingIsThereAsACommentAndWritingKeepsWhatIsSet) {
  const auto shown = Run({"config"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("# profile = 'balanced'"));
  EXPECT_THAT(shown.out, HasSubstr("strict, balanced, loose"));
  EXPECT_THAT(shown.out, HasSubstr("# port = 8600"));
  Set("profile = 'strict'\nthreads = 1\n");
  ASSERT_EQ(Run({"config", "--write"}).exit_code, 0);
  const std::string written = *ReadFile(file());
  EXPECT_THAT(written, HasSubstr("\nprofile = 'strict'\n"));
  EXPECT_THAT(written, HasSubstr("\nthreads = 1\n"));
  EXPECT_THAT(written, HasSubstr("\n# device = 'auto'\n"));
  EXPECT_EQ(Run({"config"}).out, written + "\n") << "what was written is read";
}

TEST_F(SettingsTest, ASettingHoldsForVerbsThatHaveItUnlessTheCommandLineSaysOtherwise) {
  Set("device = 'no such device'\n");
  const std::string nowhere = (scratch_.path() / "nowhere").string(),
                    film = (scratch_.path() / "film.mp4").string();
  std::ofstream(film) << "no film";
  // identify looks for its device before it reads a source; metadata has none.
  EXPECT_THAT(Run({"identify", film, "--case", nowhere}).err, HasSubstr("no such device"));
  EXPECT_THAT(Run({"identify", film, "--case", nowhere, "--device", "cpu"}).err,
              Not(HasSubstr("no such device")));
  EXPECT_THAT(Run({"identify", film, "--case", nowhere, "--device=cpu"}).err,
              Not(HasSubstr("no such device")));
  EXPECT_THAT(Run({"metadata", film}).err, Not(HasSubstr("no such device")));
}

TEST_F(SettingsTest, WhatIsWrongIsToldWithItsLineAndHelpIsShownAllTheSame) {
  const auto refused = [&](const std::string& text, const std::string& why) {
    Set(text);
    const auto run = Run({"doctor"});
    EXPECT_EQ(run.exit_code, 2) << text;
    EXPECT_THAT(run.err, HasSubstr(why)) << text;
    EXPECT_THAT(run.err, HasSubstr("config.toml")) << text;
    EXPECT_EQ(Run({"--help"}).exit_code, 0);
  };
  refused("threads = 1\nthread = 2\n", "line 2: there is no setting 'thread'");
  refused("threads = \n", "line 1");
  refused("\nthreads = true\n", "line 2: threads takes");
  refused("yes = 'forget'\n", "there is no setting 'yes'");
  Set("profile = 'lax'\n");
  const auto run = Run({"cluster", "--case", (scratch_.path() / "nowhere").string()});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("--profile"));
}

TEST_F(SettingsTest, ColoursAreAsAskedFor) {
  const std::string nowhere = (scratch_.path() / "nowhere").string();
  EXPECT_THAT(Run({"people", "list", "--case", nowhere, "--color", "always"}).err, HasSubstr("\x1b["));
  EXPECT_THAT(Run({"people", "list", "--case", nowhere}).err, Not(HasSubstr("\x1b[")));
  Set("color = 'always'\n");
  EXPECT_THAT(Run({"people", "list", "--case", nowhere}).err, HasSubstr("\x1b["));
}

}  // namespace
}  // namespace crossface
