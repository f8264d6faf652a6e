// A correction by the user, as the gallery keeps it: what it changed, and what it asks of every later run.
//
// Plain values and pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "crossface/curation/track_reference.h"
#include "crossface/gallery/records.h"
#include "crossface/util/status.h"

namespace crossface {

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
