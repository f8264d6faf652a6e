// A made-up case whose faces have vectors, so that it can be clustered without networks.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/testing/testing.h"

namespace crossface {

// A unit vector for somebody's face: `person` decides the direction, `look` disturbs it a little.
inline std::vector<float> VectorOf(int person, int look) {
  std::minstd_rand random(static_cast<unsigned>(person * 7919 + 1)),
      noise(static_cast<unsigned>(look * 104729 + 3));
  std::normal_distribution<float> normal;
  std::vector<float> vector(128);
  float length = 0;
  for (float& value : vector) {
    value = normal(random) + 0.35f * normal(noise);
    length += value * value;
  }
  for (float& value : vector) value /= std::sqrt(length);
  return vector;
}

inline SourceRecord SourceOf(const std::string& name) {
  SourceRecord source;
  source.name = name;
  source.path = "/footage/" + name;
  source.sha256 = std::string(64, name[0]);
  source.info = {
      .bytes = 1000, .duration_ms = 90'000, .width = 640, .height = 360, .fps = 25, .codec = "h264"};
  source.state = SourceState::kDone;
  source.settings = R"({"models":{"arcface_ms1m":"b"},"scan":1})";
  return source;
}

struct PlannedTrack {
  int64_t number = 1;
  int person = 0;
  int64_t first_frame = -1;  // -1: alone on the screen
  float x = 10;
  // Why the scan found that its faces cannot tell who it is; such a track founds no person.
  UnassignedReason reason = UnassignedReason::kNone;
};

inline TrackRecord TrackOf(const PlannedTrack& planned, const std::string& model = "arcface_ms1m") {
  TrackRecord track;
  track.number = planned.number;
  const int64_t frame = planned.first_frame >= 0 ? planned.first_frame : planned.number * 100;
  track.start_us = frame * 40'000;
  track.end_us = track.start_us + 400'000;
  track.quality = 0.6f + 0.01f * static_cast<float>(planned.number);
  track.reason = planned.reason;
  track.may_form = track.reason == UnassignedReason::kNone;
  for (int64_t i = 1; i <= 2; ++i) {
    FaceRecord face;
    face.number = i;
    face.frame = frame + i;
    face.time_us = track.start_us + i * 40'000;
    face.detection.box = {planned.x, 20, 60, 80};
    face.quality = 0.5f + 0.1f * static_cast<float>(i);
    face.jpeg =
        "jpeg " + std::to_string(planned.person) + std::string(200, 'a' + static_cast<char>(planned.number));
    track.faces.push_back(face);
  }
  track.templates = {{model, "b", VectorOf(planned.person, static_cast<int>(planned.number))}};
  track.faces[0].embeddings = track.templates;
  return track;
}

// Adds a source with these tracks, in one scan.
inline void AddSource(Gallery& gallery, const std::string& name, const std::vector<PlannedTrack>& planned) {
  const auto id = gallery.WriteSource(SourceOf(name));
  ASSERT_TRUE(id.ok()) << id.status().message();
  std::vector<TrackRecord> tracks;
  tracks.reserve(planned.size());
  for (const PlannedTrack& track : planned) tracks.push_back(TrackOf(track));
  ASSERT_TRUE(gallery.AppendTracks(*id, tracks, {}).ok());
}

// Three people in a.mp4 and clips/b.mp4; tracks 1 and 2 of a.mp4, of persons 1 and 2, are on the screen
// together.
inline void AddThreePeople(Gallery& gallery) {
  AddSource(gallery, "a.mp4", {{1, 1, 100, 10}, {2, 2, 100, 300}, {3, 1}, {4, 3}});
  AddSource(gallery, "clips/b.mp4", {{1, 1}, {2, 2}, {3, 3}});
}

}  // namespace crossface
