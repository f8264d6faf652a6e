// Scans of one drawn film by fake models: shots, tracks, stops and failures, without footage and networks.
#include "crossface/testing/drawn_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "crossface/scan/source_scanner.h"
#include "crossface/testing/fake_reader.h"

namespace crossface {
namespace {

using testing::DrawnFilm;
using testing::FakeReader;

// The same two people in the same places through all shots; one walks.
DrawnFilm Shots(int count) {
  const std::vector<testing::DrawnFace> faces = {{.person = 0, .at = {40, 60}, .step = {2, 0}},
                                                 {.person = 1, .at = {220, 100}}};
  DrawnFilm film;
  for (int shot = 0; shot < count; ++shot)
    film.shots.push_back({.frames = 20 - 5 * (shot % 2), .faces = faces});
  return film;
}

class DrawnScanTest : public ::testing::Test {
 protected:
  // Scans from `from`; what was found is in `tracks_`, and where to go on in `checkpoint_`.
  Result<ScanOutcome> Scan(FakeReader& reader, const ScanModels& models, const ScanCheckpoint& from = {},
                           const std::stop_token& stop = {}) {
    ScanCallbacks callbacks;
    callbacks.stop = stop;
    callbacks.chunk = [&](ScanChunk chunk) {
      for (TrackRecord& track : chunk.tracks) tracks_.push_back(std::move(track));
      cuts_us_.insert(cuts_us_.end(), chunk.marks.cuts_us.begin(), chunk.marks.cuts_us.end());
      checkpoint_ = chunk.checkpoint;
      if (after_chunk_) after_chunk_();
      return Status();
    };
    callbacks.meter = &meter_;
    return ScanSource(reader, from, models, {.threads = 2}, pool_, callbacks);
  }
  std::string Tracks() const {
    std::string text;
    for (const TrackRecord& track : tracks_) text += testing::AsText(track);
    return text;
  }
  std::vector<TrackRecord> tracks_;
  std::vector<int64_t> cuts_us_;
  ScanCheckpoint checkpoint_;
  std::function<void()> after_chunk_;
  ScanMeter meter_;
  ThreadPool pool_{2};
};

TEST_F(DrawnScanTest, FindsWhoIsDrawnAndNoTrackCrossesACut) {
  const DrawnFilm film = Shots(3);
  FakeReader reader(film);
  const auto outcome = Scan(reader, testing::FakeModels());
  ASSERT_TRUE(outcome.ok()) << outcome.status().message();
  EXPECT_EQ(outcome->counts.decoded, 55);
  EXPECT_EQ(outcome->counts.cuts, 2);
  ASSERT_EQ(tracks_.size(), 6u) << "two people in three shots";
  for (const TrackRecord& track : tracks_) {
    EXPECT_GE(track.faces.size(), 5u);
    EXPECT_TRUE(track.may_form) << testing::AsText(track);
    for (const FaceRecord& face : track.faces) {
      EXPECT_EQ(film.ShotOf(static_cast<int>(face.frame)).first, static_cast<size_t>(track.shot));
      const auto shown = film.FacesAt(static_cast<int>(face.frame));
      EXPECT_TRUE(std::any_of(shown.begin(), shown.end(), [&](const testing::ShownFace& drawn) {
        return IntersectionOverUnion(drawn.box, face.detection.box) > 0.8;
      })) << testing::AsText(track);
    }
  }
}

TEST_F(DrawnScanTest, AnotherNumberOfThreadsInTheMiddleChangesNothing) {
  FakeReader reader(Shots(8));
  ASSERT_TRUE(Scan(reader, testing::FakeModels()).ok());
  const std::string expected = Tracks();
  tracks_.clear();
  int threads = 1;
  after_chunk_ = [&] { pool_.Resize(threads = threads % 5 + 1); };
  FakeReader again(Shots(8));
  ASSERT_TRUE(Scan(again, testing::FakeModels()).ok());
  EXPECT_EQ(Tracks(), expected);
  EXPECT_GT(threads, 1);
}

TEST_F(DrawnScanTest, WhoStaysForHalfASecondIsMetWheneverThatIs) {
  for (int first = 8; first < 20; ++first) {
    tracks_.clear();
    DrawnFilm film;
    film.shots.push_back({.frames = 30,
                          .faces = {{.person = 0, .at = {20, 60}, .step = {4, 0}},
                                    {.person = 1, .at = {220, 100}, .first = first, .last = first + 4}}});
    FakeReader reader(film);
    ASSERT_TRUE(Scan(reader, testing::FakeModels()).ok());
    ASSERT_EQ(tracks_.size(), 2u) << "from frame " << first;
    EXPECT_GE(tracks_[1].start_us, first * 100'000);
    EXPECT_LE(tracks_[1].end_us, (first + 5) * 100'000);
    // Whoever is there all the time is seen in the frames between two looks at the whole, too.
    const std::vector<FaceRecord>& faces = tracks_[0].faces;
    for (size_t i = 1; i < faces.size(); ++i)
      EXPECT_LE(faces[i].time_us - faces[i - 1].time_us, 200'000) << "from frame " << first;
  }
}

// The frame between two looks at the whole was searched only where its neighbours have faces.
TEST_F(DrawnScanTest, WhoIsSeenInOneKeptFrameIsMet) {
  for (int first = 8; first < 20; ++first) {
    tracks_.clear();
    DrawnFilm film;
    film.shots.push_back({.frames = 30,
                          .faces = {{.person = 0, .at = {20, 60}, .step = {4, 0}},
                                    {.person = 1, .at = {220, 100}, .first = first, .last = first + 1}}});
    FakeReader reader(film);
    ASSERT_TRUE(Scan(reader, testing::FakeModels()).ok());
    ASSERT_EQ(tracks_.size(), 2u) << "from frame " << first;
    EXPECT_EQ(tracks_[1].faces.size(), 1u);
  }
}

// So small that only a look at full resolution sees them: one who is there all the time, one who comes.
TEST_F(DrawnScanTest, WhoIsSmallIsMetInALargeFrameWhereNothingElseMoves) {
  constexpr int kComes = 43;
  DrawnFilm film;
  film.size = {1920, 1080};
  film.still = true;
  film.shots.push_back({.frames = 100,
                        .faces = {{.person = 0, .at = {300, 300}, .height = 15},
                                  {.person = 1, .at = {1500, 700}, .height = 15, .first = kComes}}});
  std::atomic<int> looks = 0;
  FakeReader reader(film);
  ASSERT_TRUE(Scan(reader, testing::FakeModels([&] { ++looks; })).ok());
  ASSERT_EQ(tracks_.size(), 2u);
  EXPECT_EQ(tracks_[0].start_us, 0);
  EXPECT_GE(tracks_[0].end_us, 9'900'000);
  for (size_t i = 1; i < tracks_[0].faces.size(); ++i)
    EXPECT_LE(tracks_[0].faces[i].time_us - tracks_[0].faces[i - 1].time_us, 1'100'000);
  EXPECT_LE(tracks_[1].start_us, (kComes + 11) * 100'000);
  EXPECT_GE(tracks_[1].end_us, 9'900'000);
  const auto tiles = static_cast<int>(FaceFinder::Tiles(film.size).size());
  EXPECT_LT(looks, 10 * tiles) << "not all tiles once a second";
}

TEST_F(DrawnScanTest, AllFacesAreToldEvenOfAPhoto) {
  for (const int frames : {1, 30}) {
    DrawnFilm film;
    film.shots.push_back(
        {.frames = frames,
         .faces = {{.person = 0, .at = {20, 60}, .step = {4, 0}}, {.person = 1, .at = {220, 100}}}});
    FakeReader reader(film);
    ScanPosition last;
    int64_t faces = 0;
    ScanCallbacks callbacks;
    callbacks.position = [&](const ScanPosition& position) { last = position; };
    callbacks.chunk = [&](const ScanChunk& chunk) {
      for (const TrackRecord& track : chunk.tracks) faces += static_cast<int64_t>(track.faces.size());
      return Status();
    };
    const auto outcome = ScanSource(reader, {}, testing::FakeModels(), {.threads = 2}, pool_, callbacks);
    ASSERT_TRUE(outcome.ok());
    EXPECT_GT(faces, 0);
    EXPECT_EQ(last.faces, faces);
    EXPECT_EQ(last.counts.kept, outcome->counts.kept);
  }
}

TEST_F(DrawnScanTest, EveryStageIsMeasuredAndNothingWaitsAtTheEnd) {
  FakeReader reader(Shots(3));
  ASSERT_TRUE(Scan(reader, testing::FakeModels()).ok());
  const StageSeconds cpu = meter_.seconds();
  for (const double stage : {cpu.decode, cpu.select, cpu.detect, cpu.track, cpu.embed}) EXPECT_GT(stage, 0);
  const QueueDepths waiting = meter_.waiting();
  EXPECT_EQ(waiting.frames + waiting.tracks + waiting.writes, 0);
}

TEST_F(DrawnScanTest, ThosePassingEachOtherStayWhoTheyAre) {
  FakeReader reader({.shots = {{.frames = 30,
                                .faces = {{.person = 2, .at = {10, 60}, .step = {7, 0}},
                                          {.person = 3, .at = {250, 66}, .step = {-7, 0}}}}}});
  ASSERT_TRUE(Scan(reader, testing::FakeModels()).ok());
  // However many tracks it took, none holds vectors of both.
  ASSERT_GE(tracks_.size(), 2u);
  for (const TrackRecord& track : tracks_) {
    std::vector<std::vector<float>> seen;
    for (const FaceRecord& face : track.faces) {
      for (const FaceEmbedding& embedding : face.embeddings)
        if (embedding.model == "arcface_ms1m") seen.push_back(embedding.vector);
    }
    ASSERT_FALSE(seen.empty());
    for (const auto& vector : seen) EXPECT_GT(CosineSimilarity(vector, seen.front()), 0.99f);
  }
}

TEST_F(DrawnScanTest, StoppedBetweenShotsItGoesOnAsIfItHadNot) {
  FakeReader whole(Shots(6));
  ASSERT_TRUE(Scan(whole, testing::FakeModels()).ok());
  const std::string expected = Tracks();
  const std::vector<int64_t> cuts = cuts_us_;
  EXPECT_EQ(cuts.size(), 5u);
  for (const int stop_after : {1, 2}) {
    tracks_.clear();
    cuts_us_.clear();
    std::atomic<int> chunks = 0;
    std::stop_source stop;
    after_chunk_ = [&] {
      if (++chunks == stop_after) stop.request_stop();
    };
    FakeReader first(Shots(6));
    const auto stopped = Scan(first, testing::FakeModels(), {}, stop.get_token());
    ASSERT_EQ(stopped.status().code(), StatusCode::kInterrupted);
    ASSERT_EQ(chunks, stop_after);
    FakeReader second(Shots(6));
    const auto finished = Scan(second, testing::FakeModels(), checkpoint_);
    ASSERT_TRUE(finished.ok()) << finished.status().message();
    EXPECT_EQ(finished->counts.decoded, 105);
    EXPECT_EQ(finished->counts.cuts, 5);
    EXPECT_EQ(Tracks(), expected);
    EXPECT_EQ(cuts_us_, cuts);
  }
}

TEST_F(DrawnScanTest, AReaderThatFailsGivesItsWholeShotsAndItsReason) {
  FakeReader reader(Shots(3), 50);
  const auto outcome = Scan(reader, testing::FakeModels());
  EXPECT_EQ(outcome.status().code(), StatusCode::kIo);
  EXPECT_EQ(outcome.status().message(), "the disk did not answer");
  for (const TrackRecord& track : tracks_) EXPECT_LT(track.shot, 2);
  EXPECT_LE(checkpoint_.next_frame, 35) << "the third shot is scanned again";
}

TEST_F(DrawnScanTest, AStopIsObeyedWithoutWorkThatNobodyWaitsFor) {
  std::atomic<int> looks = 0;
  std::stop_source stop;
  FakeReader reader(
      {.shots = {{.frames = 3000, .faces = {{.person = 0, .at = {40, 60}, .step = {0.05f, 0}}}}}});
  const ScanModels models = testing::FakeModels([&] {
    if (++looks >= 20) stop.request_stop();
  });
  const auto stopped = Scan(reader, models, {}, stop.get_token());
  EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted);
  // What was begun and the frames that were queued for two threads, two looks each.
  EXPECT_LE(looks, 20 + 2 * 6);
  EXPECT_LT(reader.given(), 300);
  EXPECT_TRUE(tracks_.empty()) << "its only shot did not end";
}

}  // namespace
}  // namespace crossface
