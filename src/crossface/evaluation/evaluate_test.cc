#include "crossface/evaluation/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000;

EvaluatedTrack Track(int source, int64_t number, double start, double end, int person,
                     const cv::Rect2f& box = {}) {
  EvaluatedTrack track{.source = source,
                       .number = number,
                       .start_us = std::llround(start * kSecond),
                       .end_us = std::llround(end * kSecond),
                       .person = person,
                       .boxes = {}};
  if (box.width > 0) track.boxes = {{track.start_us, box}, {track.end_us, box}};
  return track;
}

Evaluation Compare(const EvaluatedCase& found, const std::string& csv) {
  const auto truth = ParseTruth(csv);
  if (!truth.ok()) throw std::runtime_error(truth.status().message());
  auto evaluation = CompareWithTruth(found, *truth);
  if (!evaluation.ok()) throw std::runtime_error(evaluation.status().message());
  return *std::move(evaluation);
}

const std::string kBoxHeader = "video,person,start_ms,end_ms,x,y,w,h,shot,kind\n";
const std::string kIntervalHeader = "video,person,start_s,end_s,visibility\n";
const cv::Rect2f kLeft(0, 0, 100, 100), kRight(300, 0, 100, 100), kFar(600, 0, 50, 50);

// Anna is left and Ben right for two seconds of a.mp4; Anna alone for one second of b.mp4.
std::string TwoPeople() {
  std::string csv = kBoxHeader;
  for (int ms = 0; ms < 2000; ms += 200) {
    const std::string times = std::to_string(ms) + "," + std::to_string(ms + 200);
    csv += "a,Anna," + times + ",5,5,100,100,0,normal\n";
    csv += "a,Ben," + times + ",300,10,100,90,0,normal\n";
    if (ms < 1000) csv += "b.mp4,Anna," + times + ",10,0,90,100,0,normal\n";
  }
  return csv;
}

TEST(EvaluateBoxesTest, APerfectCase) {
  const EvaluatedCase found{
      .sources = {"in/a.mp4", "b.mp4"},
      .persons = {"p1", "p2"},
      .tracks = {Track(0, 1, 0, 2, 0, kLeft), Track(0, 2, 0, 2, 1, kRight), Track(1, 1, 0, 1, 0, kLeft)}};
  const Evaluation evaluation = Compare(found, TwoPeople());
  EXPECT_EQ(evaluation.tracks_labelled, 3);
  EXPECT_EQ(evaluation.true_persons, 2);
  EXPECT_EQ(evaluation.predicted_persons, 2);
  EXPECT_DOUBLE_EQ(evaluation.tracks.bcubed.F(), 1);
  EXPECT_DOUBLE_EQ(evaluation.samples->pairwise.F(), 1);
  EXPECT_DOUBLE_EQ(evaluation.coverage.by_assigned_track, 1);
  EXPECT_TRUE(evaluation.mixed.empty());
  EXPECT_TRUE(evaluation.mistakes.empty());
  EXPECT_FALSE(evaluation.time.has_value());
}

TEST(EvaluateBoxesTest, AWrongMergeASplitAndAnUnassignedTrackAreNamed) {
  // p1 holds Anna in a.mp4 (2 s) and Ben's second half; p2 holds Ben's first 0.8 s; Anna in b.mp4 is
  // unassigned.
  const EvaluatedCase found{.sources = {"a.mp4", "b.mp4"},
                            .persons = {"p1", "p2"},
                            .tracks = {Track(0, 1, 0, 2, 0, kLeft), Track(0, 2, 0, 0.8, 1, kRight),
                                       Track(0, 3, 1, 2, 0, kRight), Track(1, 1, 0, 1, -1, kLeft)}};
  const Evaluation evaluation = Compare(found, TwoPeople());
  ASSERT_EQ(evaluation.mixed.size(), 1u);
  EXPECT_EQ(evaluation.mixed[0].person, "p1");
  ASSERT_EQ(evaluation.mixed[0].parts.size(), 2u);
  EXPECT_EQ(evaluation.mixed[0].parts[0].true_person, "Anna");
  EXPECT_EQ(evaluation.mixed[0].parts[1].true_person, "Ben");
  EXPECT_DOUBLE_EQ(evaluation.mixed[0].parts[1].seconds, 1);
  ASSERT_EQ(evaluation.mixed[0].parts[1].tracks.size(), 1u);
  EXPECT_EQ(evaluation.mixed[0].parts[1].tracks[0].source, "a.mp4");
  EXPECT_EQ(evaluation.mixed[0].parts[1].tracks[0].track, 3);

  ASSERT_EQ(evaluation.mistakes.size(), 2u);
  EXPECT_EQ(evaluation.mistakes[0].kind, Mistake::Kind::kWrongPerson);
  EXPECT_EQ(evaluation.mistakes[0].track.start_us, kSecond);
  EXPECT_EQ(evaluation.mistakes[0].true_person, "Ben");
  EXPECT_EQ(evaluation.mistakes[1].kind, Mistake::Kind::kUnassigned);
  EXPECT_EQ(evaluation.mistakes[1].track.source, "b.mp4");

  // Tracks of 2, .8, 1 and 1 s: in p1 Anna weighs 2 of 3.
  EXPECT_NEAR(evaluation.tracks.bcubed.precision, (2 * 2. / 3 + 0.8 + 1 * 1. / 3 + 1) / 4.8, 1e-9);
  EXPECT_NEAR(evaluation.tracks.bcubed.recall,
              (2 * 2. / 3 + 0.8 * 0.8 / 1.8 + 1 * 1 / 1.8 + 1 * 1. / 3) / 4.8, 1e-9);
  // Ben's sample at 0.8..1.0 s touches both his tracks and is on neither, as one after a cut touches the
  // track before; every other one is on a track. Anna's second one is unassigned.
  EXPECT_NEAR(evaluation.coverage.by_any_track, 4.8 / 5, 1e-9);
  EXPECT_NEAR(evaluation.coverage.by_assigned_track, 3.8 / 5, 1e-9);
}

TEST(EvaluateBoxesTest, ASplitPersonIsASplitOfTheSmallerFolder) {
  const EvaluatedCase found{
      .sources = {"a.mp4", "b.mp4"},
      .persons = {"p1", "p2", "p3"},
      .tracks = {Track(0, 1, 0, 2, 0, kLeft), Track(0, 2, 0, 2, 1, kRight), Track(1, 1, 0, 1, 2, kLeft)}};
  const Evaluation evaluation = Compare(found, TwoPeople());
  ASSERT_EQ(evaluation.mistakes.size(), 1u);
  EXPECT_EQ(evaluation.mistakes[0].kind, Mistake::Kind::kSplit);
  EXPECT_EQ(evaluation.mistakes[0].person, "p3");
  EXPECT_EQ(MistakeName(evaluation.mistakes[0].kind), "split");
  EXPECT_DOUBLE_EQ(evaluation.tracks.bcubed.precision, 1);
  // Samples: 2 s and 1 s of Anna apart, 2 s of Ben together.
  EXPECT_NEAR(evaluation.samples->bcubed.recall, (2 * 2. / 3 + 1 * 1. / 3 + 2) / 5, 1e-9);
}

TEST(EvaluateBoxesTest, BystandersAreCountedNotScored) {
  const EvaluatedCase found{
      .sources = {"a.mp4", "b.mp4"},
      .persons = {"p1", "p2", "p3"},
      .tracks = {Track(0, 1, 0, 2, 0, kLeft), Track(0, 2, 0, 2, 1, kRight), Track(1, 1, 0, 1, 0, kLeft),
                 Track(0, 4, 0, 1, 2, kFar), Track(0, 5, 1, 2, 0, kFar)}};
  const Evaluation evaluation = Compare(found, TwoPeople());
  EXPECT_EQ(evaluation.tracks_labelled, 3);
  EXPECT_EQ(evaluation.tracks_unlabelled, 2);
  EXPECT_EQ(evaluation.unlabelled_with_labelled, 1);
  EXPECT_DOUBLE_EQ(evaluation.tracks.bcubed.F(), 1);
  EXPECT_TRUE(evaluation.mistakes.empty());
}

TEST(EvaluateBoxesTest, ATrackIsInterpolatedAndMatchesOneSampleOfAMoment) {
  // A face that crosses the picture in a second, kept at its ends only; the other sample overlaps it less.
  EvaluatedTrack moving = Track(0, 1, 0, 1, 0, kLeft);
  moving.boxes.back().second = cv::Rect2f(500, 0, 100, 100);
  const EvaluatedCase found{.sources = {"v.mp4"}, .persons = {"p"}, .tracks = {moving}};
  const Evaluation evaluation = Compare(
      found, kBoxHeader + "v,Anna,400,600,255,0,100,100,0,normal\nv,Ben,400,600,290,0,100,100,0,normal\n");
  EXPECT_EQ(evaluation.tracks_labelled, 1);
  EXPECT_DOUBLE_EQ(evaluation.coverage.by_any_track, 0.5);
  EXPECT_TRUE(evaluation.mistakes.empty());
  EXPECT_EQ(evaluation.samples->true_persons, 1);
}

TEST(EvaluateBoxesTest, DarkShotsCountInOneCoverageOnly) {
  const EvaluatedCase found{.sources = {"v.mp4"}, .persons = {"p"}, .tracks = {Track(0, 1, 0, 1, 0, kLeft)}};
  std::string csv = kBoxHeader;
  csv +=
      "v,Anna,0,1000,0,0,100,100,0,normal\nv,Anna,1000,2000,0,0,100,100,1,dark\nv,Anna,2000,3000,0,0,100,100,"
      "2,black\n";
  csv += "v,Anna,3000,4000,0,0,100,100,3,dim\n";
  const Evaluation evaluation = Compare(found, csv);
  EXPECT_DOUBLE_EQ(evaluation.coverage.by_any_track, 0.25);
  EXPECT_DOUBLE_EQ(evaluation.detectable_coverage->by_any_track, 0.5);
}

TEST(EvaluateBoxesTest, StillPicturesMatchWhateverTimeTheTruthGivesThem) {
  const EvaluatedCase found{
      .sources = {"anna/1.jpg", "anna/2.jpg", "ben/1.jpg"},
      .persons = {"p1", "p2"},
      .tracks = {Track(0, 1, 0, 0, 0, kLeft), Track(1, 1, 0, 0, 0, kLeft), Track(2, 1, 0, 0, 1, kLeft)}};
  const Evaluation evaluation =
      Compare(found, kBoxHeader +
                         "anna/1.jpg,Anna,0,1000,0,0,90,90,0,still\nanna/2,Anna,0,1000,0,0,90,90,0,still\n"
                         "ben/1.jpg,Ben,0,1000,0,0,90,90,0,still\n");
  EXPECT_EQ(evaluation.tracks_labelled, 3);
  EXPECT_DOUBLE_EQ(evaluation.tracks.pairwise.F(), 1);
}

TEST(EvaluateTest, VideosAreMatchedByNameAndDoubtIsRefused) {
  const EvaluatedCase found{.sources = {"day1/a.mp4", "day2/a.mp4", "b.mkv"}, .persons = {}, .tracks = {}};
  const auto compare = [&](const std::string& rows) {
    return CompareWithTruth(found, *ParseTruth(kIntervalHeader + rows));
  };
  const auto doubtful = compare("a,Anna,0,1,clear\n");
  EXPECT_EQ(doubtful.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(doubtful.status().message(), HasSubstr("day1/a.mp4 or day2/a.mp4"));
  EXPECT_TRUE(compare("day2/a.mp4,Anna,0,1,clear\n").ok());
  EXPECT_THAT(compare("b,Anna,0,1,clear\nz.mp4,Ben,0,1,clear\n")->missing_videos, ElementsAre("z.mp4"));
  EXPECT_THAT(compare("z.mp4,Ben,0,1,clear\n").status().message(), HasSubstr("none of the truth's 1 videos"));
}

// a.mp4: Anna clear 0-4 s, Ben clear 0-2 s, from behind 2-4 s; b.mp4: Anna in profile 0-2 s, a crowd 2-4 s;
// c.mp4: nobody.
std::string Scenes() {
  return kIntervalHeader +
         "a.mp4,Anna,0,4,clear\na.mp4,Ben,0,2,clear\na.mp4,Ben,2,4,back\nb.mp4,Anna,0,2,profile\nb.mp4,*"
         "crowd,2,4,ignore\n";
}

TEST(EvaluateIntervalsTest, TimePrecisionAndRecallUnderTheBestMatching) {
  const EvaluatedCase found{.sources = {"a.mp4", "b.mp4", "c.mp4"},
                            .persons = {"p1", "p2", "p3"},
                            .tracks = {
                                Track(0, 1, 0, 3, 0),    // Anna, one clear second short
                                Track(0, 2, 0, 1.5, 1),  // Ben, half a clear second short
                                Track(1, 1, 0, 2, 0),    // Anna in profile: right, and not required
                                Track(1, 2, 2, 4, 2),    // in the crowd: neither right nor wrong
                                Track(2, 1, 0, 1, 2),    // where nobody is: wrong
                                Track(2, 2, 1, 3, -1),   // unassigned: no person's time
                            }};
  const Evaluation evaluation = Compare(found, Scenes());
  ASSERT_TRUE(evaluation.time.has_value());
  EXPECT_NEAR(evaluation.time->precision, (3 + 1.5 + 2) / (3 + 1.5 + 2 + 1), 1e-9);
  EXPECT_NEAR(evaluation.time->recall, (3 + 1.5) / (4 + 2), 1e-9);
  EXPECT_NEAR(evaluation.coverage.by_any_track, (3 + 1.5) / 6, 1e-9);
  EXPECT_EQ(evaluation.true_persons, 2);
  EXPECT_EQ(evaluation.tracks_labelled, 3);
  EXPECT_EQ(evaluation.tracks_ignored, 1);
  EXPECT_EQ(evaluation.tracks_false, 2);
  ASSERT_EQ(evaluation.mistakes.size(), 1u);
  EXPECT_EQ(evaluation.mistakes[0].kind, Mistake::Kind::kFalse);
  EXPECT_EQ(evaluation.mistakes[0].track.source, "c.mp4");
  EXPECT_TRUE(evaluation.persons_where_nobody_is.empty()) << "p3 is also in a video that the truth speaks of";
}

TEST(EvaluateIntervalsTest, APersonInVideosWithoutFacesOnlyIsNamed) {
  const EvaluatedCase found{.sources = {"a.mp4", "c.mp4"},
                            .persons = {"p1", "ghost"},
                            .tracks = {Track(0, 1, 0, 4, 0), Track(1, 1, 0, 1, 1)}};
  EXPECT_THAT(Compare(found, kIntervalHeader + "a.mp4,Anna,0,4,clear\n").persons_where_nobody_is,
              ElementsAre("ghost"));
}

TEST(EvaluateIntervalsTest, APersonAcrossScenesThatNobodyExplainsIsMixed) {
  // Scene 1 shows Anna and Ben, scene 2 Cleo alone. p1 spans both.
  const std::string csv =
      kIntervalHeader + "a.mp4,Anna,0,4,clear\na.mp4,Ben,0,4,clear\na.mp4,Cleo,4,9,clear\n";
  const EvaluatedCase found{.sources = {"a.mp4"},
                            .persons = {"p1", "p2"},
                            .tracks = {Track(0, 1, 0, 4, 0), Track(0, 2, 0, 4, 1), Track(0, 3, 4, 9, 0)}};
  const Evaluation evaluation = Compare(found, csv);
  ASSERT_EQ(evaluation.mixed.size(), 1u);
  EXPECT_EQ(evaluation.mixed[0].person, "p1");
  EXPECT_EQ(evaluation.mixed[0].parts[0].true_person, "Cleo");
  EXPECT_DOUBLE_EQ(evaluation.mixed[0].parts[0].seconds, 5);
  // p1 is Cleo (5 s), p2 Anna or Ben (4 s).
  EXPECT_NEAR(evaluation.time->precision, (5 + 4) / 13., 1e-9);
  EXPECT_NEAR(evaluation.time->recall, (5 + 4) / 13., 1e-9);
  ASSERT_FALSE(evaluation.mistakes.empty());
  EXPECT_EQ(evaluation.mistakes[0].kind, Mistake::Kind::kWrongPerson);
  EXPECT_EQ(evaluation.mistakes[0].track.track, 1);
}

TEST(EvaluateIntervalsTest, AThirdFaceBesideTwoPeopleWhoAreShownIsABystander) {
  const std::string csv =
      kIntervalHeader + "a.mp4,Anna,0,4,clear\na.mp4,Ben,0,4,clear\nb.mp4,Cleo,0,4,clear\n";
  const EvaluatedCase found{.sources = {"a.mp4", "b.mp4"},
                            .persons = {"p1", "p2", "p3"},
                            .tracks = {Track(0, 1, 0, 4, 0), Track(0, 2, 0, 4, 1), Track(1, 1, 0, 4, 2),
                                       Track(0, 3, 1, 2, 2), Track(0, 4, 1, 2, -1)}};
  const Evaluation evaluation = Compare(found, csv);
  EXPECT_EQ(evaluation.tracks_labelled, 3);
  EXPECT_EQ(evaluation.tracks_unlabelled, 2);
  EXPECT_EQ(evaluation.unlabelled_with_labelled, 1);
  EXPECT_TRUE(evaluation.mixed.empty());
  EXPECT_NEAR(evaluation.time->precision, 12. / 13, 1e-9) << "Cleo is not in a.mp4";
}

TEST(EvaluateIntervalsTest, BacksOfHeadsAreNotRequired) {
  const std::string csv = kIntervalHeader + "a.mp4,Anna,0,4,clear\na.mp4,Anna,4,8,back\n";
  EvaluatedCase found{
      .sources = {"a.mp4"}, .persons = {"p1"}, .tracks = {Track(0, 1, 0, 4, 0), Track(0, 2, 4, 8, -1)}};
  const Evaluation missed = Compare(found, csv);
  EXPECT_EQ(missed.tracks_ignored, 1);
  EXPECT_DOUBLE_EQ(missed.tracks.bcubed.recall, 1);
  EXPECT_DOUBLE_EQ(missed.time->recall, 1);
  found.tracks[1].person = 0;
  const Evaluation seen = Compare(found, csv);
  EXPECT_EQ(seen.tracks_labelled, 2);
  EXPECT_DOUBLE_EQ(seen.time->precision, 1);
}

TEST(EvaluateIntervalsTest, TwoFoldersOfOnePersonHalveHerRecallNotThePrecisionOfHerTracks) {
  const EvaluatedCase found{
      .sources = {"a.mp4"}, .persons = {"p1", "p2"}, .tracks = {Track(0, 1, 0, 3, 0), Track(0, 2, 3, 4, 1)}};
  const Evaluation evaluation = Compare(found, kIntervalHeader + "a.mp4,Anna,0,4,clear\n");
  EXPECT_NEAR(evaluation.time->recall, 0.75, 1e-9);
  EXPECT_NEAR(evaluation.time->precision, 0.75, 1e-9);
  EXPECT_DOUBLE_EQ(evaluation.tracks.bcubed.precision, 1);
  EXPECT_NEAR(evaluation.tracks.bcubed.recall, (3 * 0.75 + 1 * 0.25) / 4, 1e-9);
  EXPECT_TRUE(evaluation.mixed.empty());
}

TEST(EvaluateIntervalsTest, ACaseWithoutTracks) {
  const EvaluatedCase found{.sources = {"a.mp4"}, .persons = {}, .tracks = {}};
  const Evaluation evaluation = Compare(found, kIntervalHeader + "a.mp4,Anna,0,4,clear\n");
  EXPECT_DOUBLE_EQ(evaluation.time->recall, 0);
  EXPECT_DOUBLE_EQ(evaluation.time->precision, 1);
  EXPECT_DOUBLE_EQ(evaluation.coverage.by_any_track, 0);
}

TEST(EvaluateCaseTest, ReadsAGallery) {
  const testing::ScratchFolder scratch;
  auto gallery = Gallery::Open(scratch.path() / "case", Gallery::Mode::kCreate);
  ASSERT_TRUE(gallery.ok()) << gallery.status().message();
  const auto source = (*gallery)->WriteSource({.name = "clips/a.mp4", .path = "/in/clips/a.mp4"});
  ASSERT_TRUE(source.ok()) << source.status().message();
  std::vector<TrackRecord> tracks(2);
  for (int i = 0; i < 2; ++i) {
    tracks[i].number = i + 1;
    tracks[i].end_us = 2 * kSecond;
    for (const int64_t time : {int64_t{0}, kSecond}) {
      FaceRecord face{.number = 1 + time / kSecond, .frame = time / 40'000, .time_us = time, .detection = {}};
      face.detection.box = i == 0 ? kLeft : kRight;
      tracks[i].faces.push_back(std::move(face));
    }
  }
  const Status appended = (*gallery)->AppendTracks(*source, tracks, {});
  ASSERT_TRUE(appended.ok()) << appended.message();
  const auto stored = (*gallery)->ReadTracks({});
  ASSERT_EQ(stored->size(), 2u);
  ASSERT_TRUE((*gallery)->ReplaceGrouping({{}}, {{(*stored)[0].id, 0, 0.9f}, {(*stored)[1].id, -1, 0}}).ok());

  const auto truth = scratch.path() / "truth.csv";
  ASSERT_TRUE(
      WriteFileAtomically(
          truth, kBoxHeader + "a,Anna,0,1000,0,0,100,100,0,normal\na,Ben,0,1000,300,0,100,100,0,normal\n")
          .ok());
  const auto evaluation = EvaluateCase(**gallery, truth);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
  EXPECT_EQ(evaluation->tracks_labelled, 2);
  EXPECT_EQ(evaluation->predicted_persons, 1);
  EXPECT_DOUBLE_EQ(evaluation->coverage.by_any_track, 1);
  EXPECT_DOUBLE_EQ(evaluation->coverage.by_assigned_track, 0.5);
  ASSERT_EQ(evaluation->mistakes.size(), 1u);
  EXPECT_EQ(evaluation->mistakes[0].track.source, "clips/a.mp4");
  EXPECT_EQ(evaluation->mistakes[0].true_person, "Ben");
  EXPECT_EQ(EvaluateCase(**gallery, scratch.path() / "none.csv").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace crossface
