#include "crossface/track/tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kFrameUs = 200'000;

Detection FaceAt(double x, double y, double size = 100) {
  Detection face;
  face.box = cv::Rect2f(static_cast<float>(x - size / 2), static_cast<float>(y - size / 2),
                        static_cast<float>(size), static_cast<float>(size));
  face.score = 0.9f;
  return face;
}

// Looks of made-up people: two of them are .86 to .87 alike (what two people of one frame reach in a tenth of
// the cases) and one person's frames are .95 to 1 alike.
std::vector<float> LookOf(int person, cv::RNG* random = nullptr) {
  std::vector<float> look(40, 0.f);
  for (int i = 0; i < 10; ++i) look[i] = 0.295f;
  look[10 + person] = std::sqrt(1 - 10 * 0.295f * 0.295f);
  if (random != nullptr) {
    double norm = 0;
    for (float& value : look) {
      value = std::max(0.f, value + static_cast<float>(random->gaussian(0.025)));
      norm += static_cast<double>(value) * value;
    }
    for (float& value : look) value /= static_cast<float>(std::sqrt(norm));
  }
  return look;
}

struct Seen {
  int person;
  Detection face;
};

// Feeds a tracker frame by frame and remembers who is in which track.
class Scene {
 public:
  std::vector<int64_t> Frame(const std::vector<Seen>& seen, int64_t after_us = kFrameUs, int64_t shot = 0) {
    time_us_ += after_us;
    std::vector<Detection> faces;
    std::vector<std::vector<float>> looks;
    for (const Seen& one : seen) {
      faces.push_back(one.face);
      looks.push_back(LookOf(one.person, &random_));
    }
    const Tracker::Step step = tracker_.Push(shot, time_us_, faces, looks);
    EXPECT_EQ(step.track_of.size(), seen.size());
    EXPECT_EQ(std::set<int64_t>(step.track_of.begin(), step.track_of.end()).size(), seen.size());
    EXPECT_TRUE(std::is_sorted(step.ended.begin(), step.ended.end()));
    for (int64_t track : step.track_of)
      EXPECT_FALSE(ended_.contains(track)) << "a track went on after its end";
    for (int64_t track : step.ended) EXPECT_TRUE(ended_.insert(track).second) << "a track ended twice";
    for (size_t i = 0; i < seen.size(); ++i) {
      people_of_[step.track_of[i]].insert(seen[i].person);
      tracks_of_[seen[i].person].insert(step.track_of[i]);
    }
    return step.track_of;
  }

  bool Pure() const {
    return std::all_of(people_of_.begin(), people_of_.end(),
                       [](const auto& track) { return track.second.size() == 1; });
  }
  size_t TracksOf(int person) { return tracks_of_[person].size(); }
  const std::set<int64_t>& ended() const { return ended_; }
  Tracker& tracker() { return tracker_; }

 private:
  Tracker tracker_;
  cv::RNG random_{99};
  int64_t time_us_ = 0;
  std::map<int64_t, std::set<int>> people_of_;
  std::map<int, std::set<int64_t>> tracks_of_;
  std::set<int64_t> ended_;
};

TEST(Tracker, FollowsSomebodyWhoWalksAcrossThePicture) {
  Scene scene;
  // 1.4 face sizes in 0.2 s: no two boxes overlap.
  for (int i = 0; i < 8; ++i) EXPECT_THAT(scene.Frame({{0, FaceAt(100 + 140 * i, 200)}}), ElementsAre(0));
}

TEST(Tracker, PeopleSideBySideKeepTheirTracks) {
  Scene scene;
  for (int i = 0; i < 10; ++i) {
    const double sway = 15 * std::sin(i * 1.3);
    scene.Frame({{1, FaceAt(200 + sway, 200)}, {0, FaceAt(310 - sway, 200)}, {2, FaceAt(430, 210 + sway)}});
  }
  EXPECT_TRUE(scene.Pure());
  for (int person : {0, 1, 2}) EXPECT_EQ(scene.TracksOf(person), 1u);
}

TEST(Tracker, PeopleWhoCrossNeverSwap) {
  for (double speed : {15.0, 30.0, 60.0}) {
    Scene scene;
    for (int i = 0; i <= 600 / speed; ++i) {
      const Detection right = FaceAt(100 + speed * i, 200), left = FaceAt(700 - speed * i, 215);
      // In the middle the one in front hides the other.
      if (std::abs(right.box.x - left.box.x) < 50) {
        scene.Frame({{0, right}});
      } else {
        scene.Frame({{1, left}, {0, right}});
      }
    }
    EXPECT_TRUE(scene.Pure()) << speed;
    EXPECT_LE(scene.TracksOf(0) + scene.TracksOf(1), 4u) << speed;
  }
}

TEST(Tracker, PeopleWhoLookAlikeGetNewTracksRatherThanASwap) {
  Tracker tracker;
  const std::vector<std::vector<float>> same{LookOf(0), LookOf(0)};
  const std::vector<Detection> apart{FaceAt(100, 200), FaceAt(300, 200)};
  const std::vector<Detection> close{FaceAt(195, 200), FaceAt(205, 200)};
  const Tracker::Step first = tracker.Push(0, 0, apart, same);
  EXPECT_THAT(first.track_of, ElementsAre(0, 1));
  // Either may have gone left or right.
  const Tracker::Step second = tracker.Push(0, kFrameUs, close, same);
  EXPECT_THAT(second.track_of, ElementsAre(2, 3));
  EXPECT_THAT(second.ended, ElementsAre(0, 1));
}

TEST(Tracker, ANewPersonInTheSamePlaceIsANewTrack) {
  for (int64_t gap_us : {kFrameUs / 5, kFrameUs, 3 * kFrameUs}) {
    Scene scene;
    for (int i = 0; i < 5; ++i) scene.Frame({{0, FaceAt(300, 200)}});
    scene.Frame({{1, FaceAt(300, 200)}}, gap_us);
    for (int i = 0; i < 5; ++i) scene.Frame({{1, FaceAt(300, 200)}});
    EXPECT_TRUE(scene.Pure()) << gap_us;
    EXPECT_EQ(scene.TracksOf(0) + scene.TracksOf(1), 2u) << gap_us;
  }
}

TEST(Tracker, BridgesGapsUpToASecondAndNoLonger) {
  for (const auto& [gap_us, tracks] :
       {std::pair<int64_t, size_t>{900'000, 1}, {1'000'000, 1}, {1'200'000, 2}}) {
    Scene scene;
    for (int i = 0; i < 4; ++i) scene.Frame({{0, FaceAt(300, 200)}});
    for (int64_t time = kFrameUs; time < gap_us; time += kFrameUs) scene.Frame({});
    scene.Frame({{0, FaceAt(310, 205)}}, gap_us - (gap_us - 1) / kFrameUs * kFrameUs);
    EXPECT_EQ(scene.TracksOf(0), tracks) << gap_us;
  }
}

TEST(Tracker, InAStillStretchOneFrameWithoutTheFaceIsBridged) {
  Scene scene;
  for (int i = 0; i < 3; ++i) scene.Frame({{0, FaceAt(300, 200)}}, 1'000'000);
  scene.Frame({}, 1'000'000);
  scene.Frame({{0, FaceAt(300, 200)}}, 1'000'000);
  EXPECT_EQ(scene.TracksOf(0), 1u);
  scene.Frame({}, 1'000'000);
  scene.Frame({}, 1'000'000);
  scene.Frame({{0, FaceAt(300, 200)}}, 1'000'000);
  EXPECT_EQ(scene.TracksOf(0), 2u);
}

TEST(Tracker, ACutEndsEveryTrack) {
  Scene scene;
  EXPECT_THAT(scene.Frame({{0, FaceAt(100, 200)}, {1, FaceAt(400, 200)}}), ElementsAre(0, 1));
  EXPECT_THAT(scene.Frame({{0, FaceAt(100, 200)}}, kFrameUs, 1), ElementsAre(2));
  EXPECT_THAT(scene.ended(), ElementsAre(0, 1));
  EXPECT_EQ(scene.tracker().open_tracks(), 1);
  EXPECT_THAT(scene.tracker().Finish(), ElementsAre(2));
  EXPECT_THAT(scene.tracker().Finish(), IsEmpty());
}

TEST(Tracker, AFaceThatGrewTwofoldAtOnceIsAnother) {
  Scene scene;
  scene.Frame({{0, FaceAt(300, 200, 60)}});
  scene.Frame({{0, FaceAt(300, 200, 130)}});
  EXPECT_EQ(scene.TracksOf(0), 2u);
}

TEST(Tracker, GoesOnWithTheNumbersOfAnInterruptedScan) {
  Tracker tracker;
  tracker.set_next_track(17);
  const std::vector<Detection> faces{FaceAt(100, 200), FaceAt(400, 200)};
  const std::vector<std::vector<float>> looks{LookOf(0), LookOf(1)};
  EXPECT_THAT(tracker.Push(3, 0, faces, looks).track_of, ElementsAre(17, 18));
  EXPECT_EQ(tracker.next_track(), 19);
  EXPECT_THROW(tracker.set_next_track(5), std::logic_error);
}

TEST(Tracker, RefusesWhatMakesNoSense) {
  Tracker tracker;
  const std::vector<Detection> faces{FaceAt(100, 200)};
  const std::vector<std::vector<float>> looks{LookOf(0)};
  EXPECT_THROW(tracker.Push(0, 0, faces, {}), std::logic_error);
  tracker.Push(0, kFrameUs, faces, looks);
  EXPECT_THROW(tracker.Push(0, 0, faces, looks), std::logic_error);
  // Two frames with one time stamp do occur.
  EXPECT_THAT(tracker.Push(0, kFrameUs, faces, looks).track_of, ElementsAre(0));
}

// People wander about, meet, hide each other and leave the picture; their faces are missed now and then.
void WalkAbout(int people, double speed, double dropout, uint64_t seed, Scene* scene) {
  struct Walker {
    cv::Point2d place, velocity;
    double size;
  };
  cv::RNG random(seed);
  std::vector<Walker> walkers;
  for (int i = 0; i < people; ++i) {
    walkers.push_back({{random.uniform(50.0, 750.0), random.uniform(50.0, 400.0)},
                       {random.gaussian(speed), random.gaussian(speed / 2)},
                       random.uniform(50.0, 90.0)});
  }
  for (int frame = 0; frame < 40; ++frame) {
    std::vector<Seen> seen;
    for (int i = 0; i < people; ++i) {
      Walker& walker = walkers[i];
      walker.velocity += cv::Point2d(random.gaussian(speed / 4), random.gaussian(speed / 8));
      walker.velocity *= std::min(1.0, 2 * speed / std::max(1e-3, cv::norm(walker.velocity)));
      walker.place += walker.velocity;
      if (walker.place.x < 0 || walker.place.x > 800) walker.velocity.x *= -1;
      if (walker.place.y < 0 || walker.place.y > 450) walker.velocity.y *= -1;
      const bool hidden = std::any_of(walkers.begin(), walkers.begin() + i, [&](const Walker& front) {
        return cv::norm(front.place - walker.place) < front.size * .6;
      });
      if (hidden || random.uniform(0.0, 1.0) < dropout) continue;
      seen.push_back({i, FaceAt(walker.place.x + random.gaussian(2), walker.place.y + random.gaussian(2),
                                walker.size * (1 + random.gaussian(.03)))});
    }
    if (!seen.empty()) std::rotate(seen.begin(), seen.begin() + frame % seen.size(), seen.end());
    scene->Frame(seen);
  }
}

RC_GTEST_PROP(Tracker, RandomWalksGiveTracksOfOnePersonEach, ()) {
  const int people = *rc::gen::inRange(1, 8);
  // People who run a face's width between frames and are lost in a third of them can be exchanged.
  const double speed = *rc::gen::element(5.0, 20.0, 50.0);
  const double dropout = speed < 50 ? *rc::gen::element(0.0, 0.1, 0.3) : *rc::gen::element(0.0, 0.1);
  Scene scene;
  WalkAbout(people, speed, dropout, *rc::gen::inRange<uint64_t>(1, 1 << 30), &scene);
  RC_ASSERT(scene.Pure());
}

TEST(Tracker, RandomWalksRarelyBreakTracks) {
  size_t tracks = 0, people = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Scene scene;
    WalkAbout(4, 12, .1, seed, &scene);
    EXPECT_TRUE(scene.Pure()) << seed;
    for (int person = 0; person < 4; ++person) tracks += scene.TracksOf(person);
    people += 4;
  }
  RecordProperty("tracks_of_200_people", static_cast<int>(tracks));
  EXPECT_LE(tracks, people * 13 / 10);
}

}  // namespace
}  // namespace crossface
