// live on files and on standard input: events, recordings, the case, and what goes when.
#include <fstream>

#include "crossface/cli/live_watch_for_test.h"
#include "crossface/gallery/writer_lock.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::json;

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
