// A small made-up case for tests of this layer.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/util/file.h"

namespace crossface {

// A drawn face; another `look` is another picture.
inline std::string DrawnFace(int look) {
  cv::Mat picture(160, 160, CV_8UC3, cv::Scalar(60 + look * 17 % 140, 90 + look * 29 % 120, 120));
  cv::ellipse(picture, {80, 84}, {48, 62}, 0, 0, 360, cv::Scalar(150, 180, 215), cv::FILLED);
  cv::circle(picture, {62, 70}, 7, cv::Scalar(40, 30, 30), cv::FILLED);
  cv::circle(picture, {98, 70}, 7, cv::Scalar(40, 30, 30), cv::FILLED);
  cv::ellipse(picture, {80, 112}, {20, 4 + look % 9}, 0, 0, 360, cv::Scalar(60, 60, 170), cv::FILLED);
  std::vector<uchar> bytes;
  cv::imencode(".jpg", picture, bytes);
  return std::string(bytes.begin(), bytes.end());
}

struct MadeTrack {
  std::string source;
  int64_t number = 1, start_ms = 0, end_ms = 0;
  int faces = 2;
  int person = -1;  // -1 for unassigned
};

inline SourceRecord MadeSource(const std::string& name, int64_t duration_ms) {
  SourceRecord source;
  source.name = name;
  source.sha256 = std::string(64, 'a');
  source.info = {.bytes = 1000,
                 .duration_ms = duration_ms,
                 .width = 640,
                 .height = 360,
                 .fps = 30000.0 / 1001,
                 .codec = "h264"};
  source.counts = {.decoded = duration_ms == 0 ? 1 : 100, .dark = 3, .still = 7, .kept = 40};
  source.state = SourceState::kDone;
  source.settings =
      R"({"models":{"arcface_ms1m":"0123456789abcdef","scrfd_500m":"fedcba9876543210"},"scan":1})";
  return source;
}

inline TrackRecord MadeTrackRecord(const MadeTrack& made) {
  TrackRecord track;
  track.number = made.number;
  track.start_us = made.start_ms * int64_t{1000};
  track.end_us = made.end_ms * int64_t{1000};
  for (int i = 0; i < made.faces; ++i) {
    FaceRecord face;
    face.number = i + 1;
    face.frame = made.start_ms / 40 + int64_t{5} * i;
    face.time_us = track.start_us + int64_t{200'000} * i;
    face.detection.box = {10.25f + static_cast<float>(i), 20, 30.55f, 40};
    face.detection.score = 0.9f;
    face.detection.seen_by.Add(DetectorKind::kScrfd500m);
    face.detection.seen_by.Add(DetectorKind::kMtcnn);
    face.quality = 0.5f + 0.1f * static_cast<float>(i % 3);
    face.jpeg = DrawnFace(static_cast<int>(made.number) * 7 + i * 3 + static_cast<int>(made.source.size()));
    track.faces.push_back(face);
  }
  return track;
}

// Adds the sources' tracks and groups all tracks of the gallery as `tracks` says. `names` are the persons',
// empty for their own.
inline void FillCase(Gallery& gallery, const std::vector<SourceRecord>& sources,
                     const std::vector<MadeTrack>& tracks, const std::vector<std::string>& names) {
  std::map<std::pair<int64_t, int64_t>, int> person_of;
  for (const SourceRecord& source : sources) {
    const auto id = gallery.WriteSource(source);
    ASSERT_TRUE(id.ok()) << id.status().message();
    std::vector<TrackRecord> own;
    for (const MadeTrack& track : tracks) {
      if (track.source != source.name) continue;
      own.push_back(MadeTrackRecord(track));
      person_of[{*id, track.number}] = track.person;
    }
    ASSERT_TRUE(gallery.AppendTracks(*id, own, {}).ok());
  }
  std::vector<PersonRecord> persons;
  persons.reserve(names.size());
  for (const std::string& name : names) persons.push_back({0, name});
  std::vector<Gallery::NewAssignment> assignments;
  const auto stored = gallery.ReadTracks({});
  for (const TrackRecord& track : *stored) {
    const int person = person_of.at({track.source_id, track.number});
    assignments.push_back({track.id, person, person < 0 ? 0.0f : 0.875f,
                           person < 0 ? UnassignedReason::kInDoubt : UnassignedReason::kNone});
  }
  ASSERT_TRUE(gallery.ReplaceGrouping(persons, assignments).ok());
}

// Two persons in two videos and a picture, one track of nobody, one source that failed.
inline void FillSmallCase(Gallery& gallery) {
  SourceRecord failed = MadeSource("broken.mp4", 0);
  failed.state = SourceState::kFailed;
  failed.counts = {};
  failed.message = "not a video, \"really\"";
  SourceRecord located = MadeSource("b.mkv", 20'000);
  located.info.latitude = -12.3456789;
  located.info.longitude = 0.0000001;
  located.info.created = "2026-11-23T10:20:30Z";
  located.info.created_from = "creation_time";
  located.info.device = "Maker, Model";
  FillCase(gallery, {MadeSource("day 1/a.mp4", 3'700'000), located, failed, MadeSource("x.jpg", 0)},
           {{"day 1/a.mp4", 1, 1'000, 4'000, 3, 0},
            {"day 1/a.mp4", 2, 3'661'001, 3'662'500, 2, 1},
            {"b.mkv", 1, 0, 500, 1, 0},
            {"b.mkv", 2, 9'999, 10'400, 2, -1},
            {"x.jpg", 1, 0, 0, 1, 1}},
           {"", ""});
}

// Every file of the case but the gallery's own, by relative path.
inline std::map<std::string, std::string> ReadCaseFiles(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    if (entry.is_directory() || name.starts_with("crossface.")) continue;
    files[name] = *ReadFile(entry.path());
  }
  return files;
}

}  // namespace crossface
