// SCRFD face detector. Guo et al., Sample and Computation Redistribution for Efficient Face Detection, ICLR
// 2022.
#pragma once

#include "crossface/detect/detector.h"

namespace crossface {

// `kind`: kScrfd500m or kScrfd2g5; `model`: of that kind, or one that stands in for it. Where that is one of
// InsightFace's own files, its outputs go by their order, and have no batch.
Result<std::unique_ptr<Detector>> CreateScrfd(DetectorKind kind, const std::string& model,
                                              const ModelStore& models, const SessionOptions& options);

}  // namespace crossface
