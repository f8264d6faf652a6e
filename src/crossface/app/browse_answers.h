// What a case shows to those who look at it page by page: people, faces, sources, and why. Plain values,
// complete without the case; browse_json.h writes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/gallery/recordings.h"
#include "crossface/gallery/records.h"

namespace crossface {

struct Who {
  int64_t id = 0;
  std::string name;
};

// A stretch of a list.
template <typename T>
struct Stretch {
  std::vector<T> rows;
  int64_t first = 0, total = 0;  // of all rows
};

struct OverviewAnswer {
  std::string version;
  int64_t persons = 0, named = 0, ignored = 0, tracks = 0, faces = 0, unassigned_tracks = 0;
  std::map<UnassignedReason, int64_t> unassigned_by_reason;
  std::map<std::string, int64_t> sources_by_state;
  int64_t sources = 0, video_ms = 0, bytes = 0, suggestions = 0;
  std::string method, profile;  // of the last grouping; empty before the first
  std::vector<std::string> warnings;
};

// --- people ---

struct PeopleAsked {
  enum class Sort { kScreenTime, kName, kFirstSeen };
  enum class Which { kAll, kYes, kNo };
  Sort sort = Sort::kScreenTime;
  Which ignored = Which::kNo, named = Which::kAll;
  std::string text;  // part of the name, whatever its case
  // Also where another order is asked for: it costs reading all tracks of the persons who are shown.
  bool first_seen = false;
};

struct ShownPerson {
  struct Moment {
    int64_t source_id = 0, start_us = 0;
    std::string source, time;  // by the source's clock, where it is known
  };
  PersonAnswer person;
  bool named = false;
  int64_t portrait = 0;  // id of a face; 0: none has a picture
  std::optional<Moment> first_seen;
};
struct PeoplePageAnswer {
  std::string version;
  Stretch<ShownPerson> people;
};

struct PersonShownAnswer {
  struct InSource {
    int64_t source_id = 0;
    std::string source;
    int64_t tracks = 0, screen_us = 0;
  };
  struct Together {
    Who who;
    int64_t moments = 0;          // pairs of tracks on the screen at once
    std::vector<int64_t> tracks;  // of the other person, the first ten
  };
  std::string version;
  ShownPerson person;
  std::vector<InSource> sources;   // by name
  std::vector<Together> together;  // most moments first, the first fifty
};

struct ShownAppearance {
  Appearance appearance;
  int64_t track_id = 0, source_id = 0, face = 0;  // id of its best face with a picture; 0: there is none
  std::string start, end;                         // by the source's clock; empty where it is not known
};

// --- faces ---

struct ShownFace {
  ListedFace listed;
  std::string track;  // "clips/a.mp4:3"
  std::optional<Who> person;
};

struct FaceEvidenceAnswer {
  ShownFace face;
  SourceRecord source;
  bool there = false;  // the file is where it was
  int64_t shot = 0;
  float track_quality = 0, evidence = 0;
  bool confirmed = false;
  std::string start;                                        // by the source's clock
  std::vector<std::pair<std::string, std::string>> models;  // that the source was scanned with, and hashes
  std::vector<std::pair<std::string, std::string>> embeddings;
};

struct FaceVerifiedAnswer {
  bool source_is_the_same = false, frame_found = false;
  std::optional<double> difference;  // of the pictures, mean over all values, 0..255
  bool same = false;
  std::vector<std::string> told;
};

// --- sources ---

enum class Playable { kOriginal, kProxy, kNo };  // by browsers

struct ShownSource {
  SourceRecord source;
  bool there = false;
  std::optional<LetGoRecord> let_go;  // why it is not
  int64_t poster = 0;                 // id of a face; 0: none
  Playable playable = Playable::kNo;
};

struct SourceShownAnswer {
  struct Copy {
    int64_t other_id = 0;
    std::string other, kind;
    int64_t start_us = 0, other_start_us = 0, length_us = 0;
    bool mirrored = false;
  };
  struct Person {
    Who who;
    int64_t tracks = 0, screen_us = 0, portrait = 0;
  };
  ShownSource source;
  std::vector<Copy> copies;
  std::vector<Person> persons;  // longest first
  int64_t unassigned_tracks = 0;
};

struct SourceMarksAnswer {
  struct Span {
    int64_t start_us = 0, end_us = 0;
  };
  // Each where a new shot begins: to the frame, or between the last face before and the first after.
  std::vector<Span> shots;
  std::vector<Span> dark;   // nothing to be seen
  std::vector<Span> still;  // nothing moves that could be seen
  bool exact = false;  // false: a scan of an older version; stillness by a quarter of a second, dark is still
  bool still_known = false;  // false: the scan left nothing that would tell
};

struct ShownTrack {
  TrackRecord track;  // with faces
  float confidence = 0;
  std::optional<Who> person;
  UnassignedReason reason = UnassignedReason::kNone;
};

// --- review ---

struct CorrectionsPageAnswer {
  std::string version;
  Stretch<HistoryAnswer::Entry> corrections;  // the last first
  int64_t can_undo = 0, can_redo = 0;
};

struct PairEvidence {
  struct Score {
    std::string model;
    double cosine = 0;
    std::optional<double> log_odds;  // nothing for a model without a calibration
  };
  std::vector<Score> models;
  std::optional<double> log_odds;  // by all that vote together
};

struct ShownSuggestion {
  struct Side {
    int64_t face = 0, track_id = 0, source_id = 0, time_us = 0;  // ids of 0: there is no picture
  };
  PairEvidence scores;         // of the two tracks whose faces are shown
  int64_t shared_sources = 0;  // in which both are
  int64_t together = 0;        // pairs of their tracks that share a frame: more than none is two people
  SuggestionAnswer question;
  Side side, other_side;
};
struct SuggestionsPageAnswer {
  std::string version;
  Stretch<ShownSuggestion> suggestions;
};

}  // namespace crossface
