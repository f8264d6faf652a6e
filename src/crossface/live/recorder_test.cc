#include "crossface/live/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "crossface/live/file_input_for_test.h"
#include "crossface/util/csv.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int64_t kNow = 1'800'000'000'000'000;

class RecorderTest : public ::testing::Test {
 protected:
  fs::path Folder() const { return scratch_.path() / "case"; }
  void SetUp() override {
    fs::create_directories(Folder());
    film_ = testing::MakeTransportStream(scratch_.path(), 5);
  }
  std::unique_ptr<Recorder> Open(const RecorderOptions& options) {
    auto recorder =
        std::make_unique<Recorder>(*Directory::Open(Folder()), "gate", "rtsp://cam/1", options,
                                   [this](StreamEvent event) { told_.push_back(std::move(event)); });
    EXPECT_TRUE(recorder->Open().ok());
    return recorder;
  }
  // Plays the film from `begin_us` of the wall on.
  void Play(Recorder* recorder, int64_t begin_us, const std::function<void(int64_t)>& after = {}) {
    testing::FileInput input(film_, {});
    LibavPtr<AVPacket> packet(av_packet_alloc());
    LiveClock::Time time;
    for (int64_t number = 0; *input.Read(packet.get()); ++number) {
      if (packet->stream_index == input.pictures().index)
        time = clock_.Tell(av_rescale_q(packet->dts, input.pictures().time_base, {1, 1'000'000}),
                           begin_us + number * 20'000, {});
      recorder->Take(*packet, time, input.format(), input.pictures().index);
      av_packet_unref(packet.get());
      if (after) after(number);
    }
  }
  std::vector<fs::path> Segments() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(Folder() / "recordings/gate"))
      found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  CsvTable List() const { return *ParseCsv(*ReadFile(Folder() / "recordings.csv")); }

  testing::ScratchFolder scratch_;
  fs::path film_;
  LiveClock clock_;
  std::vector<StreamEvent> told_;
};

TEST_F(RecorderTest, KeepsEveryPacketAsItCameInSegmentsThatAreWhole) {
  auto recorder = Open({.segment_us = 2'000'000});
  Play(recorder.get(), kNow);
  recorder->EndSegment("stopped");
  const std::vector<fs::path> segments = Segments();
  ASSERT_EQ(segments.size(), 3u);
  std::vector<std::string> packets;
  for (const fs::path& segment : segments) {
    const testing::FileContent content = testing::ReadContent(segment);
    EXPECT_EQ(content.decoded, static_cast<int64_t>(content.packets.size())) << segment;
    packets.insert(packets.end(), content.packets.begin(), content.packets.end());
  }
  const testing::FileContent original = testing::ReadContent(film_);
  ASSERT_EQ(packets.size(), original.packets.size());
  EXPECT_EQ(packets.size(), 125u);
  // Matroska states lengths where a transport stream has start codes: the pictures' own bytes are the same.
  for (size_t i = 0; i < packets.size(); ++i) {
    EXPECT_EQ(packets[i].substr(packets[i].size() - 60),
              original.packets[i].substr(original.packets[i].size() - 60));
  }

  const CsvTable list = List();
  ASSERT_EQ(list.rows.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const auto& row = list.rows[i];
    EXPECT_EQ(row[list.Column("file")], "recordings/gate/" + segments[i].filename().string());
    EXPECT_EQ(row[list.Column("sha256")], *Sha256OfFile(segments[i]));
    EXPECT_EQ(row[list.Column("clock")], "arrival");
    EXPECT_EQ(row[list.Column("ended")], i < 2 ? "full" : "stopped");
  }
  EXPECT_EQ(list.rows[0][list.Column("begin")].substr(0, 19), "2027-01-15T08:00:00");
  EXPECT_EQ(told_.size(), 3u);
  EXPECT_EQ(told_[2].sha256, *Sha256OfFile(segments[2]));
}

TEST_F(RecorderTest, AGapIsTold) {
  auto recorder = Open({});
  Play(recorder.get(), kNow);
  recorder->EndSegment("connection lost");
  clock_.Reconnect();
  Play(recorder.get(), kNow + 3'600'000'000);
  recorder.reset();
  const CsvTable list = List();
  ASSERT_EQ(list.rows.size(), 2u);
  EXPECT_EQ(list.rows[0][list.Column("gap_ms")], "");
  EXPECT_NEAR(std::stod(list.rows[1][list.Column("gap_ms")]), 3'600'000 - 5'000, 1'500);
  EXPECT_EQ(list.rows[0][list.Column("ended")], "connection lost");
}

TEST_F(RecorderTest, WhatAKillLeavesIsReadUpToItsLastSecondAndGetsItsName) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto recorder = Open({.segment_us = 1'400'000});
    Play(recorder.get(), kNow, [](int64_t number) {
      if (number == 280) ::raise(SIGKILL);
    });
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(List().rows.size(), 2u) << "two were complete";
  Open({});
  const std::vector<fs::path> segments = Segments();
  ASSERT_EQ(segments.size(), 3u);
  const testing::FileContent rest = testing::ReadContent(segments[2]);
  EXPECT_EQ(rest.decoded, static_cast<int64_t>(rest.packets.size()));
  EXPECT_GE(rest.packets.size(), 5u);
  const CsvTable list = List();
  ASSERT_EQ(list.rows.size(), 3u);
  EXPECT_EQ(list.rows[2][list.Column("ended")], "cut off");
  EXPECT_EQ(list.rows[2][list.Column("sha256")], *Sha256OfFile(segments[2]));
}

TEST_F(RecorderTest, WhatSomebodyElseIsWritingIsLeftAlone) {
  auto recorder = Open({});
  Play(recorder.get(), kNow, [&](int64_t number) {
    if (number != 100) return;
    Open({});
    EXPECT_EQ(Segments().front().filename().string().front(), '.');
  });
  recorder->EndSegment("stopped");
  EXPECT_EQ(testing::ReadContent(Segments().front()).packets.size(), 125u);
}

TEST_F(RecorderTest, ADiskThatIsFullStopsRecordingAndIsToldOnce) {
  auto recorder = Open({.spare_bytes = INT64_MAX, .try_again_us = 1'000'000});
  Play(recorder.get(), kNow);
  EXPECT_TRUE(Segments().empty());
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_THAT(told_[0].message, HasSubstr("watching goes on"));
}

TEST_F(RecorderTest, AWriteThatFailsEndsTheSegmentAndLeavesItWhole) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{60'000, 60'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto recorder = Open({.segment_us = 60'000'000, .try_again_us = 1'500'000});
    Play(recorder.get(), kNow);
    recorder.reset();
    const auto notes = std::count_if(told_.begin(), told_.end(), [](const StreamEvent& event) {
      return event.state == StreamEvent::State::kNote;
    });
    ::_exit(static_cast<int>(notes));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1) << "told once, though it was tried again";
  const CsvTable list = List();
  EXPECT_GE(list.rows.size(), 2u) << "it was tried again";
  EXPECT_EQ(list.rows[0][list.Column("ended")], "could not be written");
  for (const fs::path& segment : Segments()) {
    EXPECT_LE(fs::file_size(segment), 60'000u);
    EXPECT_GE(testing::ReadContent(segment).decoded, 5) << segment;
  }
}

TEST_F(RecorderTest, NothingIsWrittenOutsideOfTheCase) {
  fs::create_directories(scratch_.path() / "elsewhere");
  fs::create_symlink(scratch_.path() / "elsewhere", Folder() / "recordings");
  Recorder recorder(*Directory::Open(Folder()), "gate", "x", {}, [](const StreamEvent&) {});
  EXPECT_FALSE(recorder.Open().ok());
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "elsewhere"));
}

}  // namespace
}  // namespace crossface
