// What the program says and how it exits when it is asked for something it cannot do.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using testing::RunProgram;
using testing::ScratchFolder;

void WriteFile(const std::filesystem::path& path, const std::string& content) {
  ASSERT_TRUE(WriteFileAtomically(path, content).ok());
}

TEST(CommandLine, WithoutArgumentsAndTerminalItPrintsHelpAndPromptsNothing) {
  const auto run = RunProgram({});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_TRUE(run.out.empty());
  EXPECT_NE(run.err.find("identify"), std::string::npos);
}

TEST(CommandLine, HelpAndVersionGoToStdout) {
  const auto help = RunProgram({"identify", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("--case"), std::string::npos);
  const auto version = RunProgram({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out.rfind("crossface ", 0), 0u);
}

TEST(CommandLine, WrongUsageIsTwo) {
  EXPECT_EQ(RunProgram({"identfy"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"identify", "--case", "/tmp/x"}).exit_code, 2);
  const auto run = RunProgram({"identify", ".", "--case", "x", "--clustering", "magic"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("agglomerative"), std::string::npos);
}

// Names of an enumeration were once shown with the bytes that they stand for.
TEST(CommandLine, HelpIsTextAndChoicesAreNamed) {
  for (const char* verb :
       {"identify", "scan", "cluster", "redact", "search", "people", "export", "evaluate"}) {
    const auto help = RunProgram({verb, "--help"});
    EXPECT_EQ(help.exit_code, 0) << verb;
    EXPECT_TRUE(std::all_of(help.out.begin(), help.out.end(), [](unsigned char c) {
      return c == '\n' || (c >= 32 && c != 127);
    })) << verb;
    EXPECT_EQ(help.out.find("->"), std::string::npos) << help.out;
  }
  const auto profile = RunProgram({"cluster", "--case", "x", "--profile", "mild"});
  EXPECT_EQ(profile.exit_code, 2);
  EXPECT_NE(profile.err.find("mild not in {strict,balanced,loose}"), std::string::npos) << profile.err;
  const auto detectors = RunProgram({"identify", ".", "--case", "x", "--detectors", "yunet,opencv"});
  EXPECT_EQ(detectors.exit_code, 2);
  EXPECT_NE(detectors.err.find("opencv not in {scrfd_500m,"), std::string::npos) << detectors.err;
}

TEST(CommandLine, MissingSourceIsNamedAndNoCaseIsMade) {
  ScratchFolder scratch;
  const auto run = RunProgram(
      {"identify", (scratch.path() / "nowhere").string(), "--case", (scratch.path() / "case").string()});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("nowhere"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "case"));
}

TEST(CommandLine, EmptyFolderIsNothingFound) {
  ScratchFolder scratch;
  std::filesystem::create_directory(scratch.path() / "videos");
  const auto run = RunProgram(
      {"identify", (scratch.path() / "videos").string(), "--case", (scratch.path() / "case").string()});
  EXPECT_EQ(run.exit_code, 4) << run.err;
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "case"));
}

TEST(CommandLine, MissingModelsAreSixAndSayHowToInstall) {
  ScratchFolder scratch;
  WriteFile(scratch.path() / "videos/a.mp4", "x");
  const auto run =
      RunProgram({"identify", (scratch.path() / "videos").string(), "--case",
                  (scratch.path() / "case").string(), "--models", (scratch.path() / "no-models").string()});
  EXPECT_EQ(run.exit_code, 6) << run.err;
  EXPECT_NE(run.err.find("models install"), std::string::npos);
}

TEST(CommandLine, CudaThatIsNotThereIsSevenAndSaysWhatToInstall) {
  ScratchFolder scratch;
  WriteFile(scratch.path() / "videos/a.mp4", "x");
  const auto run = RunProgram({"identify", (scratch.path() / "videos").string(), "--case",
                               (scratch.path() / "case").string(), "--device", "cuda"});
  if (run.exit_code == 0 || run.exit_code == 3) GTEST_SKIP() << "this machine has CUDA";
  EXPECT_EQ(run.exit_code, 7) << run.err;
  EXPECT_NE(run.err.find("onnxruntime-gpu"), std::string::npos) << run.err;
}

TEST(CommandLine, AFolderThatIsNoCaseIsRefusedUntouched) {
  ScratchFolder scratch;
  WriteFile(scratch.path() / "photos/holiday.txt", "mine");
  const auto exported = RunProgram({"export", "--case", (scratch.path() / "photos").string()});
  EXPECT_NE(exported.exit_code, 0);
  EXPECT_NE(exported.err.find("photos"), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path() / "photos"), {}), 1);
}

TEST(CommandLine, JsonErrorsAreOneDocument) {
  ScratchFolder scratch;
  const auto run = RunProgram({"export", "--json", "--case", (scratch.path() / "nowhere").string()});
  EXPECT_NE(run.exit_code, 0);
  const auto answer = nlohmann::json::parse(run.out, nullptr, false);
  ASSERT_TRUE(answer.is_object()) << run.out;
  EXPECT_EQ(answer["error"]["code"], "not found");
}

TEST(CommandLine, DoctorTellsWhatIsThere) {
  const auto run = RunProgram({"doctor", "--json"});
  const auto facts = nlohmann::json::parse(run.out, nullptr, false);
  ASSERT_TRUE(facts.is_object()) << run.out;
  EXPECT_EQ(facts["ready"].get<bool>() ? 0 : 6, run.exit_code);
  EXPECT_GE(facts["models"].size(), 12u);
}

TEST(CommandLine, ExportFormatsNeedAFolderAndACase) {
  ScratchFolder scratch;
  const std::string out = (scratch.path() / "out").string(), none = (scratch.path() / "none").string();
  const auto unknown = RunProgram({"export", "--case", none, "--format", "pdf", "--out", out});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("webvtt"), std::string::npos);
  EXPECT_EQ(RunProgram({"export", "--case", none, "--format", "edl"}).exit_code, 2);
  const auto no_case = RunProgram({"export", "--case", none, "--format", "edl,bag", "--out", out, "--json"});
  EXPECT_EQ(no_case.exit_code, 1);
  EXPECT_EQ(nlohmann::json::parse(no_case.out)["exit"], 1);
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(CommandLine, MetadataNamesWhatItCannotRead) {
  ScratchFolder scratch;
  WriteFile(scratch.path() / "empty.mp4", "");
  const auto run = RunProgram({"metadata", scratch.path().string(), "--json"});
  EXPECT_EQ(run.exit_code, 3);
  const auto answer = nlohmann::json::parse(run.out);
  ASSERT_EQ(answer["sources"].size(), 1u);
  EXPECT_NE(answer["sources"][0]["error"].get<std::string>().find("empty"), std::string::npos);
}

}  // namespace
}  // namespace crossface
