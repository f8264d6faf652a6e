// live on real servers, which the tests start, kill and start again: RTSP, SRT, standard input, a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "crossface/gallery/writer_lock.h"
#include "crossface/testing/json_schema.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::json;

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

std::vector<Json> Events(const std::string& out) {
  std::vector<Json> events;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line));
  return events;
}

std::vector<Json> Of(const std::vector<Json>& events, const std::string& kind,
                     const std::string& state = "") {
  std::vector<Json> found;
  for (const Json& event : events)
    if (event["event"] == kind && (state.empty() || event["state"] == state)) found.push_back(event);
  return found;
}

void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

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
  std::vector<Json> Watch(std::vector<std::string> words, int exit_code = 0) {
    words.insert(words.begin(), "live");
    words.insert(words.end(), {"--case", Case(), "--json", "--threads", "1"});
    run_ = testing::RunProgram(words);
    EXPECT_EQ(run_.exit_code, exit_code) << run_.err;
    std::vector<Json> events = Events(run_.out);
    Json answers = Json::array();
    for (const Json& event : events) answers.push_back({{"schema", "live"}, {"answer", event}});
    EXPECT_THAT(testing::AskSchemas("errors", answers).get<std::vector<std::string>>(), IsEmpty());
    return events;
  }

  // Until so many segments were begun, or a minute has passed.
  void WaitForRecordings(int count) const {
    for (int i = 0; i < 600; ++i, Sleep(0.1)) {
      std::error_code error;
      int there = 0;
      for (fs::recursive_directory_iterator each(Path("case/recordings"), error), end; !error && each != end;
           each.increment(error))
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
    for (const auto& entry : fs::recursive_directory_iterator(Path("case/recordings")))
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

TEST_F(Live, AFileBecomesEventsRecordingsAndPartOfTheCase) {
  const auto events = Watch({"gate=" + film_});
  std::set<std::string> people;
  for (const Json& seen : Of(events, "seen")) {
    EXPECT_EQ(seen["stream"], "gate");
    if (seen["person"].is_string()) people.insert(seen["person"]);
  }
  EXPECT_EQ(people, (std::set<std::string>{"new-0001", "new-0002"}));
  EXPECT_EQ(Of(events, "stream", "recorded").size(), 1u);
  EXPECT_GT(CheckRecordings(), 5.5);
  EXPECT_FALSE(events.back()["left_to_identify"].get<bool>());
  // What the watch saw is what the scan of its recording finds.
  const Json list = Json::parse(testing::RunProgram({"people", "list", "--case", Case(), "--json"}).out);
  ASSERT_EQ(list["persons"].size(), 2u);
  EXPECT_EQ(testing::RunProgram({"verify", Case()}).exit_code, 0);
  // And what an offline scan of the same segments finds anywhere, and a grouping of what the watch left.
  ASSERT_EQ(testing::RunProgram({"identify", Path("case/recordings"), "--case", Path("other")}).exit_code, 0);
  ASSERT_EQ(testing::RunProgram({"cluster", "--case", Case()}).exit_code, 0);
  for (const std::string& folder : {Case(), Path("other")})
    EXPECT_EQ(Json::parse(testing::RunProgram({"people", "list", "--case", folder, "--json"}).out)["persons"],
              list["persons"]);

  // The next watch names them, marks who is waited for, and runs what is to be run, through no shell.
  ASSERT_EQ(testing::RunProgram({"people", "rename", "1", "Anna $(touch x)", "--case", Case()}).exit_code, 0);
  std::ofstream(Path("hook")) << "#!/bin/sh\nprintf '%s|' \"$@\" >> '" << Path("rung") << "'\n";
  fs::permissions(Path("hook"), fs::perms::owner_all);
  const auto again =
      Watch({"gate=" + film_, "--no-record", "--watch", "1", "--run", Path("hook"), "--run", "first word"});
  std::set<std::string> named;
  for (const Json& seen : Of(again, "seen")) {
    if (!seen["person"].is_string()) continue;
    named.insert(seen["person"]);
    EXPECT_EQ(seen["watched"].get<bool>(), seen["person"] == "Anna $(touch x)");
    EXPECT_FALSE(seen["new"].get<bool>());
    EXPECT_GT(seen["confidence"].get<double>(), 0.5);
  }
  EXPECT_EQ(named.size(), 2u);
  EXPECT_TRUE(named.contains("Anna $(touch x)"));
  EXPECT_THAT(*ReadFile(Path("rung")), HasSubstr("first word|Anna $(touch x)|gate|20"));
  EXPECT_FALSE(fs::exists("x"));
  EXPECT_EQ(Of(again, "stream", "recorded").size(), 0u);
}

TEST_F(Live, ACaseThatIsBeingWrittenToIsWatchedAllTheSame) {
  Watch({"gate=" + film_, "--no-identify"});
  const auto writing = WriterLock::Take(*Directory::Open(Case()));
  ASSERT_TRUE(writing.ok());
  const auto events = Watch({"gate=" + film_, "--no-identify"});
  EXPECT_THAT(run_.err, HasSubstr("the begin of the watch is not in the case's log: another crossface"));
  EXPECT_THAT(run_.err, HasSubstr("the end of the watch is not in the case's log"));
  EXPECT_FALSE(Of(events, "seen").empty());
  EXPECT_GT(CheckRecordings(), 11);
  // There is no case yet: somebody makes it.
  EXPECT_EQ(testing::RunProgram({"live", film_, "--case", Path("new"), "--no-identify", "--quiet"}).exit_code,
            0);
}

TEST_F(Live, OldRecordingsGoOnceTheyAreIdentifiedAndShowNobodyWithAName) {
  const auto recordings = [this] {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(Path("case/recordings/gate")))
      names.insert(entry.path().filename().string());
    return names;
  };
  // Not identified yet, nothing goes.
  const auto first = Watch({"gate=" + film_, "--no-identify", "--keep", "0"});
  EXPECT_EQ(first.back()["let_go"], 0);
  EXPECT_EQ(recordings().size(), 1u);
  const auto second = Watch({"gate=" + film_, "--keep", "0"});
  EXPECT_EQ(second.back()["let_go"], 2) << run_.out;
  EXPECT_GT(second.back()["let_go_bytes"].get<int64_t>(), 10'000);
  ASSERT_FALSE(Of(second, "let_go").empty());
  EXPECT_EQ(Of(second, "let_go").back()["segments"], 2);
  EXPECT_THAT(recordings(), IsEmpty());
  // What was found stays, and that the films are gone is as it should be.
  const Json list = Json::parse(testing::RunProgram({"people", "list", "--case", Case(), "--json"}).out);
  EXPECT_EQ(list["persons"].size(), 2u);
  const auto verified = testing::RunProgram({"verify", Case()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out + verified.err, HasSubstr("let go"));
  EXPECT_EQ(testing::RunProgram({"locate", scratch_.path().string(), "--case", Case()}).exit_code, 0);
  // Who needs the film is told when it went, and why.
  const std::string gone = CsvColumn(Path("case/sources.csv"), "source");
  const auto redacted =
      testing::RunProgram({"redact", gone, "--all", "--case", Case(), "--out", Path("redacted.mkv")});
  EXPECT_EQ(redacted.exit_code, 1) << redacted.err;
  EXPECT_THAT(redacted.err, HasSubstr("the film was let go on 20"));
  EXPECT_THAT(redacted.err, HasSubstr("live --keep"));

  ASSERT_EQ(testing::RunProgram({"people", "rename", "1", "Anna", "--case", Case()}).exit_code, 0);
  const auto third = Watch({"gate=" + film_, "--keep", "0", "--keep", "0GB"});
  EXPECT_EQ(third.back()["let_go"], 0);
  EXPECT_EQ(Of(third, "let_go").back()["kept_for_people"], 1);
  EXPECT_EQ(recordings().size(), 1u);
  EXPECT_EQ(testing::RunProgram({"verify", Case()}).exit_code, 0);
  for (const char* wrong : {"7x", "GB", "-1", "nan"})
    EXPECT_EQ(testing::RunProgram({"live", film_, "--case", Case(), "--keep", wrong}).exit_code, 2) << wrong;
}

TEST_F(Live, RtspIsWatchedThroughServersThatDie) {
  const std::string address = RtspAddress("viewer:hush%20hush@");
  const Server feed(Feed());
  auto server = std::make_unique<Server>(Rtsp({"viewer", "hush hush"}));
  std::jthread killer([&] {
    for (int kills = 0; kills < 2; ++kills) {
      WaitForRecordings(kills + 1);
      Sleep(5);
      server.reset();
      Sleep(1);
      server = std::make_unique<Server>(Rtsp({"viewer", "hush hush"}));
    }
  });
  Sleep(0.5);
  const auto events = Watch({"gate=" + address, "--for", "30", "--no-identify"});
  killer.join();
  EXPECT_EQ(Of(events, "stream", "connected").size(), 3u) << run_.out;
  EXPECT_EQ(Of(events, "stream", "lost").size(), 2u);
  EXPECT_EQ(Of(events, "stream", "recorded").size(), 3u);
  // The loop shows two people again and again.
  std::set<std::string> people;
  for (const Json& seen : Of(events, "seen"))
    if (seen["person"].is_string()) people.insert(seen["person"]);
  EXPECT_EQ(people, (std::set<std::string>{"new-0001", "new-0002"}));
  EXPECT_GE(Of(events, "seen").size(), 4u);
  std::set<std::string> clocks;
  for (const Json& seen : Of(events, "seen")) clocks.insert(seen["clock"]);
  EXPECT_TRUE(clocks.contains("sender")) << "RTCP tells the time";
  EXPECT_GT(CheckRecordings(), 10);
  EXPECT_TRUE(events.back()["left_to_identify"].get<bool>());
  for (const std::string& text :
       {run_.out, run_.err, *ReadFile(Path("case/recordings.csv")), *ReadFile(Path("case/run.jsonl"))})
    EXPECT_THAT(text, Not(HasSubstr("hush")));
}

TEST_F(Live, AStreamThatStallsIsOpenedAgainAndGoesOn) {
  auto feed = std::make_unique<Server>(Feed());
  const Server server(Rtsp());
  std::jthread staller([&] {
    WaitForRecordings(1);
    Sleep(5);
    feed.reset();  // the server stays, and has nothing to send
    Sleep(30);
    feed = std::make_unique<Server>(Feed());
  });
  Sleep(0.5);
  const auto events = Watch({"gate=" + RtspAddress(), "--for", "65", "--no-identify"});
  staller.join();
  const auto lost = Of(events, "stream", "lost");
  ASSERT_EQ(lost.size(), 1u) << run_.out;
  EXPECT_THAT(lost[0]["message"], HasSubstr("nothing came for 10 s"));
  ASSERT_EQ(Of(events, "stream", "connected").size(), 2u) << run_.out;
  const std::string again = Of(events, "stream", "connected")[1]["time"];
  std::set<std::string> before, after;
  for (const Json& seen : Of(events, "seen"))
    if (seen["person"].is_string()) (seen["time"] < again ? before : after).insert(seen["person"]);
  EXPECT_FALSE(after.empty()) << run_.out;
  for (const std::string& person : after)
    EXPECT_TRUE(before.contains(person)) << person << " is somebody new";
  EXPECT_EQ(Of(events, "stream", "recorded").size(), 2u);
  EXPECT_GT(CheckRecordings(), 8);
}

TEST_F(Live, PicturesThatBecomeLargerShowTheSamePeople) {
  // 640x480, then 1280x720, and so on: as a camera does that is set to something else.
  ASSERT_EQ(testing::RunCommand("ffmpeg -nostdin -v error -i '" + film_ +
                                "' -vf scale=960:720,pad=1280:720:-1:-1 -c:v libx264 -preset ultrafast -g 15 "
                                "-tune zerolatency -f mpegts '" +
                                Path("large.ts") + "' && cat '" + film_ + "' '" + Path("large.ts") + "' > '" +
                                Path("both.ts") + "'"),
            0);
  const Server server(SrtServer(Path("both.ts")));
  Sleep(0.5);
  const auto events = Watch({"gate=" + SrtAddress(), "--for", "20"});
  EXPECT_EQ(Of(events, "stream", "connected").size(), 1u) << run_.out;
  std::map<bool, std::set<std::string>> people;  // by whether the face lies where the small picture has none
  for (const Json& seen : Of(events, "seen"))
    if (seen["person"].is_string())
      people[seen["box"]["x"].get<double>() + seen["box"]["w"].get<double>() > 640].insert(seen["person"]);
  EXPECT_EQ(people[false], (std::set<std::string>{"new-0001", "new-0002"})) << run_.out;
  EXPECT_FALSE(people[true].empty());
  for (const std::string& person : people[true]) EXPECT_TRUE(people[false].contains(person)) << person;
  EXPECT_GT(CheckRecordings(), 12);
  // The scan of the recording finds both sizes' people, and that they are the same.
  const Json list = Json::parse(testing::RunProgram({"people", "list", "--case", Case(), "--json"}).out);
  EXPECT_EQ(list["persons"].size(), 2u);
}

TEST_F(Live, TimeStampsThatWrapAreNoticedByNobody) {
  // 33 bits of a 90 kHz clock are 95443.7 seconds.
  const Server server(SrtServer(film_, {"-output_ts_offset", "95437"}));
  Sleep(0.5);
  const auto events = Watch({"gate=" + SrtAddress(), "--for", "14", "--no-identify"});
  EXPECT_EQ(Of(events, "stream", "connected").size(), 1u) << run_.out;
  EXPECT_EQ(Of(events, "stream", "lost").size(), 0u) << run_.out;
  std::set<std::string> people;
  for (const Json& seen : Of(events, "seen"))
    if (seen["person"].is_string()) people.insert(seen["person"]);
  EXPECT_EQ(people, (std::set<std::string>{"new-0001", "new-0002"}));
  EXPECT_GT(CheckRecordings(), 9);
}

TEST_F(Live, AWrongPasswordIsToldOnce) {
  const Server feed(Feed());
  const Server server(Rtsp({"viewer", "right"}));
  Sleep(0.5);
  const auto events = Watch({RtspAddress("viewer:wrong@"), "--for", "4"}, 3);
  ASSERT_EQ(Of(events, "stream").size(), 1u) << run_.out;
  EXPECT_EQ(Of(events, "stream")[0]["state"], "waiting");
  EXPECT_THAT(Of(events, "stream")[0]["message"], HasSubstr("password is wrong"));
  EXPECT_EQ(events.back()["failed"].size(), 1u);
  EXPECT_THAT(run_.out + run_.err, Not(HasSubstr("viewer")));
}

TEST_F(Live, SrtWithAPassphraseAndASecondStreamBesideIt) {
  const std::string srt = "srt://127.0.0.1:" + std::to_string(port_ + 2) + "?passphrase=hushhushhush";
  const Server server({"ffmpeg", "-nostdin", "-v", "quiet", "-re", "-stream_loop", "-1", "-i", film_, "-c",
                       "copy", "-f", "mpegts", srt + "&mode=listener&pkt_size=1316"});
  Sleep(0.5);
  const auto events = Watch({"srt=" + srt, "file=" + film_, "--for", "9"});
  std::map<std::string, std::set<std::string>> people;
  for (const Json& seen : Of(events, "seen"))
    if (seen["person"].is_string()) people[seen["stream"]].insert(seen["person"]);
  EXPECT_EQ(people["srt"].size(), 2u) << run_.out;
  EXPECT_EQ(people["srt"], people["file"]) << "who goes from one camera to the other is the same";
  EXPECT_GT(CheckRecordings(), 9);
  EXPECT_THAT(run_.out + run_.err + *ReadFile(Path("case/recordings.csv")), Not(HasSubstr("hush")));
  const Json list = Json::parse(testing::RunProgram({"people", "list", "--case", Case(), "--json"}).out);
  EXPECT_EQ(list["persons"].size(), 2u) << "and so says the case";
}

TEST_F(Live, StandardInputAndAStop) {
  const std::string command = "ffmpeg -nostdin -v error -re -i '" + film_ + "' -c copy -f mpegts - | '" +
                              CROSSFACE_PROGRAM_PATH + "' live - --case '" + Case() +
                              "' --json --no-identify >'" + Path("out") + "'";
  EXPECT_EQ(testing::RunCommand(command), 0);
  EXPECT_EQ(Of(Events(*ReadFile(Path("out"))), "stream", "ended").size(), 1u);
  EXPECT_GT(CheckRecordings(), 5.5);

  const auto stopped = testing::RunProgramAndStop(
      {"live", "rtsp://127.0.0.1:9/none", "file=" + film_, "--case", Case(), "--json"}, [&] {
        return fs::exists(Path("case/recordings/file")) && !fs::is_empty(Path("case/recordings/file"));
      });
  EXPECT_EQ(stopped.exit_code, 3) << "one stream never came";
  EXPECT_EQ(Events(stopped.out).back()["event"], "end");
  CheckRecordings();
}

}  // namespace
}  // namespace crossface
