#include "crossface/detect/single_shot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "crossface/detect/nms.h"

namespace crossface {
namespace {

// A net may answer with anything: boxes that are no boxes must not get into the arithmetic behind.
bool IsSound(const Detection& face) {
  const cv::Rect2f& box = face.box;
  return std::isfinite(face.score) && std::isfinite(box.x) && std::isfinite(box.y) &&
         std::isfinite(box.width) && std::isfinite(box.height) && box.width > 0 && box.height > 0 &&
         std::all_of(face.landmarks.begin(), face.landmarks.end(),
                     [](const cv::Point2f& p) { return std::isfinite(p.x) && std::isfinite(p.y); });
}

}  // namespace

Result<std::vector<Detection>> SingleShotDetector::Detect(const cv::Mat& bgr,
                                                          const DetectParams& params) const {
  if (bgr.empty()) return std::vector<Detection>();
  const Letterbox letterbox = MakeLetterbox(bgr, params.longest_side, net_.scaling);
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Tensor> outputs, session_->Run({&letterbox.tensor, 1}));

  const cv::Size input = letterbox.padded;
  const std::vector<size_t> rows = net_.rows(input);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::vector<int64_t>& shape = outputs[i].shape;
    const bool batched = shape.size() == 3;
    if ((!batched || shape[0] == 1) && shape[batched ? 1 : 0] == static_cast<int64_t>(rows[i])) continue;
    return Status(StatusCode::kMismatch,
                  fmt::format("{} answers {}x{} pixels with {} rows where {} were expected", net_.model,
                              input.width, input.height, shape[batched ? 1 : 0], rows[i]),
                  Remedy::kVerifyModels);
  }
  std::vector<Detection> faces = Decode(outputs, input, params.score_threshold);
  std::erase_if(faces, [](const Detection& face) { return !IsSound(face); });
  faces = SuppressNonMaxima(std::move(faces), net_.nms_threshold);
  for (Detection& face : faces) {
    face = InPicture(face, letterbox.resized, bgr.size());
    face.seen_by.Add(kind_);
    face.looked.Add(kind_);
  }
  SortByScore(&faces);
  return faces;
}

void AddOutputsPerStride(const std::string& prefix, int64_t columns, std::vector<TensorSpec>& outputs) {
  for (int stride : kStrides) outputs.push_back({prefix + std::to_string(stride), {-1, -1, columns}});
}

}  // namespace crossface
