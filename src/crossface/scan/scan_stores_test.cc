// Scans of drawn films in memory, whose bytes come short, late, or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "crossface/grouping/cluster_case.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/scan_case.h"
#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/memory_store.h"
#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"
#include "crossface/util/jpeg.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

testing::DrawnFilm FilmOf(int scene, int person) {
  const std::vector<testing::DrawnFace> faces = {{.person = person, .at = {60, 60}, .step = {3, 1}}};
  return {.shots = {{.frames = 14, .faces = faces},
                    {.frames = 12, .faces = faces},
                    {.frames = 14, .faces = faces}},
          .scene = scene};
}

class ScanStoresTest : public ::testing::Test {
 protected:
  ScanStoresTest() {
    int number = 0;
    for (const char* place : {"memory://films/a.y4m", "memory://films/b.y4m", "memory://films/c.y4m"}) {
      EXPECT_TRUE(io::Put(place, FilmOf(number, number).AsYuv4Mpeg()).ok());
      ++number;
    }
    EXPECT_TRUE(io::Put("memory://films/readme.txt", "not a film").ok());
  }
  std::unique_ptr<Gallery> NewCase(const std::string& name) {
    return *Gallery::Open(scratch_.path() / name, Gallery::Mode::kCreate);
  }
  static Result<ScanSummary> Scan(Gallery& gallery, std::stop_token stop = {},
                                  const std::function<void()>& looking = {}) {
    const auto found = FindSources({"memory://films"});
    EXPECT_TRUE(found.ok()) << found.status().message();
    EXPECT_THAT(found->files, SizeIs(3));
    EXPECT_EQ(found->left_out.other_files, 1);
    return ScanCase(gallery, found->files, testing::FakeModels(looking), {.threads = 2},
                    {.stop = std::move(stop)});
  }
  // What a scan without faults finds.
  std::string Expected() {
    memory_.set_faults({});
    const auto gallery = NewCase("expected");
    const auto summary = Scan(*gallery);
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(9));
    return testing::AsText(*gallery);
  }
  testing::ScratchFolder scratch_;
  testing::MemoryPlaces memory_;
};

TEST_F(ScanStoresTest, FilmsOutsideOfTheDiskAreScannedLikeFiles) {
  for (const char* name : {"a", "b", "c"}) {
    const std::string film = "/" + std::string(name) + ".y4m";
    std::string bytes(static_cast<size_t>(io::VersionOf("memory://films" + film)->bytes), '\0');
    const auto source = io::Open("memory://films" + film);
    ASSERT_TRUE(io::ReadFully(**source, 0, std::as_writable_bytes(std::span(bytes))).ok());
    ASSERT_TRUE(io::Put((scratch_.path() / "films").string() + film, bytes).ok());
  }
  const auto gallery = NewCase("case");
  const auto found = FindSources({scratch_.path() / "films"});
  ASSERT_TRUE(ScanCase(*gallery, found->files, testing::FakeModels(), {.threads = 2}, {}).ok());
  EXPECT_EQ(testing::AsText(*gallery), Expected());
}

// Who is with whom, by the names of sources and the numbers of tracks.
std::set<std::set<std::string>> Partition(const Gallery& gallery) {
  std::map<int64_t, std::string> names;
  const auto sources = *gallery.ReadSources();
  const auto tracks = *gallery.ReadTracks({});
  for (const TrackRecord& track : tracks) {
    const auto source = std::find_if(sources.begin(), sources.end(),
                                     [&](const SourceRecord& each) { return each.id == track.source_id; });
    names[track.id] = source->name + ':' + std::to_string(track.number);
  }
  std::map<int64_t, std::set<std::string>> persons;
  const auto assignments = *gallery.ReadAssignments();
  for (const Assignment& each : assignments)
    if (each.person_id != 0) persons[each.person_id].insert(names[each.track_id]);
  std::set<std::set<std::string>> partition;
  for (const auto& [person, of_person] : persons) partition.insert(of_person);
  return partition;
}

TEST_F(ScanStoresTest, PeopleSoFarAreShownMeanwhileAndTheEndIsTheSame) {
  const auto plain = NewCase("plain"), watched = NewCase("watched");
  ASSERT_TRUE(Scan(*plain).ok());
  ASSERT_TRUE(ClusterCase(*plain, kDefaultClustering, {}).ok());
  std::vector<int64_t> tracks, persons;
  ScanCallbacksCase callbacks;
  callbacks.meanwhile = {.work = [&](Gallery& gallery) -> Status {
                           const auto summary = ClusterSoFar(gallery, kDefaultClustering, {});
                           if (!summary.ok()) return summary.status();
                           if (*summary)
                             tracks.push_back((*summary)->tracks), persons.push_back((*summary)->persons);
                           return Status();
                         },
                         .first = {},
                         .pause = {}};
  const auto slowly = [] { std::this_thread::sleep_for(std::chrono::milliseconds(25)); };
  ASSERT_TRUE(ScanCase(*watched, FindSources({"memory://films"})->files, testing::FakeModels(slowly),
                       {.threads = 1}, callbacks)
                  .ok());
  ASSERT_FALSE(tracks.empty());
  EXPECT_LT(tracks.front(), 9);
  EXPECT_GT(persons.back(), 0);
  EXPECT_TRUE(std::is_sorted(tracks.begin(), tracks.end()));
  EXPECT_EQ(testing::AsText(*watched), testing::AsText(*plain));
  EXPECT_EQ(*watched->ReadFact("grouped_on"), "") << "the next grouping is not added to this one";
  ASSERT_TRUE(ClusterCase(*watched, kDefaultClustering, {}).ok());
  EXPECT_EQ(Partition(*watched), Partition(*plain));
}

TEST_F(ScanStoresTest, WhatIsDoneMeanwhileMayEndTheScanButAStopOfItDoesNot) {
  for (const StatusCode code : {StatusCode::kInterrupted, StatusCode::kOutOfResources}) {
    const auto gallery = NewCase(std::string(StatusCodeName(code)));
    ScanCallbacksCase callbacks;
    callbacks.meanwhile = {
        .work = [&](Gallery&) { return Status(code, "as told"); }, .first = {}, .pause = {}};
    const auto slowly = [] { std::this_thread::sleep_for(std::chrono::milliseconds(25)); };
    const auto summary = ScanCase(*gallery, FindSources({"memory://films"})->files,
                                  testing::FakeModels(slowly), {.threads = 1}, callbacks);
    EXPECT_EQ(summary.status().code(), code == StatusCode::kInterrupted ? StatusCode::kOk : code);
  }
}

TEST_F(ScanStoresTest, WhatIsAsItWasIsNotReadAgain) {
  const auto gallery = NewCase("case");
  ASSERT_TRUE(Scan(*gallery).ok());
  EXPECT_EQ(gallery->ReadSources()->at(0).path, "memory://films/a.y4m");
  const auto found = FindSources({"memory://films"});
  std::atomic<int> reads = 0;
  memory_.set_faults({.before_read = [&](const std::string&, int64_t, int64_t) {
    ++reads;
    return Status();
  }});
  const auto again = ScanCase(*gallery, found->files, testing::FakeModels(), {.threads = 2}, {});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->unchanged, 3);
  EXPECT_EQ(reads, 0);
}

TEST_F(ScanStoresTest, ShortAndSlowReadsChangeNothing) {
  const std::string expected = Expected();
  memory_.set_faults({.most_bytes = 5000, .delay = std::chrono::microseconds(20)});
  const auto gallery = NewCase("case");
  ASSERT_TRUE(Scan(*gallery).ok());
  EXPECT_EQ(testing::AsText(*gallery), expected);
}

TEST_F(ScanStoresTest, ASourceThatFailsInTheMiddleFailsAloneAndGoesOnLater) {
  const std::string expected = Expected();
  const int64_t middle = io::VersionOf("memory://films/b.y4m")->bytes / 2;
  // It can be hashed, and then the line goes down.
  std::atomic<int> opened = 0;
  memory_.set_faults({.before_read = [&](const std::string& place, int64_t read, int64_t offset) {
    if (!place.ends_with("b.y4m")) return Status();
    if (read == 1) ++opened;
    if (opened < 2 || offset < middle) return Status();
    return Status(StatusCode::kIo, place + ": the line is down");
  }});
  const auto gallery = NewCase("case");
  const auto summary = Scan(*gallery);
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  EXPECT_EQ(summary->scanned, 2);
  ASSERT_THAT(summary->failed, SizeIs(1));
  EXPECT_EQ(summary->failed[0].first, "b.y4m");
  EXPECT_THAT(summary->failed[0].second, HasSubstr("the line is down"));
  const auto sources = *gallery->ReadSources();
  ASSERT_THAT(sources, SizeIs(3));
  for (const SourceRecord& source : sources)
    EXPECT_EQ(source.state == SourceState::kDone, source.name != "b.y4m") << source.name;
  memory_.set_faults({});
  const auto again = Scan(*gallery);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->scanned, 1);
  EXPECT_EQ(testing::AsText(*gallery), expected);
}

// Whichever read it is that fails, no source is taken for less than it is.
TEST_F(ScanStoresTest, NoReadMayFailUnnoticed) {
  const std::string place = "memory://films/a.y4m";
  for (int64_t failing = 1; failing < 12; ++failing) {
    std::atomic<int64_t> reads = 0;
    memory_.set_faults({.before_read = [&](const std::string& which, int64_t, int64_t) {
      return which == place && ++reads == failing ? Status(StatusCode::kIo, which + ": once") : Status();
    }});
    std::vector<std::string> parts;
    auto reader = OpenSource(place, {}, &parts);
    Status status = reader.status();
    while (reader.ok() && status.ok()) {
      const auto frame = (*reader)->Next();
      status = frame.status();
      if (!frame.ok() || !*frame) break;
    }
    if (reader.ok() && status.ok()) status = (*reader)->damage();
    EXPECT_EQ(status.code(), StatusCode::kIo) << failing << ": " << status.message();
    EXPECT_THAT(status.message(), HasSubstr("once"));
  }
}

TEST_F(ScanStoresTest, AnObjectThatChangesWhileItIsReadIsReadAgain) {
  const std::string other = FilmOf(7, 4).AsYuv4Mpeg();
  std::atomic<bool> changed = false;
  memory_.set_faults({.before_read = [&](const std::string& place, int64_t read, int64_t offset) {
    // Not while it is hashed, which takes blocks of a MiB.
    if (place.ends_with("c.y4m") && read > 4 && offset > (3 << 20) && !changed.exchange(true))
      return memory_.store().Put(place, other, {});
    return Status();
  }});
  const auto gallery = NewCase("case");
  const auto summary = Scan(*gallery);
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  EXPECT_TRUE(changed);
  EXPECT_EQ(summary->scanned, 3);
  const auto sources = *gallery->ReadSources();
  const auto c =
      std::find_if(sources.begin(), sources.end(), [](const auto& s) { return s.name == "c.y4m"; });
  ASSERT_NE(c, sources.end());
  EXPECT_EQ(c->sha256, Sha256Hex(other));
  EXPECT_EQ(c->state, SourceState::kDone);
  // And its faces are those of the film that the hash is of.
  testing::MemoryStore& store = memory_.store();
  store.Remove("memory://films/a.y4m");
  store.Remove("memory://films/b.y4m");
  memory_.set_faults({});
  const auto alone = NewCase("alone");
  ASSERT_TRUE(
      ScanCase(*alone, FindSources({"memory://films"})->files, testing::FakeModels(), {.threads = 2}, {})
          .ok());
  EXPECT_THAT(testing::AsText(*gallery), HasSubstr(testing::AsText(*alone)));
}

TEST_F(ScanStoresTest, StoppedAnywhereTheNextScanGivesTheSame) {
  const std::string expected = Expected();
  for (const int stop_at : {1, 9, 17, 40, 70}) {
    const auto gallery = NewCase("case" + std::to_string(stop_at));
    std::atomic<int> looks = 0;
    std::stop_source stop;
    const auto stopped = Scan(*gallery, stop.get_token(), [&] {
      if (++looks == stop_at) stop.request_stop();
    });
    EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted) << stop_at;
    const auto finished = Scan(*gallery);
    ASSERT_TRUE(finished.ok()) << finished.status().message();
    EXPECT_THAT(finished->failed, IsEmpty());
    EXPECT_EQ(testing::AsText(*gallery), expected) << stop_at;
  }
}

TEST_F(ScanStoresTest, APausedScanStandsStillAndLosesNothing) {
  const std::string expected = Expected();
  const auto gallery = NewCase("case");
  ScanControl control;
  control.Pause(true);
  std::atomic<int64_t> frames = 0;
  std::atomic<int> reports = 0;
  ScanCallbacksCase callbacks{.progress =
                                  [&](const ScanProgress& progress) {
                                    frames = progress.frames;
                                    ++reports;
                                  },
                              .control = &control};
  auto scanned = std::async(std::launch::async, [&] {
    return ScanCase(*gallery, FindSources({"memory://films"})->files, testing::FakeModels(), {.threads = 2},
                    callbacks);
  });
  while (reports < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_LE(frames, 2) << "two sources at once, each at its first frame";
  control.Pause(false);
  ASSERT_TRUE(scanned.get().ok());
  EXPECT_EQ(testing::AsText(*gallery), expected);
}

TEST_F(ScanStoresTest, APausedScanCanBeStopped) {
  const auto gallery = NewCase("case");
  ScanControl control;
  control.Pause(true);
  std::stop_source stop;
  const auto stopped =
      ScanCase(*gallery, FindSources({"memory://films"})->files, testing::FakeModels(), {.threads = 2},
               {.progress = [&](const ScanProgress&) { stop.request_stop(); },
                .stop = stop.get_token(),
                .control = &control});
  EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted);
}

TEST_F(ScanStoresTest, ASourceThatIsLeftOutIsGoneOnWithLater) {
  const std::string expected = Expected();
  const auto gallery = NewCase("case");
  ScanControl control;
  control.Skip("b.y4m");
  const auto summary = ScanCase(*gallery, FindSources({"memory://films"})->files, testing::FakeModels(),
                                {.threads = 2}, {.control = &control});
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  EXPECT_THAT(summary->skipped, ElementsAre("b.y4m"));
  EXPECT_EQ(summary->scanned, 2);
  EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(6));
  const auto finished = Scan(*gallery);
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->scanned, 1);
  EXPECT_EQ(testing::AsText(*gallery), expected);
}

TEST_F(ScanStoresTest, WhoLooksIsShownTracksAndWhatBecameOfFrames) {
  const auto gallery = NewCase("case");
  std::map<std::string, int> tracks;
  ScanProgress last;
  ScanCallbacksCase callbacks;
  callbacks.progress = [&](const ScanProgress& progress) { last = progress; };
  callbacks.seen = [&](const std::vector<SeenTrack>& seen) {
    for (const SeenTrack& track : seen) {
      ++tracks[track.source];
      EXPECT_FALSE(DecodeJpeg(track.jpeg).empty()) << track.source << " " << track.number;
    }
  };
  ASSERT_TRUE(ScanCase(*gallery, FindSources({"memory://films"})->files, testing::FakeModels(),
                       {.threads = 2}, callbacks)
                  .ok());
  EXPECT_EQ(tracks, (std::map<std::string, int>{{"a.y4m", 3}, {"b.y4m", 3}, {"c.y4m", 3}}));
  SelectCounts stored;
  const auto sources = *gallery->ReadSources();
  for (const SourceRecord& source : sources) {
    stored.decoded += source.counts.decoded;
    stored.kept += source.counts.kept;
  }
  EXPECT_EQ(stored.decoded, 120);
  // The last frame of each is still being chosen about when the position is told.
  EXPECT_GE(last.counts.decoded, stored.decoded - 3);
  EXPECT_GE(last.counts.kept, stored.kept - 6);
  EXPECT_LE(last.counts.kept, stored.kept);
}

TEST_F(ScanStoresTest, ASourceThatIsGoneIsToldAndTheOthersAreScanned) {
  const auto found = FindSources({"memory://films"});
  memory_.store().Remove("memory://films/b.y4m");
  const auto gallery = NewCase("case");
  const auto summary = ScanCase(*gallery, found->files, testing::FakeModels(), {.threads = 2}, {});
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->scanned, 2);
  ASSERT_THAT(summary->failed, SizeIs(1));
  EXPECT_THAT(summary->failed[0].second, HasSubstr("there is no such file"));
}

}  // namespace
}  // namespace crossface
