#include "crossface/detect/detector.h"

#include <algorithm>

#include "crossface/detect/mtcnn.h"
#include "crossface/detect/retinaface.h"
#include "crossface/detect/scrfd.h"
#include "crossface/detect/yunet.h"

namespace crossface {
namespace {

std::string ModelToUse(DetectorKind kind, const ModelStore& models, std::span<const std::string> wanted) {
  const std::vector<std::string> names = WithStandIns(std::string(DetectorName(kind)));
  for (const std::string& name : names) {
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) return name;
  }
  for (const std::string& name : names) {
    if (models.Find(name).ok()) return name;
  }
  return names.front();
}

}  // namespace

Result<std::unique_ptr<Detector>> CreateDetector(DetectorKind kind, const ModelStore& models,
                                                 const SessionOptions& options,
                                                 std::span<const std::string> wanted) {
  if (kind == DetectorKind::kMtcnn) return CreateMtcnn(models, options);
  const std::string model = ModelToUse(kind, models, wanted);
  switch (kind) {
    case DetectorKind::kScrfd500m:
    case DetectorKind::kScrfd2g5:
      return CreateScrfd(kind, model, models, options);
    case DetectorKind::kRetinaFace:
      return CreateRetinaFace(model, models, options);
    case DetectorKind::kYuNet:
      return CreateYuNet(model, models, options);
    case DetectorKind::kMtcnn:
      break;
  }
  throw std::logic_error("no such detector");
}

std::vector<std::string> DetectorModels(DetectorKind kind) {
  if (kind == DetectorKind::kMtcnn) return {"mtcnn_pnet", "mtcnn_rnet", "mtcnn_onet"};
  return {std::string(DetectorName(kind))};
}

std::vector<DetectorKind> DetectorsWith(std::span<const std::string> models) {
  const auto there = [&](const std::string& part) {
    const std::vector<std::string> names = WithStandIns(part);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return std::find(models.begin(), models.end(), name) != models.end();
    });
  };
  std::vector<DetectorKind> kinds;
  for (int i = 0; i < kDetectorKinds; ++i) {
    const std::vector<std::string> parts = DetectorModels(static_cast<DetectorKind>(i));
    if (std::all_of(parts.begin(), parts.end(), there)) kinds.push_back(static_cast<DetectorKind>(i));
  }
  return kinds;
}

}  // namespace crossface
