#include "crossface/detect/retinaface.h"

#include <array>
#include <cmath>

#include "crossface/detect/single_shot.h"

namespace crossface {
namespace {

// Sides of the priors of a cell, for each stride.
constexpr std::array<float, 2> kPriorSizes[] = {{16, 32}, {64, 128}, {256, 512}};
constexpr float kCentreVariance = 0.1f, kSizeVariance = 0.2f;
// The authors' value, and what the share of faces found in detector_test.cc was measured with.
constexpr float kNmsThreshold = 0.4f;
constexpr PixelScaling kScaling{ChannelOrder::kBgr, {104.0f, 117.0f, 123.0f}, 1.0f};

std::vector<size_t> Rows(const cv::Size& input) {
  size_t rows = 0;
  for (int stride : kStrides) rows += kPriorSizes[0].size() * CellCount(input, stride);
  return {rows, rows, rows};
}

class RetinaFace : public SingleShotDetector {
 public:
  RetinaFace(const std::string& model, std::unique_ptr<Session> session)
      : SingleShotDetector(DetectorKind::kRetinaFace, {model, kScaling, kNmsThreshold, Rows},
                           std::move(session)) {}

 private:
  // Rows are the priors of all strides one after the other, a cell's priors innermost.
  std::vector<Detection> Decode(const std::vector<Tensor>& outputs, const cv::Size& input,
                                float threshold) const override {
    std::vector<Detection> faces;
    size_t row = 0;
    for (size_t level = 0; level < std::size(kStrides); ++level) {
      const auto stride = static_cast<float>(kStrides[level]);
      for (size_t cell = 0; cell < CellCount(input, kStrides[level]); ++cell) {
        for (float size : kPriorSizes[level]) {
          const size_t current = row++;
          const float score = outputs[1].data[2 * current + 1];
          if (!(score >= threshold)) continue;
          const cv::Point2f prior =
              (CellPosition(cell, input, kStrides[level]) + cv::Point2f(0.5f, 0.5f)) * stride;
          Detection face =
              DecodeRow(prior, size, &outputs[0].data[4 * current], &outputs[2].data[10 * current]);
          face.score = score;
          faces.push_back(face);
        }
      }
    }
    return faces;
  }

  // SSD's coding of boxes: a shift in prior sizes, and the logarithm of the size in prior sizes.
  static Detection DecodeRow(const cv::Point2f& prior, float size, const float* box, const float* points) {
    const float shift = kCentreVariance * size;
    const cv::Point2f centre = prior + cv::Point2f(box[0], box[1]) * shift;
    const cv::Point2f half =
        cv::Point2f(std::exp(box[2] * kSizeVariance), std::exp(box[3] * kSizeVariance)) * (size / 2);
    Detection face{.box = cv::Rect2f(centre - half, centre + half)};
    for (size_t i = 0; i < face.landmarks.size(); ++i) {
      face.landmarks[i] = prior + cv::Point2f(points[2 * i], points[2 * i + 1]) * shift;
    }
    return face;
  }
};

}  // namespace

Result<std::unique_ptr<Detector>> CreateRetinaFace(const std::string& model, const ModelStore& models,
                                                   const SessionOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto path, models.Find(model));
  CROSSFACE_ASSIGN_OR_RETURN(
      auto session,
      Session::Load(path, {{"input", {-1, 3, -1, -1}}},
                    {{"loc", {-1, -1, 4}}, {"conf", {-1, -1, 2}}, {"landms", {-1, -1, 10}}}, options));
  return std::unique_ptr<Detector>(std::make_unique<RetinaFace>(model, std::move(session)));
}

}  // namespace crossface
