// Scans that other machines do, which fail as machines do: the gallery cannot be told from one of a scan
// here.
#include "crossface/scan/scan_elsewhere.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/scan/scan_case.h"
#include "crossface/scan/scan_wire.h"
#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/fake_workers.h"
#include "crossface/testing/memory_store.h"
#include "crossface/testing/testing.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Kind = WorkerAnswer::Kind;

// Of three shots: the first is kept while the last is still searched.
testing::DrawnFilm FilmOf(int scene, int person) {
  const std::vector<testing::DrawnFace> faces = {{.person = person, .at = {60, 60}, .step = {3, 1}}};
  return {.shots = {{.frames = 14, .faces = faces},
                    {.frames = 12, .faces = faces},
                    {.frames = 24, .faces = faces}},
          .scene = scene};
}

class ScanElsewhereTest : public ::testing::Test {
 protected:
  ScanElsewhereTest() {
    for (int i = 0; i < 4; ++i)
      EXPECT_TRUE(io::Put(fmt::format("memory://films/{}.y4m", i), FilmOf(i, i).AsYuv4Mpeg()).ok());
    EXPECT_TRUE(io::Put("memory://films/broken.mp4", "no film").ok());
  }
  std::unique_ptr<Gallery> NewCase(const std::string& name) {
    return *Gallery::Open(scratch_.path() / name, Gallery::Mode::kCreate);
  }
  static Result<ScanSummary> Scan(Gallery& gallery, ScanWorkers* workers, const std::stop_token& stop = {},
                                  ScanProgress* last = nullptr,
                                  FilmDecoder decoder = FilmDecoder::kProcessor) {
    ScanCallbacksCase callbacks;
    callbacks.stop = stop;
    callbacks.workers = workers;
    callbacks.progress = [&](const ScanProgress& progress) {
      if (last != nullptr) *last = progress;
    };
    return ScanCase(gallery, FindSources({"memory://films"})->files, testing::FakeModels(),
                    {.decoder = decoder, .threads = 2}, callbacks);
  }
  // What a scan of this machine finds.
  const std::string& Expected() {
    if (expected_.empty()) {
      const auto gallery = NewCase("expected");
      EXPECT_TRUE(Scan(*gallery, nullptr).ok());
      EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(12));
      expected_ = testing::AllOf(*gallery);
    }
    return expected_;
  }
  // Says where they part; all of it would be pages.
  void ExpectAsHere(const Gallery& gallery) {
    const std::string content = testing::AllOf(gallery), &expected = Expected();
    const auto [at, other] = std::mismatch(content.begin(), content.end(), expected.begin(), expected.end());
    const auto from = static_cast<size_t>(std::max<ptrdiff_t>(0, at - content.begin() - 200));
    EXPECT_TRUE(content == expected) << content.substr(std::min(from, content.size()), 300)
                                     << "\n--- expected:\n"
                                     << expected.substr(std::min(from, expected.size()), 300);
  }
  testing::ScratchFolder scratch_;
  testing::MemoryPlaces memory_;
  std::string expected_;
};

TEST_F(ScanElsewhereTest, TheGalleryIsThatOfAScanHere) {
  const auto gallery = NewCase("case");
  testing::FakeWorkers workers;
  ScanProgress progress;
  const auto summary = Scan(*gallery, &workers, {}, &progress);
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  ExpectAsHere(*gallery);
  EXPECT_EQ(summary->scanned, 4);
  EXPECT_EQ(summary->tracks, 12);
  EXPECT_EQ(summary->failed.size(), 1u);
  EXPECT_GT(summary->cpu.detect, 0);
  ASSERT_TRUE(progress.workers);
  EXPECT_EQ(progress.workers->done, 5);
  EXPECT_EQ(progress.workers->machines, 2);
  EXPECT_EQ(progress.workers->processes, 5);
  EXPECT_EQ(progress.done, 5);
  EXPECT_EQ(progress.bytes_done, progress.bytes);
}

TEST_F(ScanElsewhereTest, TellsWhoDecodedFilmsThere) {
  const auto gallery = NewCase("case");
  testing::FakeWorkers workers;
  const auto summary = Scan(*gallery, &workers, {}, nullptr, FilmDecoder::kCard);
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  ExpectAsHere(*gallery);
  ASSERT_THAT(summary->decoded, SizeIs(4));
  for (const auto& [name, use] : summary->decoded) {
    EXPECT_EQ(use.processor_frames, 50) << name;
    EXPECT_THAT(use.why_not, HasSubstr("this is rawvideo")) << name;
  }
}

TEST_F(ScanElsewhereTest, WhatIsLostIsAskedForAgainAndNothingIsThereTwice) {
  const auto gallery = NewCase("case");
  testing::FakeWorkers workers([](const std::string& source, int time, WorkerAnswer answer) {
    if (source == "1.y4m" && time <= 5) answer.kind = Kind::kLost;
    if (source == "2.y4m" && time <= 2) answer.kind = Kind::kFailed;
    if (source == "3.y4m" && time == 1) answer.bytes[answer.bytes.size() / 2] ^= 1;
    return answer;
  });
  ScanProgress progress;
  ASSERT_TRUE(Scan(*gallery, &workers, {}, &progress).ok());
  ExpectAsHere(*gallery);
  EXPECT_EQ(progress.workers->repeated, 8);
}

TEST_F(ScanElsewhereTest, ASourceThatEndsTheProgramEveryTimeFailsAlone) {
  const auto gallery = NewCase("case");
  testing::FakeWorkers deadly([](const std::string& source, int, const WorkerAnswer& answer) {
    return source == "2.y4m" ? WorkerAnswer{Kind::kFailed, answer.id, "signal 11"} : answer;
  });
  const auto summary = Scan(*gallery, &deadly);
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  ASSERT_THAT(summary->failed, SizeIs(2));
  EXPECT_THAT(summary->failed[0].second + summary->failed[1].second, HasSubstr("signal 11"));
  EXPECT_EQ(summary->scanned, 3);
  testing::FakeWorkers workers;
  ASSERT_TRUE(Scan(*gallery, &workers).ok());
  EXPECT_THAT(workers.names(), ::testing::ElementsAre("2.y4m"));
  ExpectAsHere(*gallery);
}

TEST_F(ScanElsewhereTest, WhenTheClusterGoesTheNextScanGoesOn) {
  const auto gallery = NewCase("case");
  testing::FakeWorkers gone;
  gone.GoAfter(2);
  EXPECT_EQ(Scan(*gallery, &gone).status().code(), StatusCode::kIo);
  testing::FakeWorkers workers;
  ASSERT_TRUE(Scan(*gallery, &workers).ok());
  EXPECT_THAT(workers.names(), SizeIs(3)) << "two were kept";
  ExpectAsHere(*gallery);
  // Then on this machine, which has nothing left to do.
  const auto summary = Scan(*gallery, nullptr);
  EXPECT_EQ(summary->scanned, 0);
  ExpectAsHere(*gallery);
}

TEST_F(ScanElsewhereTest, WhatAStopLeftInTheMiddleIsGoneOnWithElsewhere) {
  const auto gallery = NewCase("case");
  std::stop_source stop;
  ScanCallbacksCase callbacks;
  callbacks.stop = stop.get_token();
  int shots = 0;
  callbacks.seen = [&](const std::vector<SeenTrack>&) {
    if (++shots == 1) stop.request_stop();
  };
  // Slow looks, so that it is told of tracks long before all is done.
  const auto models = testing::FakeModels([&] {
    if (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });
  const auto summary =
      ScanCase(*gallery, FindSources({"memory://films"})->files, models, {.threads = 2}, callbacks);
  ASSERT_EQ(summary.status().code(), StatusCode::kInterrupted);
  const auto sources = *gallery->ReadSources();
  ASSERT_TRUE(std::any_of(sources.begin(), sources.end(),
                          [](const SourceRecord& source) { return source.state == SourceState::kScanning; }));
  testing::FakeWorkers workers;
  ASSERT_TRUE(Scan(*gallery, &workers).ok());
  ExpectAsHere(*gallery);
}

TEST_F(ScanElsewhereTest, AStopEndsItThoughNobodyAnswers) {
  const auto gallery = NewCase("case");
  testing::FakeWorkers workers;
  EXPECT_EQ(Scan(*gallery, &workers, testing::Stopped()).status().code(), StatusCode::kInterrupted);
  EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(0));
}

TEST_F(ScanElsewhereTest, AMachineWithAnotherProgramOrOtherModelsEndsTheScan) {
  const auto gallery = NewCase("case");
  testing::FakeWorkers workers([](const std::string&, int, WorkerAnswer answer) {
    ScanFindings findings;
    findings.machine = "node 7";
    findings.status = Status(StatusCode::kMismatch, "other models");
    answer.bytes = *ToWire(findings);
    return answer;
  });
  const auto summary = Scan(*gallery, &workers);
  EXPECT_EQ(summary.status().code(), StatusCode::kMismatch);
  EXPECT_THAT(summary.status().message(), HasSubstr("on node 7"));
  EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(0));
}

TEST(ScanTaskRunner, RefusesTasksOfAnotherProgramOrWithOtherModels) {
  const testing::ScratchFolder no_models;
  ScanTaskRunner runner(no_models.path(), "node 1");
  ScanTask task;
  task.version = "0.0.1";
  task.settings = testing::FakeModels().fingerprint;
  const auto other = ScanFindingsFromWire(runner.Answer(ToWire(task), {}));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->status.code(), StatusCode::kMismatch);
  EXPECT_THAT(other->status.message(), HasSubstr("0.0.1"));
  EXPECT_EQ(other->machine, "node 1");
  task.version = kVersion;
  const auto missing = ScanFindingsFromWire(runner.Answer(ToWire(task), {}));
  EXPECT_EQ(missing->status.code(), StatusCode::kMismatch);
  EXPECT_THAT(missing->status.message(), HasSubstr(no_models.path().string()));
  EXPECT_EQ(ScanFindingsFromWire(runner.Answer("no task", {}))->status.code(), StatusCode::kCorrupt);
}

}  // namespace
}  // namespace crossface
