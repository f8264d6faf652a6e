// The intervals of the scores, and the list of the worst mistakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/evaluation/evaluate.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kSecond = 1'000'000;
const cv::Rect2f kLeft(0, 0, 100, 100), kRight(300, 0, 100, 100);

EvaluatedTrack Track(int source, int64_t number, double start, double end, int person,
                     const cv::Rect2f& box = {}, const std::string& picture = "") {
  EvaluatedTrack track{.source = source,
                       .number = number,
                       .start_us = std::llround(start * kSecond),
                       .end_us = std::llround(end * kSecond),
                       .person = person,
                       .boxes = {},
                       .picture = picture};
  if (box.width > 0) track.boxes = {{track.start_us, box}, {track.end_us, box}};
  return track;
}

Evaluation Compare(const EvaluatedCase& found, const std::string& csv, int resamples = kDefaultResamples) {
  const auto truth = ParseTruth(csv);
  if (!truth.ok()) throw std::runtime_error(truth.status().message());
  auto evaluation = CompareWithTruth(found, *truth, resamples);
  if (!evaluation.ok()) throw std::runtime_error(evaluation.status().message());
  return *std::move(evaluation);
}

const std::string kBoxHeader = "video,person,start_ms,end_ms,x,y,w,h,kind\n";
const std::string kIntervalHeader = "video,person,start_s,end_s,visibility\n";

std::string BoxRow(const std::string& video, const std::string& person, int start_ms, int end_ms,
                   const cv::Rect2f& box, const std::string& kind = "normal") {
  return video + "," + person + "," + std::to_string(start_ms) + "," + std::to_string(end_ms) + "," +
         std::to_string(box.x) + ",0,100,100," + kind + "\n";
}

// So many videos of four seconds with Anna left and, in every other one, Ben right. In every third one half
// of Anna is in no folder.
struct ManyVideos {
  EvaluatedCase found;
  std::string csv = kBoxHeader;
  explicit ManyVideos(int count) {
    found.persons = {"p1", "p2"};
    for (int i = 0; i < count; ++i) {
      const std::string name = "v" + std::to_string(i);
      found.sources.push_back(name + ".mp4");
      found.tracks.push_back(Track(i, 1, 0, i % 3 == 0 ? 2 : 4, 0, kLeft));
      if (i % 2 == 0) found.tracks.push_back(Track(i, 2, 0, 4, 1, kRight));
      for (int ms = 0; ms < 4000; ms += 500) {
        csv += BoxRow(name, "Anna", ms, ms + 500, kLeft);
        if (i % 2 == 0) csv += BoxRow(name, "Ben", ms, ms + 500, kRight);
      }
    }
  }
};

TEST(EvaluateConfidenceTest, TheIntervalOfTwoVideosIsWhatTheFourDrawsGive) {
  // Video a is covered whole, b by half: draws of (a,a), (a,b), (b,a) and (b,b) give 1, 3/4, 3/4 and 1/2;
  // each outer one comes in a quarter of all draws, so they bound the middle 95 %.
  const EvaluatedCase found{.sources = {"a.mp4", "b.mp4"},
                            .persons = {"p1"},
                            .tracks = {Track(0, 1, 0, 4, 0, kLeft), Track(1, 1, 0, 2, 0, kLeft)}};
  std::string csv = kBoxHeader;
  for (const char* video : {"a", "b"}) {
    for (int ms = 0; ms < 4000; ms += 500) csv += BoxRow(video, "Anna", ms, ms + 500, kLeft);
  }
  const Evaluation evaluation = Compare(found, csv);
  EXPECT_EQ(evaluation.confidence.sources, 2);
  EXPECT_EQ(evaluation.confidence.resamples, kDefaultResamples);
  EXPECT_DOUBLE_EQ(evaluation.coverage.by_any_track, 0.75);
  EXPECT_DOUBLE_EQ(evaluation.confidence.of.at("/coverage/by_any_track").low, 0.5);
  EXPECT_DOUBLE_EQ(evaluation.confidence.of.at("/coverage/by_any_track").high, 1);
  // Nobody is confused with anybody in any draw.
  EXPECT_DOUBLE_EQ(evaluation.confidence.of.at("/bcubed/precision").low, 1);
}

TEST(EvaluateConfidenceTest, EveryScoreHasAnIntervalAroundItThatShrinksWithMoreVideos) {
  const ManyVideos few(6), many(96);
  const Evaluation of_few = Compare(few.found, few.csv), of_many = Compare(many.found, many.csv);
  for (const Evaluation* evaluation : {&of_few, &of_many}) {
    const auto scores = NamedScores(*evaluation);
    ASSERT_EQ(evaluation->confidence.of.size(), scores.size());
    for (const auto& [name, value] : scores) {
      EXPECT_LE(evaluation->confidence.of.at(name).low, value) << name;
      EXPECT_GE(evaluation->confidence.of.at(name).high, value) << name;
    }
  }
  for (const char* name : {"/coverage/by_any_track", "/end_to_end/pairwise/recall", "/end_to_end/bcubed/f"}) {
    const ScoreInterval wide = of_few.confidence.of.at(name), narrow = of_many.confidence.of.at(name);
    EXPECT_GT(wide.high - wide.low, 2 * (narrow.high - narrow.low)) << name;
    EXPECT_GT(narrow.high - narrow.low, 0) << name;
  }
}

TEST(EvaluateConfidenceTest, TheSameNumbersInEveryRun) {
  const ManyVideos videos(7);
  const Evaluation one = Compare(videos.found, videos.csv, 200),
                   again = Compare(videos.found, videos.csv, 200);
  for (const auto& [name, interval] : one.confidence.of) {
    EXPECT_EQ(interval.low, again.confidence.of.at(name).low) << name;
    EXPECT_EQ(interval.high, again.confidence.of.at(name).high) << name;
  }
  // On every machine too: the draws are the generator's own numbers.
  EXPECT_NEAR(one.confidence.of.at("/coverage/by_any_track").low, 0.74943181818181818, 1e-12);
}

TEST(EvaluateConfidenceTest, OneVideoGivesNone) {
  const ManyVideos one(1);
  EvaluatedCase found = one.found;
  // A second video without truth says nothing about boxes.
  found.sources.push_back("other.mp4");
  found.tracks.push_back(Track(1, 1, 0, 4, 1, kRight));
  const Evaluation evaluation = Compare(found, one.csv);
  EXPECT_EQ(evaluation.confidence.sources, 1);
  EXPECT_EQ(evaluation.confidence.resamples, 0);
  EXPECT_THAT(evaluation.confidence.of, IsEmpty());
  EXPECT_THAT(Compare(ManyVideos(3).found, ManyVideos(3).csv, 0).confidence.of, IsEmpty());
}

TEST(EvaluateConfidenceTest, IntervalsOfTimeAreDrawnByVideoToo) {
  const EvaluatedCase found{.sources = {"a.mp4", "b.mp4"},
                            .persons = {"p1"},
                            .tracks = {Track(0, 1, 0, 4, 0), Track(1, 1, 0, 1, 0)}};
  const Evaluation evaluation =
      Compare(found, kIntervalHeader + "a.mp4,Anna,0,4,clear\nb.mp4,Anna,0,4,clear\n");
  EXPECT_DOUBLE_EQ(evaluation.time->recall, 5. / 8);
  EXPECT_DOUBLE_EQ(evaluation.confidence.of.at("/time/recall").low, 0.25);
  EXPECT_DOUBLE_EQ(evaluation.confidence.of.at("/time/recall").high, 1);
  EXPECT_DOUBLE_EQ(evaluation.confidence.of.at("/time/precision").low, 1);
}

TEST(EvaluateScoresTest, MissesCostRecallEndToEnd) {
  // Four samples of Anna of which two are in a folder and one on no track; the fourth is unassigned.
  const EvaluatedCase found{.sources = {"a.mp4"},
                            .persons = {"p1"},
                            .tracks = {Track(0, 1, 0, 2, 0, kLeft), Track(0, 2, 2, 3, -1, kLeft)}};
  std::string csv = kBoxHeader;
  for (int second = 0; second < 4; ++second)
    csv += BoxRow("a", "Anna", 1000 * second, 1000 * (second + 1), kLeft);
  const Evaluation evaluation = Compare(found, csv);
  EXPECT_DOUBLE_EQ(evaluation.samples->pairwise.recall, 1. / 3);     // 1 of the 3 pairs of the 3 found
  EXPECT_DOUBLE_EQ(evaluation.end_to_end->pairwise.recall, 1. / 6);  // 1 of the 6 pairs of all 4
  EXPECT_DOUBLE_EQ(evaluation.end_to_end->pairwise.precision, 1);
  EXPECT_DOUBLE_EQ(evaluation.end_to_end->bcubed.recall, (2 * 0.5 + 2 * 0.25) / 4);
}

TEST(EvaluateScoresTest, ClicksThatPutAllRight) {
  // p1: Anna twice and Ben once; p2: Ben; one track of Ben is in no folder.
  const EvaluatedCase found{
      .sources = {"a.mp4", "b.mp4", "c.mp4"},
      .persons = {"p1", "p2"},
      .tracks = {Track(0, 1, 0, 1, 0, kLeft), Track(1, 1, 0, 1, 0, kLeft), Track(0, 2, 0, 1, 0, kRight),
                 Track(1, 2, 0, 1, 1, kRight), Track(2, 1, 0, 1, -1, kRight)}};
  const Evaluation evaluation =
      Compare(found, kBoxHeader + BoxRow("a", "Anna", 0, 1000, kLeft) + BoxRow("a", "Ben", 0, 1000, kRight) +
                         BoxRow("b", "Anna", 0, 1000, kLeft) + BoxRow("b", "Ben", 0, 1000, kRight) +
                         BoxRow("c", "Ben", 0, 1000, kRight));
  EXPECT_EQ(evaluation.clicks.needed, 2 + 1 + 1);  // two names, one wrong track, one that is alone
  EXPECT_EQ(evaluation.clicks.least, 2);
  EXPECT_EQ(evaluation.clicks.most, 5);
}

TEST(EvaluateMistakesTest, MixedAndSplitPersonsComeWorstFirstWithAFaceOfEach) {
  // p1: Anna 4 s, Ben 3 s. p2: Cleo 4 s, Ben 1 s. p3 and p4: Dora 2 s and 1 s.
  const EvaluatedCase found{
      .sources = {"a.mp4"},
      .persons = {"p1", "p2", "p3", "p4"},
      .tracks = {Track(0, 1, 0, 4, 1, kLeft, "cleo.jpg"), Track(0, 2, 4, 5, 1, kLeft, "ben1.jpg"),
                 Track(0, 3, 10, 14, 0, kLeft, "anna.jpg"), Track(0, 4, 14, 15, 0, kLeft, "ben2.jpg"),
                 Track(0, 5, 15, 17, 0, kLeft, "ben3.jpg"), Track(0, 6, 20, 22, 2, kLeft, "dora1.jpg"),
                 Track(0, 7, 22, 23, 3, kLeft, "dora2.jpg")}};
  std::string csv = kBoxHeader;
  const auto add = [&](const char* person, int from, int to) {
    for (int second = from; second < to; ++second)
      csv += BoxRow("a", person, 1000 * second, 1000 * (second + 1), kLeft);
  };
  add("Cleo", 0, 4), add("Ben", 4, 5), add("Anna", 10, 14), add("Ben", 14, 17), add("Dora", 20, 23);
  const Evaluation evaluation = Compare(found, csv);
  ASSERT_THAT(evaluation.mixed, SizeIs(2));
  EXPECT_EQ(evaluation.mixed[0].person, "p1");
  ASSERT_THAT(evaluation.mixed[0].parts, SizeIs(2));
  EXPECT_EQ(evaluation.mixed[0].parts[0].true_person, "Anna");
  EXPECT_EQ(evaluation.mixed[0].parts[0].tracks.front().picture, "anna.jpg");
  EXPECT_DOUBLE_EQ(evaluation.mixed[0].parts[1].seconds, 3);
  EXPECT_EQ(evaluation.mixed[0].parts[1].tracks.front().picture, "ben3.jpg") << "the longest";
  EXPECT_EQ(evaluation.mixed[1].person, "p2");
  ASSERT_THAT(evaluation.split, SizeIs(1)) << "Ben owns no folder: he is told where he is mixed in";
  EXPECT_EQ(evaluation.split[0].true_person, "Dora");
  EXPECT_EQ(evaluation.split[0].parts[0].person, "p3");
  EXPECT_DOUBLE_EQ(evaluation.split[0].parts[0].seconds, 2);
  EXPECT_EQ(evaluation.split[0].parts[1].tracks.front().picture, "dora2.jpg");
}

TEST(EvaluateMistakesTest, MissedBoxesAreStretchesOfTime) {
  // Anna: 0-2 s on no track, 2-3 s unassigned, 3-4 s in a folder, 4-5 s missed again; a dark second after it.
  const EvaluatedCase found{
      .sources = {"a.mp4"},
      .persons = {"p1"},
      .tracks = {Track(0, 1, 2, 3, -1, kLeft, "unassigned/faces/x.jpg"), Track(0, 2, 3, 4.5, 0, kLeft)}};
  std::string csv = kBoxHeader;
  for (int ms = 0; ms < 6000; ms += 500)
    csv += BoxRow("a", "Anna", ms, ms + 500, kLeft, ms >= 5500 ? "dark" : "normal");
  const Evaluation evaluation = Compare(found, csv);
  ASSERT_THAT(evaluation.missed, SizeIs(2));
  EXPECT_EQ(evaluation.missed[0].true_person, "Anna");
  EXPECT_EQ(evaluation.missed[0].where.source, "a.mp4");
  EXPECT_EQ(evaluation.missed[0].where.start_us, 0);
  EXPECT_EQ(evaluation.missed[0].where.end_us, 3 * kSecond);
  EXPECT_DOUBLE_EQ(evaluation.missed[0].seconds, 3);
  EXPECT_EQ(evaluation.missed[0].where.track, 1);
  EXPECT_EQ(evaluation.missed[0].where.picture, "unassigned/faces/x.jpg");
  EXPECT_DOUBLE_EQ(evaluation.missed[1].seconds, 1) << "the dark half second cannot be found";
  EXPECT_EQ(evaluation.missed[1].where.track, 0);
}

TEST(EvaluateMistakesTest, MissedIntervalsAreClearTimeOnly) {
  const EvaluatedCase found{.sources = {"a.mp4"}, .persons = {"p1"}, .tracks = {Track(0, 1, 1, 4, 0)}};
  const Evaluation evaluation =
      Compare(found, kIntervalHeader + "a.mp4,Anna,0,4,clear\na.mp4,Ben,2,4,clear\na.mp4,Ben,4,9,profile\n");
  ASSERT_THAT(evaluation.missed, SizeIs(2));
  EXPECT_EQ(evaluation.missed[0].true_person, "Ben");
  EXPECT_NEAR(evaluation.missed[0].seconds, 2, 1e-9);
  EXPECT_EQ(evaluation.missed[0].where.start_us, 2 * kSecond);
  EXPECT_EQ(evaluation.missed[0].where.end_us, 4 * kSecond);
  EXPECT_EQ(evaluation.missed[1].true_person, "Anna");
  EXPECT_NEAR(evaluation.missed[1].seconds, 1, 1e-9);
}

}  // namespace
}  // namespace crossface
