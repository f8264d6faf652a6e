// A correction by the user: what it changed, and what it asks of every later run. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crossface/embed/unassigned_reason.h"
#include "crossface/gallery/face_embedding.h"
#include "crossface/util/box.h"

namespace crossface {

// How a correction names a track: by what survives another scan, other models and another place of the
// footage. The content that it is in, where and when its best face is, and what that looks like: a face that
// is found in the same place later and looks otherwise is somebody else.
struct TrackReference {
  std::string sha256, source;  // of the source; its name tells copies of one file apart
  int64_t number = 0, start_us = 0, end_us = 0;
  int64_t face_us = 0;    // of the track's best face
  Box box;                // and where it is, pixels of the frame
  std::string part = {};  // of the source's file
  // Corrections made before schema 6 do not know the shot (-1) nor how the track looks.
  int64_t shot = -1;
  std::vector<FaceEmbedding> templates = {};  // to about one part in a hundred
  int64_t track_id = 0;  // of the track that it was made of, in the gallery of that moment; not kept
};

// What is known of a person before or after a correction.
struct PersonFacts {
  std::string name;
  bool ignored = false;
  bool by_reference = false;  // as PersonRecord::by_reference
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
  std::string by = {};                 // the user of the page who made it; empty where that is not known
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

}  // namespace crossface
