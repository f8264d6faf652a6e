// What the detectors that look at a picture once have in common (Liu et al., SSD: Single Shot MultiBox
// Detector, ECCV 2016): the picture is letterboxed, one net runs, its rows above the threshold are decoded,
// and the best of overlapping boxes are kept. Private to the layer.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crossface/detect/detector.h"
#include "crossface/detect/letterbox.h"

namespace crossface {

class SingleShotDetector : public Detector {
 public:
  DetectorKind kind() const final { return kind_; }
  std::vector<std::string> models() const final { return {net_.model}; }
  std::vector<std::string> sha256s() const final { return {session_->sha256()}; }
  Result<std::vector<Detection>> Detect(const cv::Mat& bgr, const DetectParams& params) const final;

 protected:
  struct Net {
    std::string model;  // manifest name
    PixelScaling scaling;
    float nms_threshold;
    // The rows that each output has for an input of this size, in the order of the outputs.
    std::vector<size_t> (*rows)(const cv::Size& input);
  };

  SingleShotDetector(DetectorKind kind, Net net, std::unique_ptr<Session> session)
      : kind_(kind), net_(std::move(net)), session_(std::move(session)) {}

  // Every row with at least this score, in pixels of the net's input: box, score and landmarks.
  virtual std::vector<Detection> Decode(const std::vector<Tensor>& outputs, const cv::Size& input,
                                        float threshold) const = 0;

 private:
  const DetectorKind kind_;
  const Net net_;
  const std::unique_ptr<Session> session_;
};

// The strides of the grids of cells that all these nets answer on.
inline constexpr int kStrides[] = {8, 16, 32};

inline size_t CellCount(const cv::Size& input, int stride) {
  return static_cast<size_t>(input.width / stride) * static_cast<size_t>(input.height / stride);
}

// Column and row of a grid's cell; cells are counted row by row.
inline cv::Point2f CellPosition(size_t cell, const cv::Size& input, int stride) {
  const auto columns = static_cast<size_t>(input.width / stride);
  return {static_cast<float>(cell % columns), static_cast<float>(cell / columns)};
}

// "score_8", "score_16" ... as SCRFD and YuNet call the outputs for each grid: [any, any, columns].
void AddOutputsPerStride(const std::string& prefix, int64_t columns, std::vector<TensorSpec>& outputs);

}  // namespace crossface
