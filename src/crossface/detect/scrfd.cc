#include "crossface/detect/scrfd.h"

#include "crossface/detect/single_shot.h"

namespace crossface {
namespace {

constexpr size_t kAnchorsPerCell = 2;
// The authors' value, and what the share of faces found in detector_test.cc was measured with.
constexpr float kNmsThreshold = 0.4f;
constexpr PixelScaling kScaling{ChannelOrder::kRgb, {127.5f, 127.5f, 127.5f}, 1 / 128.0f};

std::vector<size_t> Rows(const cv::Size& input) {
  std::vector<size_t> rows;
  for (int output = 0; output < 3; ++output) {
    for (int stride : kStrides) rows.push_back(kAnchorsPerCell * CellCount(input, stride));
  }
  return rows;
}

class Scrfd : public SingleShotDetector {
 public:
  Scrfd(DetectorKind kind, const std::string& model, std::unique_ptr<Session> session)
      : SingleShotDetector(kind, {model, kScaling, kNmsThreshold, Rows}, std::move(session)) {}

 private:
  // Rows are cells with their anchors innermost; an anchor's centre is its cell's corner. Boxes are distances
  // to the four sides from there, landmarks offsets, both in strides.
  std::vector<Detection> Decode(const std::vector<Tensor>& outputs, const cv::Size& input,
                                float threshold) const override {
    std::vector<Detection> faces;
    for (size_t level = 0; level < std::size(kStrides); ++level) {
      const std::vector<float>& scores = outputs[level].data;
      const auto stride = static_cast<float>(kStrides[level]);
      for (size_t row = 0; row < scores.size(); ++row) {
        if (!(scores[row] >= threshold)) continue;
        const float* distances = &outputs[3 + level].data[4 * row];
        const float* offsets = &outputs[6 + level].data[10 * row];
        const cv::Point2f anchor = CellPosition(row / kAnchorsPerCell, input, kStrides[level]);
        Detection face{.score = scores[row]};
        face.box = cv::Rect2f((anchor - cv::Point2f(distances[0], distances[1])) * stride,
                              (anchor + cv::Point2f(distances[2], distances[3])) * stride);
        for (size_t i = 0; i < face.landmarks.size(); ++i) {
          face.landmarks[i] = (anchor + cv::Point2f(offsets[2 * i], offsets[2 * i + 1])) * stride;
        }
        faces.push_back(face);
      }
    }
    return faces;
  }
};

}  // namespace

Result<std::unique_ptr<Detector>> CreateScrfd(DetectorKind kind, const std::string& model,
                                              const ModelStore& models, const SessionOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto path, models.Find(model));
  std::vector<TensorSpec> outputs;
  if (model == DetectorName(kind)) {
    AddOutputsPerStride("score_", 1, outputs);
    AddOutputsPerStride("bbox_", 4, outputs);
    AddOutputsPerStride("kps_", 10, outputs);
  } else {
    for (const int64_t columns : {1, 4, 10}) {
      for (size_t level = 0; level < std::size(kStrides); ++level) outputs.push_back({"", {-1, columns}});
    }
  }
  CROSSFACE_ASSIGN_OR_RETURN(auto session,
                             Session::Load(path, {{"input.1", {-1, 3, -1, -1}}}, outputs, options));
  return std::unique_ptr<Detector>(std::make_unique<Scrfd>(kind, model, std::move(session)));
}

}  // namespace crossface
