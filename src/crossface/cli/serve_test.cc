// serve: one line with the address, and a clean end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/testing/json_schema.h"
#include "crossface/testing/loopback.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using testing::RunProgram;
using testing::RunProgramAndStop;

TEST(Serve, PrintsOneLineServesAndEndsCleanly) {
  testing::ScratchFolder scratch;
  const int port = testing::FreePort();
  const std::vector<std::string> words = {
      "serve",  "--cases",           scratch.path().string(), "--root", scratch.path().string(),
      "--port", std::to_string(port)};
  const auto run = RunProgramAndStop(words, [port] { return testing::Listens(port); });
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1) << run.out;
  EXPECT_THAT(run.out, ::testing::MatchesRegex("http://127\\.0\\.0\\.1:" + std::to_string(port) +
                                               "/\\?token=[0-9a-f]{64}\n"));

  std::vector<std::string> json = words;
  json.push_back("--json");
  const auto answered = RunProgramAndStop(json, [port] { return testing::Listens(port); });
  EXPECT_EQ(std::count(answered.out.begin(), answered.out.end(), '\n'), 1) << answered.out;
  testing::AnswerCollector answers;
  const auto document = answers.Take({"serve", "--port"}, answered, 0);
  EXPECT_EQ(document["port"], port);
  EXPECT_EQ(document["url"],
            "http://127.0.0.1:" + std::to_string(port) + "/?token=" + document["token"].get<std::string>());
  EXPECT_THAT(testing::AskSchemas("errors", answers.answers()).get<std::vector<std::string>>(),
              ::testing::IsEmpty());
}

TEST(Serve, IsForThisComputerAloneUnlessThereAreUsers) {
  testing::ScratchFolder scratch;
  const std::string users = (scratch.path() / "users.json").string();
  for (const char* host : {"0.0.0.0", "::", "192.168.1.1", "example.org"}) {
    const auto run =
        RunProgram({"serve", "--host", host, "--cases", "/tmp", "--port", "0", "--users", users});
    EXPECT_EQ(run.exit_code, 2) << host;
    EXPECT_THAT(run.err, HasSubstr("no users who may"));
    EXPECT_EQ(run.out, "");
  }
  EXPECT_EQ(RunProgram({"serve", "--case", "/nowhere", "--port", "0"}).exit_code, 1);
}

}  // namespace
}  // namespace crossface
