// Compares a case with the truth. Pure functions over plain values, thread-safe; nothing is printed.
//
// Truth videos match sources by file name, with or without extension (by relative path where the truth gives
// one). Truth of videos that the case does not have is left out and listed. Seconds weigh; an image or a
// single frame weighs 0.04 s.
//
// Boxes. The faces that tracks show at the middle of a truth sample (interpolated between a track's faces; a
// track that is on at any time within the sample counts as on; the one that ended at the cut before does not)
// are matched to the samples of that moment one to one, best overlap first: IoU >= 0.3, or the middle of
// either box inside the other. A track is the true person of most of its matched seconds. Tracks that match
// nothing may be bystanders the truth does not name: they are counted (tracks_unlabelled), and how many of
// them share a person with labelled tracks (unlabelled_with_labelled), but not scored.
//
// Intervals. A track may be any person whose intervals of any visibility but ignore cover at least half of
// it. Persons are matched to true people one to one, by the Hungarian method, for the most shared time (0.1 s
// steps, over all sources). A track is its person's match where it may be that. Else it is the true person
// who covers most of it and whom no such track shows meanwhile; unassigned tracks are never taken for
// somebody seen from behind. A track that may be nobody is ignored where ignore intervals (for unassigned
// ones, also backs) cover half of it, unlabelled where everybody there is shown by other tracks (a bystander
// the truth does not name), else false. Because nothing says where in the picture a person is, exchanges of
// two people who are always on screen together are not seen.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crossface/cluster/metrics.h"
#include "crossface/gallery/gallery.h"
#include "crossface/pipeline/truth.h"
#include "crossface/util/status.h"

namespace crossface {

// What of a case is compared.
struct EvaluatedTrack {
  int source = 0;      // index into EvaluatedCase::sources
  int64_t number = 0;  // within its source
  int64_t start_us = 0, end_us = 0;
  int person = -1;  // index into EvaluatedCase::persons; -1 unassigned
  std::vector<std::pair<int64_t, cv::Rect2f>>
      boxes;  // time in microseconds, rising; may be empty for intervals
};

struct EvaluatedCase {
  std::vector<std::string> sources, persons;  // names
  std::vector<EvaluatedTrack> tracks;
};

// Shares of true appearance time.
struct CoverageShare {
  double by_any_track = 1, by_assigned_track = 1;
};

struct EvaluatedReference {
  std::string source;
  int64_t track = 0;
  int64_t start_us = 0;
};

// A predicted person who holds tracks of several true people.
struct MixedPerson {
  struct Part {
    std::string true_person;
    double seconds = 0;
    std::vector<EvaluatedReference> tracks;
  };
  std::string person;
  std::vector<Part> parts;  // the longest first; at least two
};

struct Mistake {
  enum class Kind {
    kWrongPerson,  // in a folder that is mostly somebody else's
    kSplit,        // a true person's smaller folder
    kUnassigned,   // belongs to a true person, but is in no folder
    kFalse,        // in a folder, where the truth has nobody (intervals only)
  };
  Kind kind = Kind::kWrongPerson;
  EvaluatedReference track;
  double seconds = 0;
  std::string person;       // predicted; empty when unassigned
  std::string true_person;  // empty for kFalse
};
std::string_view MistakeName(Mistake::Kind kind);  // "wrong person", "split", "unassigned", "false"

struct Evaluation {
  Truth::Kind kind = Truth::Kind::kBoxes;
  std::vector<std::string> missing_videos;  // of the truth, not in the case
  int true_persons = 0;                     // in the videos the case has; those to ignore left out
  int predicted_persons = 0;                // in the case
  int tracks_labelled = 0, tracks_unlabelled = 0, tracks_ignored = 0, tracks_false = 0,
      unlabelled_with_labelled = 0;

  ClusterMetrics tracks;                  // items: labelled tracks, weighted by seconds
  std::optional<ClusterMetrics> samples;  // boxes: items are the matched truth samples, weighted by seconds

  // Boxes: of the truth samples' seconds. Intervals: of clear person-seconds; at each step a track covers one
  // person.
  CoverageShare coverage;
  std::optional<CoverageShare> detectable_coverage;  // boxes: outside dark and black shots

  // Intervals, under the matching of persons. Precision: the share of predicted person-time, in all sources
  // of the case, in which the matched true person is there (with any visibility but ignore); time while an
  // ignore interval runs in that source counts only when right. Recall: the share of clear true person-time
  // in which the matched person is there.
  std::optional<PrecisionRecall> time;
  std::vector<std::string>
      persons_where_nobody_is;  // persons seen only in sources of which the truth has no row

  std::vector<MixedPerson> mixed;  // the most mixed seconds first
  std::vector<Mistake> mistakes;   // the longest first within each kind, kinds in their order; all of them
};

// Persons, tracks and boxes of a gallery. Errors: those of the gallery.
Result<EvaluatedCase> ReadEvaluatedCase(const Gallery& gallery);

// Errors: kInvalidArgument when no video of the truth is in the case, or one matches several sources (both
// named).
Result<Evaluation> CompareWithTruth(const EvaluatedCase& found, const Truth& truth);

// Errors: those of the three functions above and of ReadTruth.
Result<Evaluation> EvaluateCase(const Gallery& gallery, const std::filesystem::path& truth_file);

}  // namespace crossface
