// How a case compares with the truth (evaluation/evaluate.h says how it is compared). Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/cluster/persons/metrics.h"
#include "crossface/util/public_api.h"

namespace crossface {

// What the truth says: where faces are at some moments, or from when to when somebody is there.
enum class TruthKind { kBoxes, kIntervals };

// Shares of true appearance time.
struct CoverageShare {
  double by_any_track = 1, by_assigned_track = 1;
};

// Numbers between 0 and 1, more is better.
struct EvaluationScores {
  ClusterMetrics tracks;                  // items: labelled tracks, weighted by seconds
  std::optional<ClusterMetrics> samples;  // boxes: items are the matched truth samples, weighted by seconds
  // Boxes: all truth samples; one that no track shows is alone, so that what the detectors miss costs recall.
  // Its pairwise F is the end-to-end measure of Jin et al., "End-to-end Face Detection and Cast Grouping",
  // 2017.
  std::optional<ClusterMetrics> end_to_end;

  // Boxes: of the truth samples' seconds. Intervals: of clear person-seconds; at each step a track covers one
  // person.
  CoverageShare coverage;
  std::optional<CoverageShare> detectable_coverage;  // boxes: outside dark and black shots

  // Intervals, under the matching of persons. Precision: the share of predicted person-time, in all sources
  // of the case, in which the matched true person is there (with any visibility but ignore); time while an
  // ignore interval runs in that source counts only when right. Recall: the share of clear true person-time
  // in which the matched person is there.
  std::optional<PrecisionRecall> time;

  // The samples decide where there are boxes: they weigh by time on screen and know who is where.
  const ClusterMetrics& main() const { return samples ? *samples : tracks; }
};

// Every score by its place in the answer of --json, such as "/bcubed/precision".
CROSSFACE_API std::map<std::string, double> NamedScores(const EvaluationScores& scores);

struct ScoreInterval {
  double low = 0, high = 0;
};

struct Confidence {
  int sources = 0;    // that were drawn from
  int resamples = 0;  // 0: no interval can be given, for there is one source only, or none was asked for
  std::map<std::string, ScoreInterval> of;  // by the names of NamedScores
};
inline constexpr uint64_t kBootstrapSeed = 20171101;
inline constexpr int kDefaultResamples = 1000;

// Clicks of an operator, after the labelling cost of Guillaumin, Verbeek & Schmid, "Is that you? Metric
// learning approaches for face identification", 2009: one to name each group, and one for each track that is
// not of its group's person. A track in no folder is a group of its own.
struct OperatorClicks {
  int needed = 0, least = 0, most = 0;  // one per true person, when all is right; one per track
};

struct EvaluatedReference {
  std::string source;
  int64_t track = 0;  // 0 where no track shows anything
  int64_t start_us = 0, end_us = 0;
  std::string picture;  // of its best face, relative to the case folder; empty when there is no such file
};

// A predicted person who holds tracks of several true people.
struct MixedPerson {
  struct Part {
    std::string true_person;
    double seconds = 0;
    std::vector<EvaluatedReference> tracks;  // the longest first
  };
  std::string person;
  std::vector<Part> parts;  // the longest first; at least two
};

// A true person who has several folders.
struct SplitPerson {
  struct Part {
    std::string person;
    double seconds = 0;
    std::vector<EvaluatedReference> tracks;  // the longest first
  };
  std::string true_person;
  std::vector<Part> parts;  // the longest first; at least two
};

// A stretch of time in which a true person who could be found is in no folder. Stretches less than a second
// apart are one.
struct MissedTime {
  std::string true_person;
  double seconds = 0;        // missed, without the gaps
  EvaluatedReference where;  // with the unassigned track that shows the person meanwhile, if one does
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
CROSSFACE_API std::string_view MistakeName(
    Mistake::Kind kind);  // "wrong person", "split", "unassigned", "false"

struct Evaluation : EvaluationScores {
  TruthKind kind = TruthKind::kBoxes;
  std::vector<std::string> missing_videos;  // of the truth, not in the case
  int true_persons = 0;                     // in the videos the case has; those to ignore left out
  int predicted_persons = 0;                // in the case
  int tracks_labelled = 0, tracks_unlabelled = 0, tracks_ignored = 0, tracks_false = 0,
      unlabelled_with_labelled = 0;

  OperatorClicks clicks;  // of the labelled tracks
  Confidence confidence;
  std::vector<std::string>
      persons_where_nobody_is;  // persons seen only in sources of which the truth has no row

  std::vector<MixedPerson> mixed;  // the most mixed seconds first
  std::vector<SplitPerson> split;  // the most seconds outside the largest folder first
  std::vector<MissedTime> missed;  // the longest first; boxes: not of dark and black shots, intervals: clear
  std::vector<Mistake> mistakes;   // the longest first within each kind, kinds in their order; all of them
};

}  // namespace crossface
