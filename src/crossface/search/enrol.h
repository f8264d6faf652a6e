// Takes faces of a known person out of photos that are no footage: references, by which later groupings name
// whoever is like them (grouping/name_by_reference.h).
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/gallery/reference_face.h"
#include "crossface/search/photo_faces.h"

namespace crossface {

struct EnrolOptions {
  std::string name;         // of the person
  size_t face = 0;          // of each photo, 1 being the largest; 0: its only one
  std::string called = {};  // what the photo is called, where its path says nothing
  // Take faces that are small, blurred or turned away, and photos that look like two people.
  bool insist = false;
  std::stop_token stop = {};
};

// One face per photo, the person's. `known`: the references that there are; a photo whose face is among those
// of the name is told and passed over, and so is one without a clear face, unless none is left. Errors:
// kInvalidArgument for a name that is no good, a photo with several faces (Remedy::kChooseFace), faces that
// look like two people, are enrolled under another name or say too little (Remedy::kOverride); kNoVideo where
// no face is found; those of ReadPhoto.
Result<std::vector<ReferenceFace>> ReadReferences(const std::vector<std::filesystem::path>& photos,
                                                  const EnrolOptions& options, const SearchModels& models,
                                                  const std::vector<ReferenceFace>& known,
                                                  std::vector<std::string>* warnings);

}  // namespace crossface
