// One consistent look at a gallery as an export shows it: whose tracks are whose, what everything is called
// in the case folder. Immutable once read; thread-safe to read from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"
#include "crossface/util/time.h"

namespace crossface {

struct FacePlace {
  size_t track = 0, face = 0;  // positions in CaseView::tracks and in its faces
};

struct PersonView {
  PersonRecord record;
  std::string folder;             // "people/<name>", or "ignored/<name>"
  std::vector<size_t> tracks;     // positions in CaseView::tracks, ascending; never empty
  FacePlace portrait;             // the face of best quality
  int64_t screen_us = 0;          // the tracks' lengths in all
  std::optional<float> cohesion;  // where it is known; of the whole case alone
  size_t sources = 0;             // how many it appears in
};

// A suggestion with what to look at: a face of either side. Mixtures: of the rest of the person, and of what
// may be somebody else.
struct SuggestionView {
  SuggestionRecord record;
  size_t person = 0;           // position in CaseView::persons
  int other = -1;              // position in CaseView::persons; -1 for a mixture
  std::vector<size_t> tracks;  // mixtures: positions of those of its tracks that are the person's
  FacePlace face, other_face;
};

struct CaseView {
  // Persons without tracks are left out.
  static Result<CaseView> Read(const Gallery& gallery);
  // As if the gallery held no tracks but these.
  static Result<CaseView> ReadSome(const Gallery& gallery, const std::vector<int64_t>& track_ids);

  std::vector<SourceRecord> sources;        // by name
  std::vector<TrackRecord> tracks;          // by source name and number, with their faces; none is empty
  std::vector<size_t> source_of;            // per track: position in `sources`, never falling
  std::vector<int> person_of;               // per track: position in `persons`, or -1 when unassigned
  std::vector<float> confidence;            // per track
  std::vector<UnassignedReason> reason;     // per track; kNone for tracks of persons
  std::vector<PersonView> persons;          // by id
  std::vector<size_t> unassigned;           // positions of tracks, ascending
  std::vector<SuggestionView> suggestions;  // by rank; those that are not settled

  // Nothing for one whose persons or tracks are not there, or whose tracks are all that the person has.
  std::optional<SuggestionView> Show(const SuggestionRecord& suggestion) const;

  // The person's name; empty for a track that is unassigned.
  const std::string& PersonName(size_t track) const;
  // How many unassigned tracks have each reason; those without one are left out.
  std::map<UnassignedReason, int64_t> CountReasons() const;
  // Relative to the case folder, with forward slashes; empty for a face without a picture.
  std::string ImagePath(FacePlace place) const;
  const FaceRecord& Face(FacePlace place) const { return tracks[place.track].faces[place.face]; }
  // The face of best quality that has a picture, the earliest of equals; of all faces when none has one.
  FacePlace BestFace(size_t track) const;
  // "clips/a.mp4:3".
  std::string TrackName(size_t track) const;

 private:
  // The best of all of them, the first of equals. REQUIRES: not empty.
  FacePlace BestFaceOf(const std::vector<size_t>& tracks) const;
  static Result<CaseView> Of(const Gallery& gallery, std::vector<TrackRecord> tracks,
                             const std::vector<Assignment>& assignments);
  void FindPersons(const std::vector<PersonRecord>& records, const std::vector<Assignment>& assignments);

  std::vector<std::string> stems_;  // per source: the start of its pictures' file names
};

// A person's folder: "people/<name>", or "ignored/<name>".
std::string FolderOf(const PersonRecord& person);

// For each source the start of its pictures' file names: the stem of its file name as every file system takes
// it; where two sources would share one, both get some digits of the SHA-256 of their names.
std::vector<std::string> UniqueStems(const std::vector<std::string>& source_names);

// When something was on by the clock of its source: the source's creation date plus its time, in the date's
// own zone, and the tag that the date is from. Empty where the source does not know the time of day it was
// made.
struct WallClock {
  std::string start, end, from;
};
WallClock WallClockOf(const SourceInfo& info, int64_t start_us, int64_t end_us);

}  // namespace crossface
