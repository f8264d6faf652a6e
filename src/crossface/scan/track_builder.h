// Collects the faces of one track while it is open, and turns them into records when it ends: asks the other
// detectors about the best faces, drops the track when they see no face there, embeds the best faces, splits
// the track where it changes from one person to another, and makes the templates.
//
// Memory: a record per face, its picture where that was not put aside, and the surroundings of a few
// candidates (of all faces when exhaustive, as long as none is given up). Add() belongs to one thread;
// Finish() may run on another afterwards.
#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "crossface/detect/face_quality.h"
#include "crossface/gallery/records.h"
#include "crossface/scan/scan_meter.h"
#include "crossface/scan/scan_settings.h"

namespace crossface {

// The part of a frame around a face, shrunk when large, with the face's place in it.
struct FaceSurroundings {
  cv::Mat bgr;
  cv::Point2f origin;  // of bgr's corner, pixels of the frame
  float scale = 1;     // pixels of bgr per pixel of the frame

  Detection ToLocal(Detection face) const;  // frame pixels to pixels of bgr
  Detection ToFrame(Detection face) const;
};

// A face as found in one frame, with all that later steps need of the frame. Until it is in a track, its
// surroundings are a part of the frame's own picture, which they keep in memory.
struct FoundFace {
  FaceRecord record;
  FaceSurroundings surroundings;
  std::vector<float> appearance;
};

// The part of a frame that a face's stored picture shows (before it is shrunk).
cv::Rect PictureArea(const cv::Rect2f& box, const cv::Size& frame);

// The picture to be stored of a part of a frame, which says in its comment what part that is: the box of a
// face may be measured better after its picture was cut. Empty for an empty part.
std::string CutPicture(const cv::Mat& bgr, const cv::Rect& area);
// The part that a stored picture was cut from, as it says itself; nothing where it says none, as those of
// older programs do.
std::optional<cv::Rect> AreaOfPicture(std::string_view jpeg);

// Makes surroundings that are a part of a frame's picture a small picture of their own. Once.
void Detach(FaceSurroundings* around);

// Measures and encodes one face. `bgr` is the full upright frame.
FoundFace DescribeFace(const cv::Mat& bgr, const KeptFrame& frame, const Detection& face);

// The template of a track by one model: the mean of its faces' vectors by quality; empty where it has none.
std::vector<float> TemplateOf(const std::vector<FaceRecord>& faces, const std::string& model);

class TrackBuilder {
 public:
  TrackBuilder(int64_t shot, bool exhaustive) : shot_(shot), exhaustive_(exhaustive) {}

  // In time order.
  void Add(FoundFace face);
  // Of the candidates' surroundings.
  int64_t bytes() const { return bytes_; }
  size_t candidates() const { return candidates_.size(); }
  // To save memory; false when there are no more than are needed.
  bool GiveUpCandidate();

  // The finished tracks (numbers and ids unset): none when the detectors refuse it, several when it was
  // split. `meter`: null where nobody measures.
  Result<std::vector<TrackRecord>> Finish(const ScanModels& models, ScanMeter* meter = nullptr);

 private:
  struct Candidate {
    size_t face;  // index into faces_
    FaceSurroundings surroundings;
  };
  void ThinCandidates();
  void CountBytes();
  Result<bool> IsFace(const ScanModels& models, ScanMeter* meter);
  Result<bool> ConfirmBest(const ScanModels& models, ScanMeter* meter);
  Result<std::vector<TrackRecord>> Embed(const ScanModels& models, ScanMeter* meter);
  Status EmbedBest(const ScanModels& models, ScanMeter* meter);
  std::vector<size_t> SplitPoints(const ScanModels& models) const;

  // What the best of the faces [begin, end) tells; reason: why it does not, should it not be enough.
  struct Identity {
    float evidence = 1;
    UnassignedReason reason = UnassignedReason::kBlurred;
  };
  std::optional<size_t> MostTelling(size_t begin, size_t end) const;  // index into candidates_
  Result<Identity> JudgeIdentity(size_t begin, size_t end, const ScanModels& models, ScanMeter* meter) const;
  TrackRecord MakeRecord(size_t begin, size_t end, const Identity& identity, const ScanModels& models);

  int64_t shot_;
  bool exhaustive_;
  int64_t bytes_ = 0;
  std::vector<FaceRecord> faces_;
  std::vector<Candidate> candidates_;  // in time order
};

}  // namespace crossface
