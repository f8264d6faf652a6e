// Where each face is in every frame of a video: detections of all frames joined into paths, the frames in
// between and around them filled in.
//
// A path is what one track is to a scan, without gaps: faces are joined by the Tracker; frames in which the
// detector does not see a face that it saw before are filled by following its picture (normalised
// cross-correlation) and, where it is seen again, by interpolation too. Before the first and after the last
// sight the face is followed until its picture is lost or the shot ends, for kFollowUs at most, and its place
// is held for kHoldUs more. Only what was seen in kSureSights frames, or is more likely a face than not, or
// is known to the case is followed. All that is meant for hiding: places are rather too many than too few.
//
// Faces that the case knows come in beside the detector's, and paths remember which of the case's tracks they
// met. Not thread-safe; one object per video, fed in order. Memory: a second and a half of small pictures,
// and the paths.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <opencv2/core.hpp>
#include <vector>

#include "crossface/detect/detection.h"
#include "crossface/track/tracker.h"

namespace crossface {

// One frame, as FacePaths wants it. Boxes in pixels of the upright full-size frame.
struct SeenFrame {
  int64_t index = 0, time_us = 0;
  int64_t shot = 0;
  std::vector<Detection> faces;
  std::vector<std::vector<float>> appearances;  // per face, DescribeAppearance
  cv::Mat small;                                // CV_8UC1, upright, at most kSmallSide pixels long
  float scale = 1;                              // of `small`: its pixels per pixel of the frame
};
inline constexpr int kSmallSide = 480;

struct FacePath {
  struct Place {
    int64_t frame = 0, time_us = 0;
    cv::Rect2f box;
    enum class From { kSight, kBetween, kFollowed } from = From::kSight;
  };
  struct Meeting {
    int64_t time_us = 0;
    size_t track = 0;  // as given to Push
  };
  std::vector<Place> places;      // in no order; a frame may have several
  std::vector<Meeting> meetings;  // in time order
};

class FacePaths {
 public:
  static constexpr int64_t kFollowUs = 1'500'000, kHoldUs = 300'000;
  static constexpr float kSureScore = 0.5f;
  static constexpr int kSureSights = 5;

  struct KnownFace {
    size_t track = 0;  // the caller's number
    cv::Rect2f box;
  };

  // Faces of `known` without a detection in the same place are added to the frame's.
  void Push(SeenFrame frame, const std::vector<KnownFace>& known);
  // After the last frame.
  std::vector<FacePath> Finish();

 private:
  // A path whose face was seen not long ago.
  struct Open {
    FacePath path;
    FacePath::Place last_seen;
    cv::Rect2f box;   // where it is now
    cv::Mat picture;  // of the face, out of the small frame
    float best_score = 0;
    int sights = 0;
    bool lost = false;    // the picture was not found again
    int64_t lost_us = 0;  // since when
  };

  void AddKnown(SeenFrame* frame, const std::vector<KnownFace>& known,
                std::vector<std::vector<size_t>>* tracks_of) const;
  void See(Open* open, const SeenFrame& frame, const Detection& face);
  void FillGap(Open* open, const FacePath::Place& now);
  void FollowBack(Open* open) const;
  void FollowOn(Open* open, const SeenFrame& frame);
  void Close(Open open);
  void CloseAll();

  Tracker tracker_;
  std::map<int64_t, Open> open_;  // by the tracker's number
  std::deque<SeenFrame> recent_;  // the last kFollowUs, without the present one
  std::vector<FacePath> finished_;
  int64_t shot_ = 0;
};

}  // namespace crossface
