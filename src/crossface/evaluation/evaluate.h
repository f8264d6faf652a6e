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
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crossface/evaluation/evaluation.h"
#include "crossface/evaluation/truth.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// What of a case is compared.
struct EvaluatedTrack {
  int source = 0;      // index into EvaluatedCase::sources
  int64_t number = 0;  // within its source
  int64_t start_us = 0, end_us = 0;
  int person = -1;  // index into EvaluatedCase::persons; -1 unassigned
  std::vector<std::pair<int64_t, cv::Rect2f>>
      boxes;            // time in microseconds, rising; may be empty for intervals
  std::string picture;  // of its best face, relative to the case folder; empty when there is no such file
};

struct EvaluatedCase {
  std::vector<std::string> sources, persons;  // names
  std::vector<EvaluatedTrack> tracks;
};

// Persons, tracks and boxes of a gallery, and the pictures that are in its case folder. Errors: those of the
// gallery.
Result<EvaluatedCase> ReadEvaluatedCase(const Gallery& gallery);

// Errors: kInvalidArgument when no video of the truth is in the case, or one matches several sources (both
// named).
Result<Evaluation> CompareWithTruth(const EvaluatedCase& found, const Truth& truth,
                                    int resamples = kDefaultResamples);

// Errors: those of the three functions above and of ReadTruth.
Result<Evaluation> EvaluateCase(const Gallery& gallery, const std::filesystem::path& truth_file,
                                int resamples = kDefaultResamples);

}  // namespace crossface
