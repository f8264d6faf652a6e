// A film of two people, live on it, and servers that send it: for tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "crossface/testing/json_schema.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {

// A program that runs beside the test, and is killed with it.
class Server {
 public:
  explicit Server(const std::vector<std::string>& command) {
    child_ = ::fork();
    if (child_ != 0) return;
    std::vector<char*> argv;
    argv.reserve(command.size() + 1);
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ~Server() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  pid_t child_ = 0;
};

inline std::vector<nlohmann::json> Events(const std::string& out) {
  std::vector<nlohmann::json> events;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) events.push_back(nlohmann::json::parse(line));
  return events;
}

inline std::vector<nlohmann::json> Of(const std::vector<nlohmann::json>& events, const std::string& kind,
                                      const std::string& state = "") {
  std::vector<nlohmann::json> found;
  for (const nlohmann::json& event : events)
    if (event["event"] == kind && (state.empty() || event["state"] == state)) found.push_back(event);
  return found;
}

inline void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

class Live : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos/asl_book.mkv");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    port_ = 20000 + static_cast<int>(::getpid()) % 20000;
    // Two people, one after the other, six seconds.
    film_ = Path("film.ts");
    const std::string videos = (testing::SharedFolder() / "data/videos").string();
    ASSERT_EQ(testing::RunCommand("ffmpeg -nostdin -v error -i '" + videos + "/asl_book.mkv' -i '" + videos +
                                  "/asl_again.mkv' -filter_complex '[0:v]fps=15[a];[1:v]fps=15[b];"
                                  "[a][b]concat=n=2:v=1:a=0' -c:v libx264 -preset ultrafast -g 15 -tune "
                                  "zerolatency -f mpegts '" +
                                  film_ + "'"),
              0);
  }
  std::string Path(const std::string& name) const { return (scratch_.path() / name).string(); }
  std::string Case() const { return Path("case"); }

  // Runs live until it ends by itself, and holds its lines against their schema.
  std::vector<nlohmann::json> Watch(std::vector<std::string> words, int exit_code = 0) {
    words.insert(words.begin(), "live");
    words.insert(words.end(), {"--case", Case(), "--json", "--threads", "1"});
    run_ = testing::RunProgram(words);
    EXPECT_EQ(run_.exit_code, exit_code) << run_.err;
    std::vector<nlohmann::json> events = Events(run_.out);
    nlohmann::json answers = nlohmann::json::array();
    for (const nlohmann::json& event : events) answers.push_back({{"schema", "live"}, {"answer", event}});
    EXPECT_THAT(testing::AskSchemas("errors", answers).get<std::vector<std::string>>(), ::testing::IsEmpty());
    return events;
  }

  // Until so many segments were begun, or a minute has passed.
  void WaitForRecordings(int count) const {
    for (int i = 0; i < 600; ++i, Sleep(0.1)) {
      std::error_code error;
      int there = 0;
      for (std::filesystem::recursive_directory_iterator each(Path("case/recordings"), error), end;
           !error && each != end; each.increment(error))
        there += each->is_regular_file(error) ? 1 : 0;
      if (there >= count) return;
    }
  }

  // Of the first row.
  static std::string CsvColumn(const std::string& file, const std::string& column) {
    const CsvTable table = *ParseCsv(*ReadFile(file));
    return table.rows.at(0)[static_cast<size_t>(table.Column(column))];
  }

  // What ffprobe counts of a file's pictures.
  double Count(const std::string& what, const std::string& file) const {
    EXPECT_EQ(testing::RunCommand("ffprobe -v quiet -count_" + what +
                                  " -select_streams v -show_entries stream=nb_read_" + what +
                                  " -of csv=p=0 '" + file + "' >'" + Path("count") + "'"),
              0);
    return std::stod(*ReadFile(Path("count")));
  }

  // Every recorded segment is listed with its hash and can be decoded; seconds recorded in all.
  double CheckRecordings() const {
    const CsvTable list = *ParseCsv(*ReadFile(Path("case/recordings.csv")));
    std::set<std::string> files;
    double seconds = 0;
    for (const auto& row : list.rows) {
      const std::string file = Path("case/" + row[static_cast<size_t>(list.Column("file"))]);
      EXPECT_TRUE(files.insert(file).second) << "twice: " << file;
      EXPECT_EQ(*Sha256OfFile(file), row[static_cast<size_t>(list.Column("sha256"))]);
      const double packets = Count("packets", file), frames = Count("frames", file);
      // A server that is killed may leave a packet without a picture at the end, or begin with one.
      EXPECT_GE(frames, packets - 2) << file;
      seconds += packets / 15;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(Path("case/recordings")))
      EXPECT_TRUE(!entry.is_regular_file() || files.contains(entry.path().string())) << entry.path();
    return seconds;
  }

  // Feeds an RTSP server for ever.
  std::vector<std::string> Feed() const {
    return {"ffmpeg",    "-nostdin",
            "-v",        "error",
            "-re",       "-stream_loop",
            "-1",        "-i",
            film_,       "-c",
            "copy",      "-f",
            "rtp",       "rtp://127.0.0.1:" + std::to_string(port_ + 1) + "?pkt_size=1200",
            "-sdp_file", Path("sdp")};
  }
  std::vector<std::string> Rtsp(const std::vector<std::string>& further = {}) const {
    std::vector<std::string> command = {CROSSFACE_RTSP_SERVER, std::to_string(port_),
                                        std::to_string(port_ + 1)};
    command.insert(command.end(), further.begin(), further.end());
    return command;
  }
  // Sends a film for ever to one who asks.
  std::vector<std::string> SrtServer(const std::string& film,
                                     const std::vector<std::string>& further = {}) const {
    std::vector<std::string> command = {"ffmpeg", "-nostdin", "-v", "quiet", "-re", "-stream_loop",
                                        "-1",     "-i",       film, "-c",    "copy"};
    command.insert(command.end(), further.begin(), further.end());
    command.insert(command.end(), {"-f", "mpegts", SrtAddress() + "?mode=listener&pkt_size=1316"});
    return command;
  }
  std::string SrtAddress() const { return "srt://127.0.0.1:" + std::to_string(port_ + 2); }
  std::string RtspAddress(const std::string& user = "") const {
    return "rtsp://" + user + "127.0.0.1:" + std::to_string(port_) + "/live";
  }

  testing::ScratchFolder scratch_;
  std::string film_;
  int port_ = 0;
  testing::ProgramRun run_;
};

}  // namespace crossface
