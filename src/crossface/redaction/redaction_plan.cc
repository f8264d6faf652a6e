#include "crossface/redaction/redaction_plan.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace crossface {
namespace {

// From this overlap on a path without a track that lies over a hidden one may be the same face.
constexpr float kMayBeSame = 0.3f;
// From this overlap on hiding one face shows part of the other's place: both go.
constexpr float kOverlaps = 0.1f;

class Planner {
 public:
  Planner(const std::vector<FacePath>& paths, const std::vector<OwnedTrack>& tracks,
          const std::vector<int64_t>& times_us, RedactWhom whom, const std::set<int64_t>& persons)
      : paths_(paths), tracks_(tracks), times_us_(times_us), whom_(whom), persons_(persons) {
    plan_.frames.resize(times_us.size());
  }

  RedactionPlan Plan() {
    if (whom_ == RedactWhom::kOnly) {
      HideChosenPaths();
    } else {
      for (const FacePath& path : paths_) {
        for (const FacePath::Place& place : path.places) Add(place, MayStay(path, place));
      }
    }
    HideTracks();
    if (whom_ == RedactWhom::kOnly) HideOverlapping();
    return std::move(plan_);
  }

 private:
  bool Chosen(size_t track) const { return persons_.contains(tracks_[track].person); }
  bool IsHidden(size_t track) const {
    return whom_ == RedactWhom::kAll || (Chosen(track) == (whom_ == RedactWhom::kOnly));
  }

  bool MayStay(const FacePath& path, const FacePath::Place& place) const {
    if (whom_ == RedactWhom::kAll) return false;
    bool near = false;
    for (const FacePath::Meeting& meeting : path.meetings) {
      if (!Chosen(meeting.track)) return false;
      near = near || std::abs(meeting.time_us - place.time_us) <= RedactionPlan::kTrustUs;
    }
    return near;
  }

  void Add(const FacePath::Place& place, bool visible) {
    RedactionPlan::FrameFaces& faces = plan_.frames[static_cast<size_t>(place.frame)];
    (visible ? faces.visible : faces.hidden).push_back(place.box);
  }

  void HideChosenPaths() {
    std::vector<const FacePath*> unknown;
    for (const FacePath& path : paths_) {
      const bool chosen = std::any_of(path.meetings.begin(), path.meetings.end(),
                                      [&](const auto& meeting) { return Chosen(meeting.track); });
      if (chosen) {
        for (const FacePath::Place& place : path.places) Add(place, false);
      } else if (path.meetings.empty()) {
        unknown.push_back(&path);
      }
    }
    // Until nothing more is drawn in.
    for (size_t before = unknown.size() + 1; before != unknown.size();) {
      before = unknown.size();
      std::erase_if(unknown, [&](const FacePath* path) { return HideIfTouching(*path); });
    }
  }

  bool HideIfTouching(const FacePath& path) {
    const bool touches = std::any_of(path.places.begin(), path.places.end(), [&](const auto& place) {
      const auto& hidden = plan_.At(place.frame).hidden;
      return std::any_of(hidden.begin(), hidden.end(), [&](const cv::Rect2f& box) {
        return IntersectionOverUnion(box, place.box) >= kMayBeSame;
      });
    });
    if (!touches) return false;
    for (const FacePath::Place& place : path.places) Add(place, false);
    return true;
  }

  // The case's own faces, and straight lines between them: inside a track, and from one track of a person to
  // the next of the same shot.
  void HideTracks() {
    std::map<std::pair<int64_t, int64_t>, std::vector<const FaceRecord*>> faces_of;
    for (size_t i = 0; i < tracks_.size(); ++i) {
      if (!IsHidden(i)) continue;
      const TrackRecord& track = *tracks_[i].track;
      // Nobody's tracks are not one person: each for itself.
      const int64_t who = tracks_[i].person != 0 ? tracks_[i].person : -1 - static_cast<int64_t>(i);
      for (const FaceRecord& face : track.faces) faces_of[{track.shot, who}].push_back(&face);
    }
    for (auto& [key, faces] : faces_of) {
      std::sort(faces.begin(), faces.end(), [](const auto* a, const auto* b) { return a->frame < b->frame; });
      for (size_t i = 0; i < faces.size(); ++i)
        HideFrom(*faces[i], i + 1 < faces.size() ? faces[i + 1] : nullptr);
    }
  }

  void HideFrom(const FaceRecord& face, const FaceRecord* next) {
    const auto count = static_cast<int64_t>(times_us_.size());
    if (face.frame < 0 || face.frame >= count) return;
    plan_.frames[static_cast<size_t>(face.frame)].hidden.push_back(face.detection.box);
    if (next == nullptr || next->time_us - face.time_us > RedactionPlan::kBridgeUs) return;
    for (int64_t frame = face.frame + 1; frame < std::min(next->frame, count); ++frame) {
      const auto whole = static_cast<float>(std::max<int64_t>(1, next->time_us - face.time_us));
      const float share = static_cast<float>(times_us_[static_cast<size_t>(frame)] - face.time_us) / whole;
      const cv::Rect2f &a = face.detection.box, &b = next->detection.box;
      const auto mix = [share](float x, float y) { return x + (y - x) * share; };
      plan_.frames[static_cast<size_t>(frame)].hidden.emplace_back(
          mix(a.x, b.x), mix(a.y, b.y), mix(a.width, b.width), mix(a.height, b.height));
    }
  }

  void HideOverlapping() {
    for (const FacePath& path : paths_) {
      for (const FacePath::Place& place : path.places) {
        if (place.from != FacePath::Place::From::kSight) continue;
        auto& hidden = plan_.frames[static_cast<size_t>(place.frame)].hidden;
        const bool overlaps = std::any_of(hidden.begin(), hidden.end(), [&](const cv::Rect2f& box) {
          return IntersectionOverUnion(box, place.box) >= kOverlaps;
        });
        if (overlaps) hidden.push_back(place.box);
      }
    }
  }

  const std::vector<FacePath>& paths_;
  const std::vector<OwnedTrack>& tracks_;
  const std::vector<int64_t>& times_us_;
  const RedactWhom whom_;
  const std::set<int64_t>& persons_;
  RedactionPlan plan_;
};

}  // namespace

const RedactionPlan::FrameFaces& RedactionPlan::At(int64_t frame) const {
  static const FrameFaces kNone;
  return frame >= 0 && frame < static_cast<int64_t>(frames.size()) ? frames[static_cast<size_t>(frame)]
                                                                   : kNone;
}

RedactionPlan PlanRedaction(const std::vector<FacePath>& paths, const std::vector<OwnedTrack>& tracks,
                            const std::vector<int64_t>& times_us, RedactWhom whom,
                            const std::set<int64_t>& persons) {
  return Planner(paths, tracks, times_us, whom, persons).Plan();
}

}  // namespace crossface
