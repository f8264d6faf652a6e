// A case as corrections see it: its tracks and persons, which corrections are in force, and what they ask
// for. Read from a gallery at one moment; plain data afterwards.
#pragma once

#include <functional>
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
  // As if the gallery held no tracks but these persons': enough to look at them, and to plan what changes
  // nobody else. `persons` may name some that are not there.
  static Result<CurationState> ReadOf(const Gallery& gallery, const std::vector<int64_t>& persons);
  // The same of whom `choose` says, who gets what can be known without tracks: persons and history.
  using Choose = std::function<std::vector<int64_t>(const CurationState&)>;
  static Result<CurationState> ReadChosen(const Gallery& gallery, const Choose& choose);
  // As if it held no tracks but those that corrections mean: enough to count what they confirm. Of tracks of
  // which it is known that they are meant nothing is read but ids and owners; their `source_of` names none.
  static Result<CurationState> ReadMeant(const Gallery& gallery);

  struct Owner {
    int64_t person = 0;
    float confidence = 0;
    int64_t first_person = 0;
    bool grouped = false;                               // false: scanned since the last grouping
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

  // Of the tracks that references of corrections may mean, which say how they look, where it was not known
  // yet which they mean.
  TrackTemplates templates;
  bool is_part = false;  // ReadOf: there are other tracks, sources, and persons whose tracks are not here
  std::vector<SourceRecord> sources;  // by name
  // By source name and number, without pictures and vectors. Faces: of those that references of corrections
  // may mean, as `templates`.
  std::vector<TrackRecord> tracks;
  // Pairs of positions in `tracks` with faces in one frame, which are therefore two people. Rising.
  std::vector<std::pair<int, int>> on_screen_together;
  std::vector<size_t> source_of;  // per track: position in `sources`
  std::vector<Owner> owner;       // per track
  std::map<int64_t, PersonFacts> persons;
  int64_t next_person = 1, next_correction = 1;

  // All, by id. How references look is there only where it was not known yet which tracks they mean.
  std::vector<CurationEvent> history;
  // By position in `history` and number of the reference: which track it means; nothing: none that is here.
  std::vector<std::vector<std::optional<size_t>>> found;
  std::vector<int64_t> missing;         // by position in `history`: how many are nowhere
  std::vector<FoundTrack> newly_found;  // of these what the gallery does not know: for KeepFoundTracks
  std::vector<size_t> in_force;         // positions in `history`, oldest first; undo takes the last
  std::vector<size_t> undone;           // redo takes the last

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
  // What can be known without tracks.
  static Result<CurationState> ReadPersonsAndHistory(const Gallery& gallery);
  Status ReadHistory(const Gallery& gallery);
  // What is known of the tracks that references mean, and what must be found.
  struct References;
  Result<References> ReadReferences(const Gallery& gallery);
  static Result<CurationState> ReadPart(const Gallery& gallery, const Choose& choose, bool all_meant);
  // And leaves those tracks out that nobody looks at yet.
  Status AddSourcesOf(const Gallery& gallery, std::vector<TrackRecord>* read);
  // `assignments` of the tracks, and perhaps of others.
  Status TakeTracks(const Gallery& gallery, std::vector<TrackRecord> read,
                    const std::vector<Assignment>& assignments, const References& references);
  Status FindReferences(const Gallery& gallery, const std::vector<std::pair<size_t, size_t>>& sought);
  Status ReadFacesOf(const Gallery& gallery, const std::vector<const TrackReference*>& references);
  Status ReadTemplatesOf(const Gallery& gallery, const std::vector<const TrackReference*>& references);
  void ReplayHistory();
};

// What the corrections, and the screen, ask of a clustering of `state.tracks`: positions there. They never
// contradict one another.
struct CurationLinks {
  std::vector<std::pair<int, int>> must, cannot;
  std::vector<std::vector<std::vector<int>>>
      partings;                       // per parting its sides: of different ones nobody is one person
  std::vector<std::string> warnings;  // corrections that go against what is on the screen, and other doubts
};
CurationLinks LinksFor(const CurationState& state);

}  // namespace crossface
