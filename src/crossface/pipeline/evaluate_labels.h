// What the two kinds of evaluation share: which source a truth video is, and the scores once every track has
// its true person.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "crossface/pipeline/evaluate.h"

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

// Fills the counts of tracks, the track metrics, the mixed persons and the mistakes.
void ScoreTracks(const EvaluatedCase& found, const std::vector<std::string>& true_persons,
                 const std::vector<TrackLabel>& labels, Evaluation* evaluation);

Result<Evaluation> CompareWithBoxes(const EvaluatedCase& found, const std::vector<TruthBox>& boxes);
Result<Evaluation> CompareWithIntervals(const EvaluatedCase& found,
                                        const std::vector<TruthInterval>& intervals);

}  // namespace crossface
