// Which places of which frames are hidden in a redacted copy. Pure; values are safe to share.
//
// The rule. A face is on a path (face_paths.h), and a path has met none, one or several tracks of the case.
//   kAll     every path is hidden.
//   kOnly    a path is hidden when it has met a track of a chosen person; when it has met no track at all and
//            comes to lie over a hidden one, since it may be the same face; and, frame by frame, where any
//            other face overlaps a hidden one. The chosen persons' tracks are hidden between their faces
//            whatever the paths say, and across gaps of up to kBridgeUs.
//   kExcept  a face is left visible only where the case says that it is a chosen person's: on a path that has
//            met tracks of the chosen only, within kTrustUs of such a meeting. Everything else is hidden:
//            other persons, faces that belong to nobody, faces that the scan did not see. What is hidden wins
//            where it overlaps what is not.
#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <set>
#include <vector>

#include "crossface/gallery/records.h"
#include "crossface/redaction/face_paths.h"
#include "crossface/redaction/redact_options.h"

namespace crossface {

// A track of the source in question.
struct OwnedTrack {
  const TrackRecord* track = nullptr;  // with faces
  int64_t person = 0;                  // 0: nobody's
};

struct RedactionPlan {
  static constexpr int64_t kTrustUs = 1'500'000, kBridgeUs = 5'000'000;

  // Face boxes, without margins, in pixels of the upright frame. A frame past the end has none.
  struct FrameFaces {
    std::vector<cv::Rect2f> hidden, visible;
  };
  std::vector<FrameFaces> frames;  // by frame index

  const FrameFaces& At(int64_t frame) const;
};

// `tracks` in the order that the paths' meetings count them in. `times_us`: of every frame, by index.
RedactionPlan PlanRedaction(const std::vector<FacePath>& paths, const std::vector<OwnedTrack>& tracks,
                            const std::vector<int64_t>& times_us, RedactWhom whom,
                            const std::set<int64_t>& persons);

}  // namespace crossface
