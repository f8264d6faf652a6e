// A known person's face, enrolled from a photo that is no footage. A plain value.
#pragma once

#include <cstdint>
#include <opencv2/core/types.hpp>
#include <string>
#include <vector>

#include "crossface/gallery/face_embedding.h"

namespace crossface {

struct ReferenceFace {
  int64_t id = 0;                      // set by the gallery
  std::string name;                    // whose face it is, as the user says
  std::string photo;                   // where the photo lay
  std::string photo_sha256;            // of its bytes
  int width = 0, height = 0;           // of the upright photo
  cv::Rect2f box;                      // pixels of the upright photo
  float quality = 0;                   // as TrackRecord::quality
  float evidence = 1;                  // as TrackRecord::evidence
  std::string jpeg;                    // the face
  std::string time, by;                // when (UTC) and by whom it was enrolled; `by` may be empty
  std::vector<FaceEmbedding> vectors;  // one per model
};

}  // namespace crossface
