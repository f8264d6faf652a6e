#include "crossface/detect/scrfd.h"

#include "crossface/detect/letterbox.h"
#include "crossface/detect/nms.h"

namespace crossface {
namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr int kAnchorsPerCell = 2;
constexpr float kNmsThreshold = 0.4f;
constexpr PixelScaling kScaling{ChannelOrder::kRgb, {127.5f, 127.5f, 127.5f}, 1 / 128.0f};

class Scrfd : public Detector {
 public:
  Scrfd(DetectorKind kind, std::unique_ptr<Session> session) : kind_(kind), session_(std::move(session)) {}

  DetectorKind kind() const override { return kind_; }

  Result<std::vector<Detection>> Detect(const cv::Mat& bgr, const DetectParams& params) const override {
    if (bgr.empty()) return std::vector<Detection>();
    Letterbox input = MakeLetterbox(bgr, params.longest_side, kScaling);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Tensor> outputs, session_->Run(std::span(&input.tensor, 1)));
    std::vector<Detection> detections;
    for (size_t level = 0; level < 3; ++level) {
      DecodeLevel(outputs[level].data, outputs[3 + level].data, outputs[6 + level].data, kStrides[level], input, params.score_threshold, &detections);
    }
    return SuppressNonMaxima(std::move(detections), kNmsThreshold);
  }

 private:
  // Rows are cells in row-major order, a cell's anchors innermost; an anchor's centre is its cell's corner.
  void DecodeLevel(const std::vector<float>& scores, const std::vector<float>& distances, const std::vector<float>& offsets, int stride,
                   const Letterbox& input, float threshold, std::vector<Detection>* detections) const {
    const int columns = input.width / stride;
    const auto s = static_cast<float>(stride) / input.scale;
    for (size_t row = 0; row < scores.size(); ++row) {
      if (scores[row] < threshold) continue;
      const auto cell = static_cast<int>(row) / kAnchorsPerCell;
      const auto x = static_cast<float>(cell % columns), y = static_cast<float>(cell / columns);
      const float* d = &distances[4 * row];
      Detection face{.box = cv::Rect2f(cv::Point2f((x - d[0]) * s, (y - d[1]) * s), cv::Point2f((x + d[2]) * s, (y + d[3]) * s)), .score = scores[row]};
      for (size_t i = 0; i < 5; ++i) face.landmarks[i] = {(x + offsets[10 * row + 2 * i]) * s, (y + offsets[10 * row + 2 * i + 1]) * s};
      face.seen_by.Add(kind_);
      face.looked.Add(kind_);
      detections->push_back(face);
    }
  }

  const DetectorKind kind_;
  const std::unique_ptr<Session> session_;
};

}  // namespace

Result<std::unique_ptr<Detector>> CreateScrfd(DetectorKind kind, const ModelStore& models, const SessionOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto path, models.Find(DetectorName(kind)));
  std::vector<TensorSpec> outputs;
  for (const auto& [name, columns] : {std::pair("score_", 1), std::pair("bbox_", 4), std::pair("kps_", 10)}) {
    for (int stride : kStrides) outputs.push_back({name + std::to_string(stride), {-1, -1, columns}});
  }
  CROSSFACE_ASSIGN_OR_RETURN(auto session, Session::Load(path, {{"input.1", {-1, 3, -1, -1}}}, outputs, options));
  return std::unique_ptr<Detector>(std::make_unique<Scrfd>(kind, std::move(session)));
}

}  // namespace crossface
