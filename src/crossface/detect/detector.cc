#include "crossface/detect/detector.h"

#include "crossface/detect/mtcnn.h"
#include "crossface/detect/retinaface.h"
#include "crossface/detect/scrfd.h"
#include "crossface/detect/yunet.h"

namespace crossface {

Result<std::unique_ptr<Detector>> CreateDetector(DetectorKind kind, const ModelStore& models,
                                                 const SessionOptions& options) {
  switch (kind) {
    case DetectorKind::kScrfd500m:
    case DetectorKind::kScrfd2g5:
      return CreateScrfd(kind, models, options);
    case DetectorKind::kRetinaFace:
      return CreateRetinaFace(models, options);
    case DetectorKind::kMtcnn:
      return CreateMtcnn(models, options);
    case DetectorKind::kYuNet:
      return CreateYuNet(models, options);
  }
  throw std::logic_error("no such detector");
}

std::vector<std::string> DetectorModels(DetectorKind kind) {
  if (kind == DetectorKind::kMtcnn) return {"mtcnn_pnet", "mtcnn_rnet", "mtcnn_onet"};
  return {std::string(DetectorName(kind))};
}

}  // namespace crossface
