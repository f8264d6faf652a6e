// The case as tables, row by row: what sources.csv, appearances.csv and faces.csv of an export hold
// (docs/case-folder.md), as numbers. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crossface/embed/unassigned_reason.h"
#include "crossface/gallery/source_record.h"
#include "crossface/util/box.h"

namespace crossface {

struct SourcesAnswer {
  std::vector<SourceRecord> sources;  // by name
};

// Whose a track or a face is.
struct WhoseAnswer {
  int64_t person_id = 0;  // 0: nobody's
  std::string person;     // empty: nobody's
  bool ignored = false;
  UnassignedReason reason = UnassignedReason::kNone;  // of nobody's
};

// A track: somebody is on, from when to when.
struct AppearanceAnswer {
  WhoseAnswer whose;
  std::string source, source_sha256;
  int64_t track = 0;  // number in the source
  int64_t start_us = 0, end_us = 0, faces = 0;
  float confidence = 0;  // that it is the person's, 0..1
  std::string portrait;  // picture of its best face, relative to the case folder; empty without one
  std::string start_time, end_time, time_from;  // by the clock of the source, where it has one
};

struct AppearancesAnswer {
  std::vector<AppearanceAnswer> appearances;  // by source's name and number
};

struct FaceAnswer {
  WhoseAnswer whose;
  std::string source;
  int64_t track = 0, face = 0;  // numbers in the source and in the track
  int64_t time_us = 0, frame = 0;
  Box box;
  float score = 0, quality = 0;  // how surely it is a face, how much it says of who it is; 0..1
  std::string detectors;         // that saw it, joined by '+'
  std::string image;             // relative to the case folder; empty without one
};

}  // namespace crossface
