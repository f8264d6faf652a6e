// Recall against false positives of a detector on labelled pictures. Not thread-safe.
#pragma once

#include <vector>

#include "crossface/detect/detection.h"
#include "detection/labelled_pictures.h"

namespace crossface::bench {

enum class Verdict { kFace, kFalse, kIgnored };

// One verdict per detection, in their order: best score first, each takes the labelled face that it overlaps
// most and that is not taken yet. Faces less than 12 pixels high are neither wanted nor held against a
// detector.
std::vector<Verdict> Judge(const LabelledPicture& picture, const std::vector<Detection>& detections);

class RecallCurve {
 public:
  void Add(const LabelledPicture& picture, const std::vector<Detection>& detections);

  int pictures() const { return pictures_; }
  int faces() const { return faces_; }
  // Share of the faces found with at most `false_positives` wrong detections a picture.
  double RecallAt(double false_positives) const;
  // The same, for the score threshold.
  double RecallAbove(float score) const;
  double FalsePositivesAbove(float score) const;
  // Area under precision over recall, precision made monotone (Pascal VOC 2010).
  double AveragePrecision() const;

 private:
  struct Judged {
    float score;
    bool face;
  };
  std::vector<Judged> Sorted() const;
  std::vector<Judged> judged_;
  int pictures_ = 0, faces_ = 0;
};

}  // namespace crossface::bench
