// RetinaFace with a MobileNet-0.25 backbone. Deng et al., RetinaFace: Single-Shot Multi-Level Face
// Localisation in the Wild, CVPR 2020.
#pragma once

#include "crossface/detect/detector.h"

namespace crossface {

// `model`: "retinaface", or "retinaface_tiny", another training of the same net.
Result<std::unique_ptr<Detector>> CreateRetinaFace(const std::string& model, const ModelStore& models,
                                                   const SessionOptions& options);

}  // namespace crossface
