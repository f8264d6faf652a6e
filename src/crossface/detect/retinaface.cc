#include "crossface/detect/retinaface.h"

#include <array>
#include <cmath>

#include "crossface/detect/letterbox.h"
#include "crossface/detect/nms.h"

namespace crossface {
namespace {

struct PriorLevel {
  int stride;
  std::array<float, 2> sizes;
};
constexpr PriorLevel kLevels[] = {{8, {16, 32}}, {16, {64, 128}}, {32, {256, 512}}};
constexpr float kCentreVariance = 0.1f, kSizeVariance = 0.2f;
constexpr float kNmsThreshold = 0.4f;
constexpr PixelScaling kScaling{ChannelOrder::kBgr, {104.0f, 117.0f, 123.0f}, 1.0f};

class RetinaFace : public Detector {
 public:
  explicit RetinaFace(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  DetectorKind kind() const override { return DetectorKind::kRetinaFace; }

  Result<std::vector<Detection>> Detect(const cv::Mat& bgr, const DetectParams& params) const override {
    if (bgr.empty()) return std::vector<Detection>();
    Letterbox input = MakeLetterbox(bgr, params.longest_side, kScaling);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Tensor> outputs, session_->Run(std::span(&input.tensor, 1)));
    const std::vector<float>&loc = outputs[0].data, &conf = outputs[1].data, &points = outputs[2].data;
    std::vector<Detection> detections;
    size_t row = 0;
    for (const PriorLevel& level : kLevels) {
      const int columns = input.width / level.stride, rows = input.height / level.stride;
      for (int cell = 0; cell < columns * rows; ++cell) {
        for (float size : level.sizes) {
          if (conf[2 * row + 1] >= params.score_threshold) {
            const cv::Point2f centre((static_cast<float>(cell % columns) + 0.5f) * static_cast<float>(level.stride),
                                     (static_cast<float>(cell / columns) + 0.5f) * static_cast<float>(level.stride));
            detections.push_back(Decode(centre, size, &loc[4 * row], &points[10 * row], conf[2 * row + 1], input.scale));
          }
          ++row;
        }
      }
    }
    return SuppressNonMaxima(std::move(detections), kNmsThreshold);
  }

 private:
  // SSD's box coding, in pixels of the net's input, back to pixels of the picture.
  static Detection Decode(const cv::Point2f& prior, float size, const float* loc, const float* points, float score, float scale) {
    const cv::Point2f centre(prior.x + loc[0] * kCentreVariance * size, prior.y + loc[1] * kCentreVariance * size);
    const float width = size * std::exp(loc[2] * kSizeVariance), height = size * std::exp(loc[3] * kSizeVariance);
    Detection face{.box = {(centre.x - width / 2) / scale, (centre.y - height / 2) / scale, width / scale, height / scale}, .score = score};
    for (size_t i = 0; i < 5; ++i) {
      face.landmarks[i] = {(prior.x + points[2 * i] * kCentreVariance * size) / scale, (prior.y + points[2 * i + 1] * kCentreVariance * size) / scale};
    }
    face.seen_by.Add(DetectorKind::kRetinaFace);
    face.looked.Add(DetectorKind::kRetinaFace);
    return face;
  }

  const std::unique_ptr<Session> session_;
};

}  // namespace

Result<std::unique_ptr<Detector>> CreateRetinaFace(const ModelStore& models, const SessionOptions& options) {
  auto path = models.Find("retinaface");
  if (!path.ok()) {
    if (auto other = models.Find("retinaface_tiny"); other.ok()) path = std::move(other);
  }
  if (!path.ok()) return path.status();
  CROSSFACE_ASSIGN_OR_RETURN(auto session, Session::Load(*path, {{"input", {-1, 3, -1, -1}}},
                                                         {{"loc", {-1, -1, 4}}, {"conf", {-1, -1, 2}}, {"landms", {-1, -1, 10}}}, options));
  return std::unique_ptr<Detector>(std::make_unique<RetinaFace>(std::move(session)));
}

}  // namespace crossface
