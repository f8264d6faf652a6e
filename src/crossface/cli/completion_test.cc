// The completion scripts, in the shells they are for, and the manual page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using testing::RunProgram;

class CompletionTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = (scratch_.path() / name).string();
    std::ofstream(path) << text;
    return path;
  }
  std::string Script(const std::string& shell) {
    const auto run = RunProgram({"completion", shell});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return Write("completion." + shell, run.out);
  }
  // The lines that a shell's script prints, without what follows a tab.
  std::vector<std::string> Lines(const std::string& command) {
    const std::string out = (scratch_.path() / "out").string();
    EXPECT_EQ(testing::RunCommand(command + " > '" + out + "'"), 0) << command;
    std::istringstream text(*ReadFile(out));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line.substr(0, line.find('\t')));
    return lines;
  }
  // What bash offers for the last of the words.
  std::vector<std::string> Bash(const std::string& words) {
    const std::string asks =
        Write("ask.bash", "source '" + Script("bash") + "'\nCOMP_WORDS=(" + words +
                              ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_crossface\n"
                              "((${#COMPREPLY[@]})) && printf '%s\\n' \"${COMPREPLY[@]}\"\ntrue\n");
    return Lines("bash --norc '" + asks + "'");
  }
  std::vector<std::string> Fish(const std::string& line) {
    const std::string asks =
        Write("ask.fish", "source '" + Script("fish") + "'\ncomplete -C '" + line + "'\n");
    return Lines("HOME='" + scratch_.path().string() + "' fish --no-config '" + asks + "'");
  }
  testing::ScratchFolder scratch_;
};

TEST_F(CompletionTest, BashOffersVerbsOptionsAndWordsThatAnOptionTakes) {
  EXPECT_THAT(Bash("crossface ''"), IsSupersetOf({"identify", "people", "search", "serve", "completion"}));
  EXPECT_THAT(Bash("crossface iden"), ElementsAre("identify"));
  EXPECT_THAT(Bash("crossface people re"), IsSupersetOf({"rename", "redo", "references"}));
  EXPECT_THAT(Bash("crossface people rename --"),
              AllOf(Contains("--case"), Contains("--dry-run"), Not(Contains("--profile"))));
  EXPECT_THAT(Bash("crossface identify films --profile ''"), ElementsAre("strict", "balanced", "loose"));
  EXPECT_THAT(Bash("crossface identify films --profile s"), ElementsAre("strict"));
  // Files, by bash itself.
  EXPECT_THAT(Bash("crossface identify ''"), IsEmpty());
  EXPECT_THAT(Bash("crossface identify films --case ''"), IsEmpty());
}

TEST_F(CompletionTest, FishOffersTheSame) {
  EXPECT_THAT(Fish("crossface iden"), ElementsAre("identify"));
  EXPECT_THAT(Fish("crossface people re"), IsSupersetOf({"rename", "redo", "references"}));
  EXPECT_THAT(Fish("crossface people rename --"),
              AllOf(Contains("--case"), Contains("--dry-run"), Not(Contains("--profile"))));
  EXPECT_THAT(Fish("crossface identify films --profile "), ElementsAre("balanced", "loose", "strict"));
}

TEST_F(CompletionTest, ZshTakesTheScriptAndOffersTheSame) {
  // Of zsh's own functions for offering, what they were given.
  const std::string asks = Write("ask.zsh", R"(compdef() { }
_describe() { [[ $1 == -o ]] && shift 2 || shift; print -l -- ${(P)1} }
_files() { print -- FILES }
compadd() { shift; print -l -- $@ }
source ')" + Script("zsh") + R"('
ask() { words=("$@"); CURRENT=$#words; _crossface }
print -- 1; ask crossface people ''
print -- 2; ask crossface identify films --profile ''
print -- 3; ask crossface identify films --case ''
print -- 4; ask crossface people list --
)");
  const auto lines = Lines("zsh -f '" + asks + "'");
  EXPECT_THAT(lines, Contains("rename:give a person a name; the folder gets it too"));
  EXPECT_THAT(lines, IsSupersetOf({"strict", "balanced", "loose", "FILES"}));
  EXPECT_THAT(lines, Contains("--case:folder of the case"));
}

TEST_F(CompletionTest, AShellThatThereIsNotIsRefused) {
  const auto run = RunProgram({"completion", "tcsh"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("bash"));
}

TEST_F(CompletionTest, TheManualPageHasEveryVerbAndIsSoundRoff) {
  const auto run = RunProgram({"man"});
  ASSERT_EQ(run.exit_code, 0);
  for (const char* verb : {"people not\\-same", "models install", "users add", "forget"})
    EXPECT_THAT(run.out, HasSubstr(std::string(".SS \"") + verb));
  const std::string page = Write("crossface.1", run.out);
  const auto warnings = Lines("groff -man -Tutf8 -ww -z '" + page + "' 2>&1");
  EXPECT_THAT(warnings, IsEmpty());
}

}  // namespace
}  // namespace crossface
