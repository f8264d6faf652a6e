#include "crossface/detect/yunet.h"

#include <cmath>

#include "crossface/detect/letterbox.h"
#include "crossface/detect/nms.h"

namespace crossface {
namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr float kNmsThreshold = 0.45f;
constexpr PixelScaling kScaling{ChannelOrder::kBgr, {0, 0, 0}, 1.0f};

class YuNet : public Detector {
 public:
  explicit YuNet(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  DetectorKind kind() const override { return DetectorKind::kYuNet; }

  Result<std::vector<Detection>> Detect(const cv::Mat& bgr, const DetectParams& params) const override {
    if (bgr.empty()) return std::vector<Detection>();
    Letterbox input = MakeLetterbox(bgr, params.longest_side, kScaling);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Tensor> outputs, session_->Run(std::span(&input.tensor, 1)));
    std::vector<Detection> detections;
    for (size_t level = 0; level < 3; ++level) {
      const int columns = input.width / kStrides[level];
      const std::vector<float>&cls = outputs[level].data, &obj = outputs[3 + level].data;
      for (size_t cell = 0; cell < cls.size(); ++cell) {
        const float score = std::sqrt(std::max(0.0f, cls[cell] * obj[cell]));
        if (score < params.score_threshold) continue;
        const cv::Point2f corner(static_cast<float>(static_cast<int>(cell) % columns), static_cast<float>(static_cast<int>(cell) / columns));
        detections.push_back(Decode(corner, &outputs[6 + level].data[4 * cell], &outputs[9 + level].data[10 * cell], score,
                                    static_cast<float>(kStrides[level]) / input.scale));
      }
    }
    return SuppressNonMaxima(std::move(detections), kNmsThreshold);
  }

 private:
  static Detection Decode(const cv::Point2f& cell, const float* box, const float* points, float score, float s) {
    const cv::Point2f centre((cell.x + box[0]) * s, (cell.y + box[1]) * s);
    const float width = std::exp(box[2]) * s, height = std::exp(box[3]) * s;
    Detection face{.box = {centre.x - width / 2, centre.y - height / 2, width, height}, .score = score};
    for (size_t i = 0; i < 5; ++i) face.landmarks[i] = {(cell.x + points[2 * i]) * s, (cell.y + points[2 * i + 1]) * s};
    face.seen_by.Add(DetectorKind::kYuNet);
    face.looked.Add(DetectorKind::kYuNet);
    return face;
  }

  const std::unique_ptr<Session> session_;
};

}  // namespace

Result<std::unique_ptr<Detector>> CreateYuNet(const ModelStore& models, const SessionOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto path, models.Find("yunet"));
  std::vector<TensorSpec> outputs;
  for (const auto& [name, columns] : {std::pair("cls_", 1), std::pair("obj_", 1), std::pair("bbox_", 4), std::pair("kps_", 10)}) {
    for (int stride : kStrides) outputs.push_back({name + std::to_string(stride), {-1, -1, columns}});
  }
  CROSSFACE_ASSIGN_OR_RETURN(auto session, Session::Load(path, {{"input", {-1, 3, -1, -1}}}, outputs, options));
  return std::unique_ptr<Detector>(std::make_unique<YuNet>(std::move(session)));
}

}  // namespace crossface
