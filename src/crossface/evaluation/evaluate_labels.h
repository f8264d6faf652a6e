// What the two kinds of evaluation share: which source a truth video is, and the scores, their intervals and
// the mistakes once every track has its true person. Pure functions, thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "crossface/evaluation/evaluate.h"

namespace crossface {

inline constexpr double kLeastTrackSeconds = 0.04;  // a single frame at 25 a second

double TrackSeconds(const EvaluatedTrack& track);

// Truth video -> source index, for the videos that the case has; the others go to `missing`. Errors: see
// CompareWithTruth.
Result<std::map<std::string, int>> MatchVideos(const std::vector<std::string>& sources,
                                               const std::set<std::string>& videos,
                                               std::vector<std::string>* missing);

struct TrackLabel {
  enum class Kind { kPerson, kUnlabelled, kIgnored, kFalse };
  Kind kind = Kind::kUnlabelled;
  int true_person = -1;  // kPerson only
  double seconds = 0;
};

// A face or a track that the truth has a name for.
struct ScoredItem {
  int source = 0, true_person = 0;
  int person = -1;  // -1: in no folder
  double seconds = 0;
};

// Sums over one source.
struct SourceTally {
  struct Covered {
    double all = 0, by_any_track = 0, by_assigned_track = 0;
  };
  Covered covered, detectable;
  double right = 0, predicted = 0, found = 0, clear = 0;  // steps of the interval truth
};

// Everything that scores are computed from, by source, so that sources can be weighed.
struct ScoreSheet {
  Truth::Kind kind = Truth::Kind::kBoxes;
  std::vector<ScoredItem> tracks;
  std::vector<ScoredItem> samples, missed_samples;  // boxes: on a track, on none
  std::vector<SourceTally> tallies;                 // of the sources of the case
  std::vector<int> scored_sources;                  // rising: those with anything to score
};
// `weights`: per source of the case.
EvaluationScores ComputeScores(const ScoreSheet& sheet, const std::vector<double>& weights);
// See Confidence in evaluate.h. The same in every run and on every machine.
Confidence Bootstrap(const ScoreSheet& sheet, int resamples);

// Time of a true person that is in no folder.
struct MissedSpan {
  int source = 0, true_person = 0;
  int64_t start_us = 0, end_us = 0;
};

// Fills the scores and their confidence.
void Score(const ScoreSheet& sheet, int resamples, Evaluation* evaluation);
// Fills the counts of tracks and the clicks, and the tracks of the sheet.
void CountTracks(const EvaluatedCase& found, const std::vector<TrackLabel>& labels, ScoreSheet* sheet,
                 Evaluation* evaluation);
// Fills the mixed and split persons, the missed times and the mistakes.
void FindMistakes(const EvaluatedCase& found, const std::vector<std::string>& true_persons,
                  const std::vector<TrackLabel>& labels, std::vector<MissedSpan> missed,
                  Evaluation* evaluation);

Result<Evaluation> CompareWithBoxes(const EvaluatedCase& found, const std::vector<TruthBox>& boxes,
                                    int resamples);
Result<Evaluation> CompareWithIntervals(const EvaluatedCase& found,
                                        const std::vector<TruthInterval>& intervals, int resamples);

}  // namespace crossface
