// Words for why a face cannot tell who it is. Pure, thread-safe.
#pragma once

#include <opencv2/core.hpp>
#include <optional>

#include "crossface/detect/detection.h"
#include "crossface/detect/face_quality.h"
#include "crossface/embed/identity_evidence.h"
#include "crossface/embed/unassigned_reason.h"

namespace crossface {

// Whether a face was made unrecognisable on purpose: pixelated (steps with nothing between them), or blurred
// inside while its surroundings are sharp. `bgr` (CV_8UC3) holds the face and what is around it.
bool LooksAnonymised(const cv::Mat& bgr, const cv::Rect2f& box);

// The likeliest reason why a face of too little quality or evidence is so; never kNone, kAlone or kInDoubt.
// `signs` where they are known.
UnassignedReason DoubtReason(const cv::Mat& bgr, const Detection& face, const FaceQuality& quality,
                             const std::optional<IdentitySigns>& signs);

}  // namespace crossface
