// What a network makes of a face, or of the faces of a track. A plain value.
#pragma once

#include <string>
#include <vector>

namespace crossface {

struct FaceEmbedding {
  std::string model;  // manifest name
  std::string model_sha256;
  std::vector<float> vector;  // unit length
  float norm = 0;             // of a face: length before it was normalised; 0: not known, and for templates
};

}  // namespace crossface
