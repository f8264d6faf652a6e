// MTCNN: the full cascade of proposal, refinement and output nets. Zhang et al., Joint Face Detection and
// Alignment Using Multitask Cascaded Convolutional Networks, IEEE SPL 2016; thresholds and box arithmetic as
// in its facenet ports.
#pragma once

#include "crossface/detect/detector.h"

namespace crossface {

Result<std::unique_ptr<Detector>> CreateMtcnn(const ModelStore& models, const SessionOptions& options);

}  // namespace crossface
