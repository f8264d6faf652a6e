// Records with something in every field, and a gallery in a scratch folder: for tests only.
#pragma once

#include <gtest/gtest.h>

#include "crossface/gallery/gallery.h"
#include "crossface/testing/testing.h"

namespace crossface {

inline SourceRecord MakeSource(const std::string& name) {
  SourceRecord source;
  source.name = name;
  source.path = "/footage/" + name;
  source.sha256 = std::string(64, 'a');
  source.modified_ns = 1'700'000'000'123'456'789;
  source.info = {.bytes = 123456789012,
                 .duration_ms = 90'500,
                 .width = 1080,
                 .height = 1920,
                 .rotation = 90,
                 .fps = 29.97,
                 .codec = "h264",
                 .stream_index = 1,
                 .time_base_num = 1,
                 .time_base_den = 90000,
                 .created = "2026-11-23T10:20:30Z",
                 .created_from = "creation_time",
                 .latitude = -12.5,
                 .longitude = 0.0,
                 .device = "Maker Model"};
  source.counts = {.decoded = 100, .dark = 1, .still = 2, .paced = 3, .kept = 94, .cuts = 5};
  source.state = SourceState::kScanning;
  source.message = "a \"message\"";
  source.settings = R"({"detectors":["scrfd_500m"]})";
  return source;
}

inline FaceRecord MakeFace(int64_t number) {
  FaceRecord face;
  face.number = number;
  face.frame = number * 6;
  face.pts = number * 18000;
  face.time_us = number * 200'000;
  face.duration_us = 33'333;
  face.detection.box = {-1.25f, 2.5f, 30.1f, 40.7f};
  face.detection.score = 0.875f;
  for (size_t i = 0; i < 5; ++i)
    face.detection.landmarks[i] = {static_cast<float>(i) + 0.5f, static_cast<float>(number)};
  face.detection.seen_by.Add(DetectorKind::kScrfd500m);
  face.detection.looked = face.detection.seen_by;
  face.detection.looked.Add(DetectorKind::kMtcnn);
  face.quality = 0.625f;
  face.jpeg = std::string("\xFF\xD8\0jpeg", 7) + std::to_string(number);
  face.embeddings = {{"arcface_ms1m", std::string(64, 'b'), {0.6f, -0.8f, 0.0f}, 21.5f}};
  return face;
}

inline TrackRecord MakeTrack(int64_t number, int64_t faces) {
  TrackRecord track;
  track.number = number;
  track.shot = number / 2;
  track.start_us = number * 1'000'000;
  track.end_us = track.start_us + 500'000;
  track.quality = 0.75f;
  track.may_form = number % 2 == 1;
  track.evidence = track.may_form ? 0.875f : 0.25f;
  track.reason = track.may_form ? UnassignedReason::kNone : UnassignedReason::kTurnedAway;
  for (int64_t i = 1; i <= faces; ++i) track.faces.push_back(MakeFace(i));
  track.templates = {{"arcface_ms1m", std::string(64, 'b'), {1.0f, 0.0f, 0.0f}},
                     {"facenet", std::string(64, 'c'), {0.5f}}};
  return track;
}

class GalleryTest : public ::testing::Test {
 protected:
  std::filesystem::path folder() const { return scratch_.path() / "case"; }
  std::unique_ptr<Gallery> Open(Gallery::Mode mode = Gallery::Mode::kCreate) {
    auto gallery = Gallery::Open(folder(), mode);
    EXPECT_TRUE(gallery.ok()) << gallery.status().message();
    return gallery.ok() ? std::move(*gallery) : nullptr;
  }
  // A case with one source and `tracks` tracks; returns the tracks' ids.
  std::vector<int64_t> Fill(Gallery& gallery, int tracks) {
    const int64_t source = *gallery.WriteSource(MakeSource("a.mp4"));
    std::vector<TrackRecord> records;
    for (int i = 1; i <= tracks; ++i) records.push_back(MakeTrack(i, 2));
    EXPECT_TRUE(gallery.AppendTracks(source, records, {}).ok());
    std::vector<int64_t> ids;
    const auto stored = gallery.ReadTracks({});
    for (const TrackRecord& track : *stored) ids.push_back(track.id);
    return ids;
  }
  testing::ScratchFolder scratch_;
};

}  // namespace crossface
