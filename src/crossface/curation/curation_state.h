// A case as corrections see it: its tracks and persons, which corrections are in force, and what they ask
// for. Read from a gallery at one moment; plain data afterwards.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crossface/curation/curation_event.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

struct CurationState {
  // Errors: the gallery's; kCorrupt for a correction that cannot be read.
  static Result<CurationState> Read(const Gallery& gallery);

  struct Owner {
    int64_t person = 0;
    float confidence = 0;
    int64_t first_person = 0;
    bool grouped = false;  // false: scanned since the last grouping
    UnassignedReason reason = UnassignedReason::kNone;  // see Assignment
    bool operator==(const Owner&) const = default;
  };
  struct Pin {
    int64_t person = 0;
    bool anchor = false;
    int64_t correction = 0;  // its id
  };
  struct Parting {
    std::vector<size_t> some, others;
    int64_t correction = 0;
  };

  // Of the tracks that references of corrections may mean, which say how they look.
  TrackTemplates templates;
  std::vector<SourceRecord> sources;
  std::vector<TrackRecord> tracks;  // with faces, without pictures and vectors
  std::vector<size_t> source_of;    // per track: position in `sources`
  std::vector<Owner> owner;         // per track
  std::map<int64_t, PersonFacts> persons;
  std::map<int64_t, float> cohesion;  // by person, see PersonRecord; of those it is known of
  int64_t next_person = 1, next_correction = 1;

  std::vector<CurationEvent> history;  // all, by id
  std::vector<size_t> in_force;        // positions in `history`, oldest first; undo takes the last
  std::vector<size_t> undone;          // redo takes the last

  // What the corrections in force ask for. Later ones win over earlier ones.
  std::map<size_t, Pin> pins;  // by track
  std::vector<Parting> partings;
  std::map<int64_t, PersonFacts> known_facts;  // of persons that corrections named, there or not
  std::vector<std::string> warnings;           // tracks that are no longer found

  // A pair that corrections part; the later of a parting and a joining wins.
  bool IsParted(const Parting& parting, size_t some, size_t other) const;
  const CurationEvent& Correction(int64_t id) const;
  // Of a person who is there, or was named by a correction in force; an empty name when neither.
  PersonFacts FactsOf(int64_t person) const;
  // "clips/a.mp4:3".
  std::string TrackName(size_t track) const;
  std::vector<size_t> TracksOf(int64_t person) const;

 private:
  Status ReadHistory(const Gallery& gallery);
  Status ReadTemplates(const Gallery& gallery);
  void ReplayHistory();
};

// Pairs of positions in `tracks` with faces in one frame, which are therefore two people. Two boxes of one
// frame that overlap much are one face that was reported twice, and forbid nothing.
std::vector<std::pair<int, int>> OnScreenTogether(const std::vector<TrackRecord>& tracks);

// What the corrections ask of a clustering of `state.tracks`. The links never contradict one another.
struct CurationLinks {
  std::vector<std::pair<int, int>> must, cannot;
  std::vector<std::string> warnings;  // corrections that go against what is on the screen, and other doubts
};
CurationLinks LinksFor(const CurationState& state,
                       const std::vector<std::pair<int, int>>& on_screen_together);

}  // namespace crossface
