// live on real servers, which the tests start, kill and start again: RTSP and SRT.
#include <map>

#include "crossface/cli/live_watch_for_test.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

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

}  // namespace
}  // namespace crossface
