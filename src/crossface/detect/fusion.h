// Fuses what several detectors, or one detector at several scales and tiles, report about one picture:
// weighted box voting. Pure functions, thread-safe, deterministic for any order of the input lists.
//
// Scores of different nets are not comparable, so fusion works on calibrated scores: Calibrate() turns a
// detector's own reports into them, once. A fused detection is calibrated evidence again, of all detectors in
// `looked`, and may be fused further.
#pragma once

#include <span>
#include <vector>

#include "crossface/detect/detection.h"

namespace crossface {

struct FusionOptions {
  float iou = 0.45f;  // reports that overlap at least this much are one face
};

// The share of a detector's reports with this score that are faces, 0..1; rises with the score. Fitted as
// Platt (1999) on the logit of the score; see fusion.cc for the data.
float CalibratedScore(DetectorKind kind, float score);

// The detector's own score for a calibrated one.
float UncalibratedScore(DetectorKind kind, float calibrated);

// Replaces a detector's own scores by calibrated ones, and notes the detector in `seen_by` and `looked`.
void Calibrate(DetectorKind kind, std::vector<Detection>& report);

// Several calibrated reports about one face as one. Box and landmarks are the mean weighted by score, without
// the landmarks that lie far from the others'. The score is a logarithmic opinion pool (Genest & Zidek 1986)
// of the detectors in `asked` and in the members' `looked`: those that did not see the face vote against it.
// A detector counts once, with its best report. Throws std::logic_error when `members` is empty.
Detection FuseFace(std::span<const Detection> members, DetectorSet asked);

// Greedy clusters of calibrated reports around the best-scored one, each fused by FuseFace; the results
// overlap less than `iou`, best score first. `asked` is every detector that looked at this picture, whether
// or not it reported anything. After Solovyev, Wang, Gabruseva: Weighted boxes fusion, 2021, and Gidaris &
// Komodakis: box voting, ICCV 2015.
std::vector<Detection> FuseDetections(std::span<const std::vector<Detection>> reports, DetectorSet asked,
                                      const FusionOptions& options = {});

// Whether a face that every installed detector was asked about (FaceFinder::Confirm or FindWithAll) should be
// believed: backs of heads, prints and patterns are not. Meant for the best faces of a track: one that is
// believed carries the whole track.
bool IsConfirmed(const Detection& face);

}  // namespace crossface
