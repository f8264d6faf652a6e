#include "crossface/live/live_tracks.h"

#include <gtest/gtest.h>

#include <set>

#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/fake_reader.h"

namespace crossface {
namespace {

using testing::DrawnFilm;

class LiveTracksTest : public ::testing::Test {
 protected:
  LiveTracksTest() : models_(testing::FakeModels()), memory_(*PersonMemory::Of(models_.embedders)) {}

  void Play(const DrawnFilm& film, const LiveTracksOptions& options = {}, int times = 1) {
    LiveTracks tracks(
        "gate", models_, *memory_, next_track_,
        [](const LivePerson& person) { return person.name == "new-0002"; },
        [this](LiveEvent event) { Take(std::move(event)); }, options);
    int64_t shot = 0, begin_us = 0;
    for (int time = 0; time < times; ++time) {
      testing::FakeReader reader(film);
      FrameSelector selector({}, shot);
      const auto push = [&](std::vector<KeptFrame> frames) {
        for (KeptFrame& kept : frames) {
          kept.frame.time_us += begin_us;
          ASSERT_TRUE(tracks
                          .Push({.kept = std::make_shared<const KeptFrame>(kept),
                                 .wall_us = 1'800'000'000'000'000 + kept.frame.time_us,
                                 .arrived = std::chrono::steady_clock::now()})
                          .ok());
        }
      };
      while (const auto frame = *reader.Next()) push(*selector.Push(*frame));
      push(selector.Finish());
      shot = selector.shot() + 1;
      begin_us += 1'000'000'000;
    }
    ASSERT_TRUE(tracks.Push({}).ok());
    EXPECT_EQ(tracks.open_tracks(), 0);
  }
  void Take(LiveEvent event) {
    if (auto* const seen = std::get_if<SeenEvent>(&event)) seen_.push_back(*seen);
    if (auto* const lost = std::get_if<LostEvent>(&event)) lost_.push_back(*lost);
  }
  static std::set<std::string> Names(const auto& events) {
    std::set<std::string> names;
    for (const auto& event : events) names.insert(event.person.name);
    return names;
  }

  ScanModels models_;
  std::unique_ptr<PersonMemory> memory_;
  std::atomic<int64_t> next_track_ = 1;
  std::vector<SeenEvent> seen_;
  std::vector<LostEvent> lost_;
};

// Two people in one shot, then one of them and somebody else.
DrawnFilm TwoShots() {
  return {
      .shots = {{.frames = 20,
                 .faces = {{.person = 0, .at = {30, 60}, .step = {1, 0}}, {.person = 1, .at = {200, 60}}}},
                {.frames = 20,
                 .faces = {{.person = 1, .at = {60, 80}, .step = {1, 0}}, {.person = 2, .at = {220, 60}}}}}};
}

TEST_F(LiveTracksTest, TellsWhoComesAndGoesWhileItIsSo) {
  Play(TwoShots());
  EXPECT_EQ(Names(seen_), (std::set<std::string>{"new-0001", "new-0002", "new-0003"}));
  ASSERT_EQ(seen_.size(), 4u) << "each track once: nothing changed about it";
  for (const SeenEvent& seen : seen_) {
    EXPECT_TRUE(seen.opened);
    EXPECT_EQ(seen.watched, seen.person.name == "new-0002");
    EXPECT_GT(seen.box.width, 20);
  }
  // Told within a second of stream time, though shots last two.
  EXPECT_LE(seen_[0].time_us, 1'800'000'000'000'000 + 1'000'000);
  ASSERT_EQ(lost_.size(), 4u);
  for (const LostEvent& lost : lost_) {
    EXPECT_GE(lost.time_us - lost.since_us, 1'500'000);
    EXPECT_GE(lost.faces, 8);
  }
}

TEST_F(LiveTracksTest, TheSamePeopleAreTheSamePersonsInTheSecondLoop) {
  Play(TwoShots(), {}, 2);
  EXPECT_EQ(seen_.size(), 8u);
  EXPECT_EQ(Names(seen_), (std::set<std::string>{"new-0001", "new-0002", "new-0003"}));
  EXPECT_EQ(memory_->people_seen(), 3);
  std::set<int64_t> opened, closed;
  for (const SeenEvent& seen : seen_) opened.insert(seen.track);
  for (const LostEvent& lost : lost_) EXPECT_TRUE(closed.insert(lost.track).second);
  EXPECT_EQ(opened, closed);
}

TEST_F(LiveTracksTest, WhoSitsThereForLongIsCutIntoTracksOfOnePerson) {
  Play({.shots = {{.frames = 180, .faces = {{.person = 3, .at = {30, 60}, .step = {0.3f, 0}}}}}},
       {.longest_track_us = 4'000'000});
  EXPECT_EQ(Names(seen_), std::set<std::string>{"new-0001"});
  ASSERT_GE(lost_.size(), 4u);
  for (size_t i = 0; i + 1 < lost_.size(); ++i) {
    EXPECT_TRUE(lost_[i].goes_on);
    EXPECT_LE(lost_[i].time_us - lost_[i].since_us, 4'500'000);
    EXPECT_EQ(lost_[i].person.name, "new-0001");
  }
  EXPECT_FALSE(lost_.back().goes_on);
  EXPECT_EQ(Names(lost_), std::set<std::string>{"new-0001"});
}

}  // namespace
}  // namespace crossface
