// What fitting calibrations to photos came to. A plain value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "crossface/embed/checked_rate.h"

namespace crossface {

struct CalibrateSummary {
  int64_t people = 0, photos = 0;  // that were found
  int64_t used = 0;                // photos that calibrations were fitted on
  // Photos that were not used. Those with several faces are: the face in the middle was taken.
  int64_t more_than_needed = 0, unreadable = 0, faceless = 0, poor = 0, one_picture_twice = 0, doubtful = 0;
  int64_t several_faces = 0;
  std::vector<std::string> notes;  // sentences that name photos and folders

  struct Model {
    std::string name, sha256;
    std::filesystem::path file;  // of the calibration
    int64_t people = 0, photos = 0, same_pairs = 0, different_pairs = 0;
    double weight = 0;                         // its say beside an ArcFace of the default
    std::vector<CheckedRate> alone, together;  // on people who were not fitted
    double log_loss = 0, equal_error_rate = 0;
  };
  std::vector<Model> models;
};

}  // namespace crossface
