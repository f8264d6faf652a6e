// The tracks' vectors of a case as clustering wants them: one matrix per model, in the order of the tracks.
#pragma once

#include <string>
#include <vector>

#include "crossface/cluster/persons/clusterer.h"
#include "crossface/embed/fitted_calibration.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/mapped_floats.h"

namespace crossface {

struct CaseVectors {
  std::vector<TemplateMatrix> matrices;  // of the models that some track has a vector of, by name
  std::vector<std::string> models;       // their names
  std::vector<ModelVersion> versions;    // the same with their hashes
  std::vector<std::string> warnings;     // vectors of other versions of a model, which are left out
  std::vector<MappedFloats> storage;     // of the matrices' numbers, where they are mapped
};

// From so many bytes on the vectors are in a nameless file in the case folder, which must have room for them.
inline constexpr size_t kMapFrom = size_t{256} << 20;

// Of `tracks` (ids), without those of `left_out` (one per track); only models the case uses. A few thousand
// tracks are in memory at once beside the matrices. Errors: those of the gallery and of MappedFloats::Create.
Result<CaseVectors> ReadCaseVectors(const Gallery& gallery, const std::vector<int64_t>& tracks,
                                    const std::vector<uint8_t>& left_out, size_t map_from = kMapFrom);

}  // namespace crossface
