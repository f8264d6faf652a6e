// Photos of made people (testing/curation_case.h), for tests of what enrolled photos do to a grouping.
#pragma once

#include <string>

#include "crossface/gallery/reference_face.h"
#include "crossface/testing/curation_case.h"

namespace crossface {

// A photo of somebody: a look that no track has.
inline ReferenceFace PhotoOf(const std::string& name, int person, int look = 900,
                             const std::string& sha256 = "b") {
  return {.name = name,
          .photo = "/photos/" + name + ".jpg",
          .photo_sha256 = std::string(64, 'c'),
          .width = 400,
          .height = 300,
          .box = {10, 20, 60, 80},
          .quality = 0.8f,
          .jpeg = "jpeg",
          .time = "2026-11-30T10:00:00Z",
          .vectors = {{"arcface_ms1m", sha256, VectorOf(person, look)}}};
}

}  // namespace crossface
