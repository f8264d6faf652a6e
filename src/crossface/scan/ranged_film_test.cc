// Long films that are searched range by range: what is written is what one scan of the whole writes, whatever
// the films are made of, wherever they are divided, and whoever dies meanwhile.
#include "crossface/scan/ranged_film.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "crossface/scan/kept_answers.h"
#include "crossface/scan/scan_case.h"
#include "crossface/testing/fake_workers.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::SizeIs;
using Kind = WorkerAnswer::Kind;

// Nine shots of two to four seconds: faces that stay, come and go, nobody at all, and one that is as dark as
// nothing.
testing::DrawnFilm LongFilm() {
  testing::DrawnFilm film{.shots = {}, .scene = 3};
  for (int i = 0; i < 9; ++i) {
    testing::DrawnShot shot{.frames = 20 + 7 * (i % 4)};
    if (i % 4 != 3) {
      shot.faces.push_back({.person = i % 3, .at = {60, 60}, .step = {2, 1}});
      shot.faces.push_back({.person = 3 + i % 3, .at = {200, 90}, .first = 4 + i, .last = 15 + i});
    }
    film.shots.push_back(shot);
  }
  return film;
}

class RangedFilmTest : public ::testing::Test {
 protected:
  RangedFilmTest() { std::filesystem::create_directory(Folder()); }
  std::filesystem::path Folder() const { return scratch_.path() / "films"; }
  std::filesystem::path File(const std::string& name) const { return scratch_.path() / name; }
  // The film `drawn` in another form, by ffmpeg's arguments.
  void Encode(const std::string& name, const std::string& arguments) {
    const std::filesystem::path drawn = File("drawn.y4m");
    if (!std::filesystem::exists(drawn))
      ASSERT_TRUE(WriteFileAtomically(drawn, LongFilm().AsYuv4Mpeg()).ok());
    ASSERT_EQ(testing::RunCommand(fmt::format("ffmpeg -v error -y -i '{}' -threads 1 {} '{}'", drawn.string(),
                                              arguments, (Folder() / name).string())),
              0);
  }
  std::unique_ptr<Gallery> NewCase(const std::string& name) const {
    return *Gallery::Open(File(name), Gallery::Mode::kCreate);
  }
  Result<ScanSummary> Scan(Gallery& gallery, ScanWorkers* workers, ScanProgress* last = nullptr) const {
    ScanCallbacksCase callbacks;
    callbacks.workers = workers;
    callbacks.progress = [&](const ScanProgress& progress) {
      if (last == nullptr) return;
      std::vector<std::string> finished = std::move(last->finished);
      finished.insert(finished.end(), progress.finished.begin(), progress.finished.end());
      *last = progress;
      last->finished = std::move(finished);
    };
    return ScanCase(gallery, FindSources({Folder()})->files, testing::FakeModels(), {.threads = 2},
                    callbacks);
  }
  void ExpectSame(const Gallery& gallery, const std::string& expected, const std::string& what) const {
    const std::string content = testing::AllOf(gallery);
    const auto [at, other] = std::mismatch(content.begin(), content.end(), expected.begin(), expected.end());
    const auto from = static_cast<size_t>(std::max<ptrdiff_t>(0, at - content.begin() - 200));
    EXPECT_TRUE(content == expected) << what << "\n"
                                     << content.substr(std::min(from, content.size()), 300)
                                     << "\n--- expected:\n"
                                     << expected.substr(std::min(from, expected.size()), 300);
  }
  static size_t KeptIn(const Gallery& gallery) {
    const auto kept = gallery.directory().List("ranges");
    return kept.ok() ? kept->size() : 0;
  }
  testing::ScratchFolder scratch_;
};

struct Form {
  std::string name, arguments;
  bool divides = true;  // it must; false: it must not
};

class RangedForms : public RangedFilmTest, public ::testing::WithParamInterface<Form> {};

TEST_P(RangedForms, AreFoundAsAWhole) {
  const Form& form = GetParam();
  Encode(form.name, form.arguments);
  const auto whole = NewCase("whole");
  ScanProgress told;
  const auto expected_summary = Scan(*whole, nullptr, &told);
  ASSERT_TRUE(expected_summary.ok()) << expected_summary.status().message();
  ASSERT_GT(expected_summary->tracks, 6);
  const std::string expected = testing::AllOf(*whole);
  std::minstd_rand random(static_cast<unsigned>(std::hash<std::string>()(form.name)));
  int divided = 0;
  for (int i = 0; i < 2; ++i) {
    const int64_t range_us = 300'000 + static_cast<int64_t>(random() % 9'000'000);
    const auto gallery = NewCase(fmt::format("case{}", i));
    testing::FakeWorkers workers;
    workers.set_range_us(range_us);
    ScanProgress told_elsewhere;
    const auto summary = Scan(*gallery, &workers, &told_elsewhere);
    ASSERT_TRUE(summary.ok()) << summary.status().message();
    ExpectSame(*gallery, expected, fmt::format("{} in ranges of {} us", form.name, range_us));
    EXPECT_EQ(told_elsewhere.finished, told.finished);
    EXPECT_EQ(summary->tracks, expected_summary->tracks);
    EXPECT_EQ(summary->faces, expected_summary->faces);
    EXPECT_EQ(summary->frames, expected_summary->frames);
    EXPECT_EQ(KeptIn(*gallery), 0u);
    divided += workers.ranges();
  }
  EXPECT_EQ(divided > 0, form.divides) << divided;
}

INSTANTIATE_TEST_SUITE_P(
    All, RangedForms,
    ::testing::Values(
        Form{"plain.mp4", "-c:v libx264 -bf 3 -g 12"},
        // One key frame at the begin and at cuts alone.
        Form{"rare_keys.mp4", "-c:v libx264 -bf 2 -g 1000"},
        Form{"open_gop.mkv", "-c:v libx264 -bf 3 -g 15 -x264-params open-gop=1:scenecut=0"},
        Form{"refresh.mkv", "-c:v libx264 -g 15 -x264-params intra-refresh=1"},
        Form{"hevc_leading.mp4", "-c:v libx265 -x265-params log-level=none:keyint=15:open-gop=1:scenecut=0"},
        Form{"mpeg2.mpg", "-c:v mpeg2video -q:v 3 -r 25 -bf 2 -g 12"},
        Form{"mpeg2.ts", "-c:v mpeg2video -q:v 3 -r 25 -bf 2 -g 12 -muxdelay 2"},
        Form{"vp9.webm", "-c:v libvpx-vp9 -b:v 500k -deadline realtime -cpu-used 8 -g 20"},
        Form{"mpeg4.avi", "-c:v mpeg4 -q:v 3 -g 12"}, Form{"mjpeg.mov", "-c:v mjpeg -q:v 3"},
        // It begins late, by an edit list.
        Form{"late.mp4", "-c:v libx264 -bf 3 -g 12 -ss 0.35"},
        Form{"offset.mkv", "-c:v libx264 -bf 3 -g 12 -output_ts_offset 1000"},
        Form{"uneven.mkv",
             "-vf \"select='not(mod(n,7)*mod(n,5))+mod(n,3)'\" -vsync vfr -c:v libx264 -bf 2 -g 12"},
        // Nothing says where a frame is.
        Form{"raw.h264", "-c:v libx264 -bf 0 -g 12", false}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST_F(RangedFilmTest, WhatIsLostIsAskedForAgainAndWhatIsKeptIsNot) {
  Encode("film.mp4", "-c:v libx264 -bf 3 -g 12");
  const auto whole = NewCase("whole");
  ASSERT_TRUE(Scan(*whole, nullptr).ok());
  const std::string expected = testing::AllOf(*whole);
  const auto gallery = NewCase("case");
  // The driver dies after each further answer, and the workers as they like.
  int asked = 0, runs = 0;
  for (bool ended = false; !ended && runs < 40; ++runs) {
    std::minstd_rand random(static_cast<unsigned>(runs));
    testing::FakeWorkers workers([&](const std::string&, int, WorkerAnswer answer) {
      if (random() % 4 == 0) answer.kind = Kind::kLost;
      if (random() % 9 == 0) answer.bytes[answer.bytes.size() / 2] ^= 1;
      return answer;
    });
    workers.set_range_us(4'000'000);
    workers.GoAfter(runs < 6 ? 2 : 1000);
    const auto summary = Scan(*gallery, &workers);
    ended = summary.ok();
    if (!ended) EXPECT_EQ(summary.status().code(), StatusCode::kIo);
    asked += workers.ranges();
  }
  ExpectSame(*gallery, expected, "after many deaths");
  EXPECT_GT(runs, 3);
  EXPECT_GT(asked, 3);
  EXPECT_EQ(KeptIn(*gallery), 0u);
}

TEST_F(RangedFilmTest, AnswersThatAreKeptAreNotAskedForAgain) {
  Encode("film.mp4", "-c:v libx264 -bf 3 -g 12");
  const auto gallery = NewCase("case");
  testing::FakeWorkers first;
  first.set_range_us(4'000'000);
  first.GoAfter(3);
  ASSERT_FALSE(Scan(*gallery, &first).ok());
  ASSERT_EQ(KeptIn(*gallery), 3u) << "the survey and two ranges";
  EXPECT_THAT(*gallery->ReadTracks({}), SizeIs(0));
  testing::FakeWorkers second;
  second.set_range_us(4'000'000);
  ASSERT_TRUE(Scan(*gallery, &second).ok());
  EXPECT_EQ(second.ranges(), first.ranges() - 2);
  EXPECT_THAT(second.names(), ::testing::Not(::testing::Contains("film.mp4"))) << "it was surveyed";
}

TEST_F(RangedFilmTest, ARangeThatReadsOtherwiseHasAllScannedAsOne) {
  Encode("film.mp4", "-c:v libx264 -bf 3 -g 12");
  const auto whole = NewCase("whole");
  ASSERT_TRUE(Scan(*whole, nullptr).ok());
  for (const bool elsewhere : {true, false}) {
    const auto gallery = NewCase(elsewhere ? "otherwise" : "other shots");
    testing::FakeWorkers workers([&](const std::string& source, int time, WorkerAnswer answer) {
      if (!source.empty() || time != 2) return answer;
      ScanFindings findings = *ScanFindingsFromWire(answer.bytes);
      if (elsewhere) {
        findings.otherwise = "frame 7 is another one";
      } else {
        findings.journal.back().checkpoint.counts.kept += 1;
      }
      answer.bytes = *ToWire(findings);
      return answer;
    });
    workers.set_range_us(4'000'000);
    ASSERT_TRUE(Scan(*gallery, &workers).ok());
    EXPECT_GT(workers.ranges(), 1);
    EXPECT_EQ(std::count(workers.names().begin(), workers.names().end(), "film.mp4"), 2);
    ExpectSame(*gallery, testing::AllOf(*whole), "in the end");
    EXPECT_EQ(KeptIn(*gallery), 0u);
  }
}

TEST_F(RangedFilmTest, ARangeThatEndsTheProgramEveryTimeFailsTheFilm) {
  Encode("film.mp4", "-c:v libx264 -bf 3 -g 12");
  const auto gallery = NewCase("case");
  testing::FakeWorkers deadly([](const std::string& source, int, const WorkerAnswer& answer) {
    return source.empty() ? WorkerAnswer{Kind::kFailed, answer.id, "signal 11"} : answer;
  });
  deadly.set_range_us(4'000'000);
  const auto summary = Scan(*gallery, &deadly);
  ASSERT_TRUE(summary.ok());
  ASSERT_THAT(summary->failed, SizeIs(1));
  EXPECT_EQ(KeptIn(*gallery), 0u);
}

// What is damaged, changes, or has no cut is one task.
TEST_F(RangedFilmTest, WhatIsUnusualIsNotDivided) {
  Encode("film.mp4", "-c:v libx264 -bf 3 -g 12 -movflags +faststart");
  const auto bytes = ReadFile(Folder() / "film.mp4");
  ASSERT_TRUE(WriteFileAtomically(Folder() / "cut_off.mp4", bytes->substr(0, bytes->size() * 2 / 3)).ok());
  std::filesystem::remove(Folder() / "film.mp4");
  const testing::DrawnFilm room{
      .shots = {{.frames = 200, .faces = {{.person = 1, .at = {60, 60}, .step = {0.3f, 0.2f}}}}}};
  ASSERT_TRUE(WriteFileAtomically(Folder() / "no_cut.y4m", room.AsYuv4Mpeg()).ok());
  const auto whole = NewCase("whole"), gallery = NewCase("case");
  ASSERT_TRUE(Scan(*whole, nullptr).ok());
  testing::FakeWorkers workers;
  workers.set_range_us(3'000'000);
  const auto summary = Scan(*gallery, &workers);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->scanned, 2);
  EXPECT_EQ(workers.ranges(), 0);
  ExpectSame(*gallery, testing::AllOf(*whole), "undivided");
}

// A scan that went on for a while here is gone on with elsewhere, from its last shot.
TEST_F(RangedFilmTest, AFilmThatWasBegunHereIsGoneOnWithInRanges) {
  Encode("film.mp4", "-c:v libx264 -bf 3 -g 12");
  const auto whole = NewCase("whole"), gallery = NewCase("case");
  ASSERT_TRUE(Scan(*whole, nullptr).ok());
  std::stop_source stop;
  ScanCallbacksCase callbacks;
  callbacks.stop = stop.get_token();
  callbacks.seen = [&](const std::vector<SeenTrack>&) { stop.request_stop(); };
  const auto models = testing::FakeModels([&] {
    if (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(30));
  });
  const auto begun = ScanCase(*gallery, FindSources({Folder()})->files, models, {.threads = 2}, callbacks);
  ASSERT_EQ(begun.status().code(), StatusCode::kInterrupted);
  const auto source = gallery->ReadSources()->front();
  ASSERT_EQ(source.state, SourceState::kScanning);
  ASSERT_GT(gallery->ReadCheckpoint(source.id)->next_shot, 0);
  testing::FakeWorkers workers;
  workers.set_range_us(4'000'000);
  ASSERT_TRUE(Scan(*gallery, &workers).ok());
  EXPECT_GT(workers.ranges(), 1);
  ExpectSame(*gallery, testing::AllOf(*whole), "gone on with");
}

TEST_F(RangedFilmTest, OnlyAnswersAreRemoved) {
  const auto gallery = NewCase("case");
  const KeptAnswers answers(gallery->directory());
  const std::string key = KeptAnswers::KeyOf("a question");
  EXPECT_FALSE(answers.Find(key));
  ASSERT_TRUE(answers.Keep(key, "an answer").ok());
  EXPECT_EQ(answers.Find(key), "an answer");
  ASSERT_TRUE(gallery->directory().Write("ranges/notes.txt", "mine").ok());
  ASSERT_TRUE(KeptAnswers::RemoveAll(gallery->directory()).ok());
  EXPECT_FALSE(answers.Find(key));
  EXPECT_EQ(*gallery->directory().Read("ranges/notes.txt"), "mine");
}

}  // namespace
}  // namespace crossface
