#include "crossface/scan/distinct_faces.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace crossface {
namespace {

// A track with one face a frame from `first` on, all at this box and embedded.
TrackRecord TrackAt(int64_t first, int64_t count, const cv::Rect2f& box) {
  TrackRecord track;
  for (int64_t i = 0; i < count; ++i) {
    FaceRecord face;
    face.number = i + 1;
    face.frame = first + i;
    face.time_us = (first + i) * 40'000;
    face.duration_us = 40'000;
    face.detection.box = box;
    face.embeddings.push_back({"net", "hash", {1, 0}});
    track.faces.push_back(face);
  }
  track.start_us = track.faces.front().time_us;
  track.end_us = track.faces.back().time_us + 40'000;
  return track;
}

TEST(DistinctFacesTest, AFaceFoundTwiceIsOfTheLongerTrack) {
  std::vector<TrackRecord> tracks = {TrackAt(3, 1, {101, 99, 40, 52}), TrackAt(0, 9, {100, 100, 40, 50})};
  DropDoubles(&tracks);
  ASSERT_EQ(tracks.size(), 1u);
  EXPECT_EQ(tracks[0].faces.size(), 9u);
}

TEST(DistinctFacesTest, ASmallBoxInsideALargeOneIsTheSameFace) {
  std::vector<TrackRecord> tracks = {TrackAt(0, 5, {100, 100, 60, 80}), TrackAt(2, 2, {110, 110, 30, 40})};
  DropDoubles(&tracks);
  EXPECT_EQ(tracks.size(), 1u);
}

TEST(DistinctFacesTest, HeadsBeforeEachOtherStayTwo) {
  std::vector<TrackRecord> tracks = {TrackAt(0, 5, {100, 100, 60, 80}), TrackAt(0, 5, {130, 95, 60, 80})};
  DropDoubles(&tracks);
  EXPECT_EQ(tracks.size(), 2u);
}

TEST(DistinctFacesTest, WhereTracksCrossOnlyTheCommonFramesGo) {
  std::vector<TrackRecord> tracks = {TrackAt(0, 9, {100, 100, 40, 50}), TrackAt(8, 5, {100, 100, 40, 50})};
  DropDoubles(&tracks);
  ASSERT_EQ(tracks.size(), 2u);
  ASSERT_EQ(tracks[1].faces.size(), 4u);
  EXPECT_EQ(tracks[1].faces[0].number, 1);
  EXPECT_EQ(tracks[1].start_us, 9 * 40'000);
}

TEST(DistinctFacesTest, ATemplateIsTheMeanOfWhatTheTrackKeeps) {
  std::vector<TrackRecord> tracks = {TrackAt(0, 9, {100, 100, 40, 50}), TrackAt(8, 3, {100, 100, 40, 50})};
  for (FaceRecord& face : tracks[1].faces) face.quality = 0.5f;
  tracks[1].faces[0].embeddings[0].vector = {0, 1};
  tracks[1].templates.push_back({"net", "hash", {0.8f, 0.6f}});
  DropDoubles(&tracks);
  ASSERT_EQ(tracks[1].faces.size(), 2u);
  EXPECT_EQ(tracks[1].templates[0].vector, (std::vector<float>{1, 0}));
}

RC_GTEST_PROP(DistinctFacesTest, NoTwoFacesOfAFrameAreOne, ()) {
  std::vector<TrackRecord> tracks;
  const int count = *rc::gen::inRange(0, 9);
  for (int i = 0; i < count; ++i) {
    tracks.push_back(TrackAt(
        *rc::gen::inRange(0, 6), *rc::gen::inRange(1, 6),
        {static_cast<float>(*rc::gen::inRange(0, 80)), static_cast<float>(*rc::gen::inRange(0, 80)),
         static_cast<float>(*rc::gen::inRange(8, 60)), static_cast<float>(*rc::gen::inRange(8, 60))}));
  }
  DropDoubles(&tracks);
  for (size_t a = 0; a < tracks.size(); ++a) {
    for (size_t b = 0; b < a; ++b) {
      for (const FaceRecord& x : tracks[a].faces) {
        for (const FaceRecord& y : tracks[b].faces)
          RC_ASSERT(x.frame != y.frame || !AreOneFace(x.detection.box, y.detection.box));
      }
    }
  }
}

}  // namespace
}  // namespace crossface
