#include "crossface/redaction/face_paths.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

namespace crossface {
namespace {

// A detection overlapping a face of the case at least this much is that face.
constexpr float kSameFace = 0.4f;

// The face is looked for this share of its size around where it was.
constexpr float kSearchShare = 0.5f;
// Correlation from which a picture counts as found. What is followed wrongly hides too much, which is the
// safe side; below this the picture is somebody else's or scenery's.
constexpr double kFound = 0.6;
// Smaller pictures, in pixels of the small frame, match anything; their place is held instead.
constexpr int kLeastPicture = 6;

cv::Rect SmallRect(const cv::Rect2f& box, float scale, cv::Size bounds) {
  const cv::Rect2f scaled(box.x * scale, box.y * scale, box.width * scale, box.height * scale);
  return cv::Rect(cv::Point(cvRound(scaled.x), cvRound(scaled.y)),
                  cv::Size(cvRound(scaled.width), cvRound(scaled.height))) &
         cv::Rect({}, bounds);
}

cv::Mat CutOut(const SeenFrame& frame, const cv::Rect2f& box) {
  const cv::Rect part = SmallRect(box, frame.scale, frame.small.size());
  return part.empty() ? cv::Mat() : frame.small(part).clone();
}

// Where `picture`, which was at `box`, is in `frame`; false when it is not there.
bool FindPicture(const cv::Mat& picture, const SeenFrame& frame, cv::Rect2f* box) {
  if (picture.rows < kLeastPicture || picture.cols < kLeastPicture) return false;
  const float side = kSearchShare * std::max(box->width, box->height);
  const cv::Rect was = SmallRect(*box, frame.scale, frame.small.size());
  const cv::Rect area =
      SmallRect({box->x - side, box->y - side, box->width + 2 * side, box->height + 2 * side}, frame.scale,
                frame.small.size());
  if (area.width < picture.cols || area.height < picture.rows) return false;
  cv::Mat scores;
  cv::matchTemplate(frame.small(area), picture, scores, cv::TM_CCOEFF_NORMED);
  double best = 0;
  cv::Point at;
  cv::minMaxLoc(scores, nullptr, &best, nullptr, &at);
  if (!std::isfinite(best) || best < kFound) return false;
  const cv::Point moved = area.tl() + at - was.tl();
  box->x += static_cast<float>(moved.x) / frame.scale;
  box->y += static_cast<float>(moved.y) / frame.scale;
  return true;
}

cv::Rect2f Between(const FacePath::Place& a, const FacePath::Place& b, int64_t time_us) {
  const double whole = static_cast<double>(std::max<int64_t>(1, b.time_us - a.time_us));
  const auto share = static_cast<float>(static_cast<double>(time_us - a.time_us) / whole);
  const auto mix = [share](float x, float y) { return x + (y - x) * share; };
  return {mix(a.box.x, b.box.x), mix(a.box.y, b.box.y), mix(a.box.width, b.box.width),
          mix(a.box.height, b.box.height)};
}

}  // namespace

void FacePaths::Push(SeenFrame frame, const std::vector<KnownFace>& known) {
  if (frame.shot != shot_) {
    CloseAll();
    recent_.clear();
    shot_ = frame.shot;
  }
  std::vector<std::vector<size_t>> tracks_of(frame.faces.size());
  AddKnown(&frame, known, &tracks_of);
  const Tracker::Step step = tracker_.Push(frame.shot, frame.time_us, frame.faces, frame.appearances);
  for (size_t i = 0; i < frame.faces.size(); ++i) {
    const auto [found, added] = open_.try_emplace(step.track_of[i]);
    Open& open = found->second;
    See(&open, frame, frame.faces[i]);
    if (added) FollowBack(&open);
    for (const size_t track : tracks_of[i]) open.path.meetings.push_back({frame.time_us, track});
  }
  for (auto at = open_.begin(); at != open_.end();) {
    Open& open = at->second;
    if (open.last_seen.frame != frame.index) FollowOn(&open, frame);
    const int64_t unseen = frame.time_us - open.last_seen.time_us;
    // The tracker bridges up to two and a half of its gaps, a second each.
    if (unseen > 2 * kFollowUs) {
      Close(std::move(open));
      at = open_.erase(at);
    } else {
      ++at;
    }
  }
  recent_.push_back(std::move(frame));
  while (recent_.back().time_us - recent_.front().time_us > kFollowUs) recent_.pop_front();
}

std::vector<FacePath> FacePaths::Finish() {
  CloseAll();
  return std::move(finished_);
}

void FacePaths::CloseAll() {
  for (auto& [number, open] : open_) Close(std::move(open));
  open_.clear();
}

void FacePaths::Close(Open open) {
  const bool sure =
      open.best_score >= kSureScore || open.sights >= kSureSights || !open.path.meetings.empty();
  if (!sure) {
    std::erase_if(open.path.places, [](const FacePath::Place& place) {
      return place.from == FacePath::Place::From::kFollowed;
    });
  }
  finished_.push_back(std::move(open.path));
}

void FacePaths::AddKnown(SeenFrame* frame, const std::vector<KnownFace>& known,
                         std::vector<std::vector<size_t>>* tracks_of) const {
  for (const KnownFace& face : known) {
    size_t same = frame->faces.size();
    float most = kSameFace;
    for (size_t i = 0; i < frame->faces.size(); ++i) {
      const float overlap = IntersectionOverUnion(frame->faces[i].box, face.box);
      if (overlap < most) continue;
      most = overlap;
      same = i;
    }
    if (same == frame->faces.size()) {
      Detection added;
      added.box = face.box;
      frame->faces.push_back(added);
      // Whatever it looks like to the Tracker: a path of its own is as good.
      cv::Mat colour;
      cv::cvtColor(frame->small, colour, cv::COLOR_GRAY2BGR);
      const float s = frame->scale;
      frame->appearances.push_back(DescribeAppearance(
          colour, {face.box.x * s, face.box.y * s, face.box.width * s, face.box.height * s}));
      tracks_of->emplace_back();
    }
    (*tracks_of)[same].push_back(face.track);
  }
}

void FacePaths::See(Open* open, const SeenFrame& frame, const Detection& face) {
  const FacePath::Place now{frame.index, frame.time_us, face.box};
  if (!open->path.places.empty()) FillGap(open, now);
  open->path.places.push_back(now);
  open->last_seen = now;
  open->box = face.box;
  open->picture = CutOut(frame, face.box);
  open->best_score = std::max(open->best_score, face.score);
  ++open->sights;
  open->lost = false;
}

void FacePaths::FillGap(Open* open, const FacePath::Place& now) {
  for (const SeenFrame& frame : recent_) {
    if (frame.index <= open->last_seen.frame) continue;
    open->path.places.push_back({frame.index, frame.time_us, Between(open->last_seen, now, frame.time_us),
                                 FacePath::Place::From::kBetween});
  }
}

void FacePaths::FollowBack(Open* open) const {
  cv::Rect2f box = open->box;
  cv::Mat picture = open->picture;
  int64_t lost_us = -1;
  for (auto frame = recent_.rbegin(); frame != recent_.rend(); ++frame) {
    if (lost_us < 0 && FindPicture(picture, *frame, &box)) {
      picture = CutOut(*frame, box);
    } else if (lost_us < 0) {
      lost_us = frame->time_us;
    }
    if (lost_us >= 0 && lost_us - frame->time_us > kHoldUs) break;
    open->path.places.push_back({frame->index, frame->time_us, box, FacePath::Place::From::kFollowed});
  }
}

void FacePaths::FollowOn(Open* open, const SeenFrame& frame) {
  if (!open->lost && frame.time_us - open->last_seen.time_us <= kFollowUs &&
      FindPicture(open->picture, frame, &open->box)) {
    open->picture = CutOut(frame, open->box);
  } else if (!open->lost) {
    open->lost = true;
    open->lost_us = frame.time_us;
  }
  if (open->lost && frame.time_us - open->lost_us > kHoldUs) return;
  open->path.places.push_back({frame.index, frame.time_us, open->box, FacePath::Place::From::kFollowed});
}

}  // namespace crossface
