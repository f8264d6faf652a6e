// SCRFD face detector. Guo et al., Sample and Computation Redistribution for Efficient Face Detection, ICLR
// 2022.
#pragma once

#include "crossface/detect/detector.h"

namespace crossface {

// `kind`: kScrfd500m or kScrfd2g5.
Result<std::unique_ptr<Detector>> CreateScrfd(DetectorKind kind, const ModelStore& models,
                                              const SessionOptions& options);

}  // namespace crossface
