// Photos of people whose names are known: a folder per person, named after the person, with photos of that
// one person in it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

struct LabelledPhoto {
  std::filesystem::path path;
  int person = 0;  // position in LabelledPhotos::people
};

struct LabelledPhotos {
  std::vector<std::string> people;    // by name; those of whom there is no photo are not among them
  std::vector<LabelledPhoto> photos;  // by path
  std::vector<std::string> empty;     // folders of people without a photo
  std::vector<std::filesystem::path> of_nobody;  // photos that lie in no person's folder
};

// People of one name in several roots are one person. Thread-safe. Errors: kNotFound and the like of a root;
// of a folder below that cannot be read as well.
Result<LabelledPhotos> FindLabelledPhotos(const std::vector<std::filesystem::path>& roots);

}  // namespace crossface
