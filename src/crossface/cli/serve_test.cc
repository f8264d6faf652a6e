// serve: one line with the address, and a clean end.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/testing/json_schema.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using testing::RunProgram;
using testing::RunProgramAndStop;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

bool Answers(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = Loopback(port);
  const bool answers = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return answers;
}

TEST(Serve, PrintsOneLineServesAndEndsCleanly) {
  testing::ScratchFolder scratch;
  const int port = FreePort();
  const std::vector<std::string> words = {
      "serve",  "--cases",           scratch.path().string(), "--root", scratch.path().string(),
      "--port", std::to_string(port)};
  const auto run = RunProgramAndStop(words, [port] { return Answers(port); });
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1) << run.out;
  EXPECT_THAT(run.out, ::testing::MatchesRegex("http://127\\.0\\.0\\.1:" + std::to_string(port) +
                                               "/\\?token=[0-9a-f]{64}\n"));

  std::vector<std::string> json = words;
  json.push_back("--json");
  const auto answered = RunProgramAndStop(json, [port] { return Answers(port); });
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
