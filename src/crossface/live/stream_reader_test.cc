#include "crossface/live/stream_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "crossface/live/file_input_for_test.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using State = StreamEvent::State;
using ::testing::ElementsAre;

class StreamReaderTest : public ::testing::Test {
 protected:
  void SetUp() override { film_ = testing::MakeTransportStream(scratch_.path(), 4); }

  using Opener = std::function<Result<std::unique_ptr<LiveInput>>(int connection)>;
  Result<std::unique_ptr<LiveInput>> Film(testing::FileInputBends bends = {}) const {
    return std::unique_ptr<LiveInput>(std::make_unique<testing::FileInput>(film_, std::move(bends)));
  }
  // Until the opener asks to stop.
  void Run(const Opener& open, Recorder* recorder = nullptr,
           const std::function<int64_t()>& wall_now = WallNow) {
    int connection = 0;
    StreamReader reader(
        *ParseLiveAddress("rtsp://user:secret@cam/1"),
        [&](const std::stop_token&) { return open(connection++); }, recorder,
        [this](StreamEvent event) { told_.push_back(std::move(event)); },
        [this](StreamReader::ChosenFrame frame) { frames_.push_back(std::move(frame)); },
        {.first_pause = std::chrono::milliseconds(1),
         .longest_pause = std::chrono::milliseconds(3),
         .wall_now = wall_now});
    EXPECT_TRUE(reader.Run(stop_.get_token()).ok());
    counts_ = reader.counts();
  }
  Result<std::unique_ptr<LiveInput>> Stop() {
    stop_.request_stop();
    return Status(StatusCode::kInterrupted, "stopped");
  }
  std::vector<State> States() const {
    std::vector<State> states;
    for (const StreamEvent& event : told_) states.push_back(event.state);
    return states;
  }
  void ExpectTimesToRise() const {
    for (size_t i = 1; i < frames_.size(); ++i) {
      EXPECT_GT(frames_[i].kept.frame.time_us, frames_[i - 1].kept.frame.time_us);
      EXPECT_GE(frames_[i].kept.shot, frames_[i - 1].kept.shot);
      EXPECT_GE(frames_[i].kept.pace_us + 1, frames_[i - 1].kept.pace_us);
    }
  }

  testing::ScratchFolder scratch_;
  fs::path film_;
  std::stop_source stop_;
  std::vector<StreamEvent> told_;
  std::vector<StreamReader::ChosenFrame> frames_;
  StreamReader::Counts counts_;
};

TEST_F(StreamReaderTest, AStreamThatBreaksTwentyTimesGoesOn) {
  Run([&](int connection) { return connection < 20 ? Film({.fail_after = 60 + connection}) : Stop(); });
  EXPECT_EQ(counts_.connections, 20);
  EXPECT_GT(counts_.frames, 20 * 20);
  ASSERT_EQ(told_.size(), 40u);
  for (size_t i = 0; i < told_.size(); ++i)
    EXPECT_EQ(told_[i].state, i % 2 == 0 ? State::kConnected : State::kLost);
  EXPECT_EQ(told_[0].width, 320);
  ExpectTimesToRise();
}

TEST_F(StreamReaderTest, WhatGoesOnBeingWrongIsToldOnce) {
  const auto wrong = [](StatusCode code) {
    return Result<std::unique_ptr<LiveInput>>(
        Status(code, code == StatusCode::kIo ? "nobody answers" : "wrong password"));
  };
  Run([&](int connection) {
    if (connection < 10) return wrong(StatusCode::kIo);
    if (connection < 20) return wrong(StatusCode::kPermissionDenied);
    return connection < 21 ? Film() : connection < 30 ? wrong(StatusCode::kIo) : Stop();
  });
  EXPECT_THAT(States(), ElementsAre(State::kWaiting, State::kWaiting, State::kConnected, State::kLost,
                                    State::kWaiting));
  EXPECT_EQ(told_[0].message, "nobody answers");
  EXPECT_EQ(told_[1].message, "wrong password");
  for (const StreamEvent& event : told_) EXPECT_EQ(event.message.find("secret"), std::string::npos);
}

TEST_F(StreamReaderTest, StampsThatJumpWrapOrAreMissingDoNoHarm) {
  fs::create_directories(scratch_.path() / "case");
  Recorder recorder(*Directory::Open(scratch_.path() / "case"), "gate", "x", {},
                    [this](StreamEvent event) { told_.push_back(std::move(event)); });
  ASSERT_TRUE(recorder.Open().ok());
  const auto shift = [](AVPacket* packet, int64_t seconds) {
    packet->pts += seconds * 90'000;
    packet->dts += seconds * 90'000;
  };
  Run(
      [&](int connection) -> Result<std::unique_ptr<LiveInput>> {
        if (connection > 0) return Stop();
        return Film({.bend = [&](int64_t number, AVPacket* packet) {
          if (number < 80) shift(packet, 95'000);                    // then the camera starts anew
          if (number >= 150 && number < 220) shift(packet, 30'000);  // ahead, and back
          if (number >= 260) packet->pts = packet->dts = AV_NOPTS_VALUE;
        }});
      },
      &recorder);
  ExpectTimesToRise();
  EXPECT_EQ(counts_.frames, 100);
  ASSERT_GT(frames_.size(), 10u);
  // As much as has passed, although the stamps were a day away.
  EXPECT_LT(frames_.back().kept.frame.time_us, 60'000'000);
  int64_t packets = 0, segments = 0;
  for (const auto& entry : fs::directory_iterator(scratch_.path() / "case/recordings/gate")) {
    const testing::FileContent content = testing::ReadContent(entry.path());
    EXPECT_EQ(content.decoded, static_cast<int64_t>(content.packets.size())) << entry.path();
    packets += static_cast<int64_t>(content.packets.size());
    ++segments;
  }
  EXPECT_GE(segments, 3);
  // After a jump recording goes on with the next key frame, at most half a second later.
  EXPECT_GE(packets, 100 - 4 * 12);
}

// As a computer does that learns the time after its start, or is told a wrong one.
TEST_F(StreamReaderTest, AClockThatIsSetMakesNothingLateAndIsFollowed) {
  constexpr int64_t kHour = 3'600'000'000;
  for (const int64_t set : {2 * kHour, -2 * kHour}) {
    frames_.clear();
    stop_ = std::stop_source();
    int asked = 0;
    const auto begun = WallNow();
    Run([&](int connection) { return connection == 0 ? Film() : Stop(); }, nullptr,
        [&] { return WallNow() + (++asked > 50 ? set : 0); });
    EXPECT_EQ(counts_.frames, 100) << "only key frames are decoded of what is late";
    EXPECT_EQ(counts_.skipped, 0);
    ExpectTimesToRise();
    ASSERT_GT(frames_.size(), 4u);
    EXPECT_LT(frames_.back().kept.frame.time_us, 60'000'000) << "no hour has passed";
    EXPECT_NEAR(static_cast<double>(frames_.front().wall_us), static_cast<double>(begun), 60e6);
    EXPECT_NEAR(static_cast<double>(frames_.back().wall_us), static_cast<double>(begun + set), 60e6);
  }
}

TEST_F(StreamReaderTest, AFirstPacketWithoutStampIsRecordedToo) {
  fs::create_directories(scratch_.path() / "case");
  Recorder recorder(*Directory::Open(scratch_.path() / "case"), "gate", "x", {},
                    [this](StreamEvent event) { told_.push_back(std::move(event)); });
  ASSERT_TRUE(recorder.Open().ok());
  Run(
      [&](int connection) -> Result<std::unique_ptr<LiveInput>> {
        if (connection > 2) return Stop();
        // As cameras do that are asked in the middle of a stream.
        return Film({.bend = [](int64_t number, AVPacket* packet) {
          if (number < 3) packet->pts = packet->dts = AV_NOPTS_VALUE;
        }});
      },
      &recorder);
  ExpectTimesToRise();
  int segments = 0;
  for (const auto& entry : fs::directory_iterator(scratch_.path() / "case/recordings/gate")) {
    const testing::FileContent content = testing::ReadContent(entry.path());
    EXPECT_EQ(content.packets.size(), 100u);
    EXPECT_EQ(content.decoded, 100);
    ++segments;
  }
  EXPECT_EQ(segments, 3);
}

TEST_F(StreamReaderTest, AFilmOnAServerIsPlayedOnce) {
  StreamReader reader(
      *ParseLiveAddress("http://server/film.m3u8"), [&](const std::stop_token&) { return Film(); }, nullptr,
      [this](StreamEvent event) { told_.push_back(std::move(event)); },
      [](const StreamReader::ChosenFrame&) {});
  EXPECT_TRUE(reader.Run(stop_.get_token()).ok());
  EXPECT_THAT(States(), ElementsAre(State::kConnected, State::kEnded));
}

TEST_F(StreamReaderTest, PicturesThatChangeInMidStreamAreRecordedAndAnotherShot) {
  fs::create_directories(scratch_.path() / "case");
  Recorder recorder(*Directory::Open(scratch_.path() / "case"), "gate", "x", {}, [](const StreamEvent&) {});
  ASSERT_TRUE(recorder.Open().ok());
  const fs::path larger = testing::MakeTransportStream(scratch_.path(), 2, "640x480");
  ASSERT_EQ(testing::RunCommand("cat '" + larger.string() + "' >> '" + film_.string() + "'"), 0);
  Run([&](int connection) { return connection == 0 ? Film() : Stop(); }, &recorder);
  EXPECT_EQ(counts_.frames, 150);
  std::map<int, std::set<int64_t>> shots;  // by the picture's width
  for (const auto& frame : frames_) shots[frame.kept.frame.picture->Bgr()->cols].insert(frame.kept.shot);
  ASSERT_EQ(shots.size(), 2u);
  EXPECT_LT(*shots[320].rbegin(), *shots[640].begin());
  ExpectTimesToRise();
  int64_t decoded = 0;
  for (const auto& entry : fs::directory_iterator(scratch_.path() / "case/recordings/gate"))
    decoded += testing::ReadContent(entry.path()).decoded;
  EXPECT_EQ(decoded, 150);
}

TEST_F(StreamReaderTest, AnotherConnectionMayShowAnotherPictureSize) {
  const fs::path larger = testing::MakeTransportStream(scratch_.path(), 2, "640x480");
  Run([&](int connection) -> Result<std::unique_ptr<LiveInput>> {
    if (connection == 0) return Film();
    if (connection > 1) return Stop();
    return std::unique_ptr<LiveInput>(
        std::make_unique<testing::FileInput>(larger, testing::FileInputBends{}));
  });
  std::map<int, std::set<int64_t>> shots;  // by the picture's width
  for (const auto& frame : frames_) shots[frame.kept.frame.picture->Bgr()->cols].insert(frame.kept.shot);
  ASSERT_EQ(shots.size(), 2u);
  EXPECT_LT(*shots[320].rbegin(), *shots[640].begin());
  ExpectTimesToRise();
}

}  // namespace
}  // namespace crossface
