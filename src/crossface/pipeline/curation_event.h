// A correction by the user, as the gallery keeps it: what it changed, and what it asks of every later run.
//
// Tracks are named by what survives another scan, other models and another place of the footage: the SHA-256
// of the source, and the best face's time and box, beside the number and the times that the track had. Plain
// values and pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <opencv2/core/types.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "crossface/gallery/records.h"
#include "crossface/util/status.h"

namespace crossface {

struct TrackReference {
  std::string sha256, source;  // of the source; its name tells copies of one file apart
  std::string part = {};       // of the source's file
  int64_t number = 0, start_us = 0, end_us = 0;
  int64_t face_us = 0;  // of the track's best face
  cv::Rect2f box;       // and where it is, pixels of the frame
};

TrackReference ReferTo(const SourceRecord& source, const TrackRecord& track);

// Finds the tracks that references mean, among those of a gallery. Keeps pointers to both lists.
class TrackFinder {
 public:
  // `tracks` with faces.
  TrackFinder(const std::vector<SourceRecord>& sources, const std::vector<TrackRecord>& tracks);
  // The position in `tracks`: the same number and times; else, after another scan, the track with a face at
  // that place within half a second, the nearest in time.
  std::optional<size_t> Find(const TrackReference& reference) const;

 private:
  std::vector<size_t> TracksOf(const TrackReference& reference) const;

  const std::vector<TrackRecord>& tracks_;
  std::unordered_map<std::string, std::vector<std::pair<std::string, int64_t>>> sources_;  // by ContentKey
  std::unordered_map<int64_t, std::vector<size_t>> tracks_of_;                             // by source id
};

// What is known of a person before or after a correction.
struct PersonFacts {
  std::string name;
  bool ignored = false;
  bool operator==(const PersonFacts&) const = default;
};

// Numbers of tracks in what follows are positions in `tracks`; person 0 is nobody.
struct CurationEvent {
  struct PersonChange {
    int64_t id = 0;
    std::optional<PersonFacts> before, after;  // nothing: the person is not there
  };
  struct Move {
    int track = 0;
    int64_t from = 0, to = 0;
    float from_confidence = 0, to_confidence = 0;
    // Where `from` or `to` is nobody. Corrections made before tracks had reasons say nothing: kNone.
    UnassignedReason from_reason = UnassignedReason::kNone, to_reason = UnassignedReason::kNone;
  };
  // The track is this person's in every later run. An anchor only holds a person's id and name to one track,
  // and gives way to whatever the user says later.
  struct Pin {
    int track = 0;
    int64_t person = 0;
    bool anchor = false;
  };
  // No track of `some` is ever the same person as one of `others`.
  struct Parting {
    std::vector<int> some, others;
  };

  int64_t id = 0;
  std::string time, verb, told;        // told: one line for people
  std::vector<int64_t> of;             // undo and redo: which corrections, in the order they were taken
  std::vector<int64_t> overrides;      // earlier corrections that this one contradicts, on purpose
  std::vector<TrackReference> tracks;  // each once
  std::vector<PersonChange> persons;
  std::vector<Move> moves;
  std::vector<Pin> pins;
  std::vector<Parting> partings;

  bool IsUndo() const { return verb == "undo"; }
  bool IsRedo() const { return verb == "redo"; }
};

CorrectionRecord ToRecord(const CurationEvent& event);
// Errors: kCorrupt, naming the correction.
Result<CurationEvent> ParseCorrection(const CorrectionRecord& record);
// For people and --json: without the references' details.
nlohmann::json Describe(const CurationEvent& event);

}  // namespace crossface
