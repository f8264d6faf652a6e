// YuNet, the detector whose licence is permissive. Wu, Peng and Yu, YuNet: A Tiny Millisecond-level Face
// Detector, MIR 2023.
#pragma once

#include "crossface/detect/detector.h"

namespace crossface {

// `model`: "yunet", or one of the same net that stands in for it.
Result<std::unique_ptr<Detector>> CreateYuNet(const std::string& model, const ModelStore& models,
                                              const SessionOptions& options);

}  // namespace crossface
