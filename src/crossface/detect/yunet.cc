#include "crossface/detect/yunet.h"

#include <cmath>

#include "crossface/detect/single_shot.h"

namespace crossface {
namespace {

// The authors' value, and what the share of faces found in detector_test.cc was measured with.
constexpr float kNmsThreshold = 0.45f;
constexpr PixelScaling kScaling{ChannelOrder::kBgr, {0, 0, 0}, 1.0f};

std::vector<size_t> Rows(const cv::Size& input) {
  std::vector<size_t> rows;
  for (int output = 0; output < 4; ++output) {
    for (int stride : kStrides) rows.push_back(CellCount(input, stride));
  }
  return rows;
}

class YuNet : public SingleShotDetector {
 public:
  YuNet(const std::string& model, std::unique_ptr<Session> session)
      : SingleShotDetector(DetectorKind::kYuNet, {model, kScaling, kNmsThreshold, Rows}, std::move(session)) {
  }

 private:
  // One row a cell. Centre and landmarks are offsets from the cell's corner in strides, the size is a
  // logarithm.
  std::vector<Detection> Decode(const std::vector<Tensor>& outputs, const cv::Size& input,
                                float threshold) const override {
    std::vector<Detection> faces;
    for (size_t level = 0; level < std::size(kStrides); ++level) {
      const std::vector<float>&classes = outputs[level].data, &objects = outputs[3 + level].data;
      const auto stride = static_cast<float>(kStrides[level]);
      for (size_t cell = 0; cell < classes.size(); ++cell) {
        const float score = std::sqrt(classes[cell] * objects[cell]);
        if (!(score >= threshold)) continue;
        const float* box = &outputs[6 + level].data[4 * cell];
        const float* points = &outputs[9 + level].data[10 * cell];
        const cv::Point2f corner = CellPosition(cell, input, kStrides[level]);
        const cv::Point2f half = cv::Point2f(std::exp(box[2]), std::exp(box[3])) * 0.5f;
        const cv::Point2f centre = corner + cv::Point2f(box[0], box[1]);
        Detection face{.box = cv::Rect2f((centre - half) * stride, (centre + half) * stride), .score = score};
        for (size_t i = 0; i < face.landmarks.size(); ++i) {
          face.landmarks[i] = (corner + cv::Point2f(points[2 * i], points[2 * i + 1])) * stride;
        }
        faces.push_back(face);
      }
    }
    return faces;
  }
};

}  // namespace

Result<std::unique_ptr<Detector>> CreateYuNet(const std::string& model, const ModelStore& models,
                                              const SessionOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto path, models.Find(model));
  std::vector<TensorSpec> outputs;
  AddOutputsPerStride("cls_", 1, outputs);
  AddOutputsPerStride("obj_", 1, outputs);
  AddOutputsPerStride("bbox_", 4, outputs);
  AddOutputsPerStride("kps_", 10, outputs);
  CROSSFACE_ASSIGN_OR_RETURN(auto session,
                             Session::Load(path, {{"input", {-1, 3, -1, -1}}}, outputs, options));
  return std::unique_ptr<Detector>(std::make_unique<YuNet>(model, std::move(session)));
}

}  // namespace crossface
