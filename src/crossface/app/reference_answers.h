// Requests and answers about known people: who is enrolled, and whom groupings named by it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/app/requests.h"
#include "crossface/grouping/cluster_summary.h"
#include "crossface/inference/models/model_store.h"

namespace crossface {

struct EnrolRequest {
  std::string name;                           // of the person; with `from`, empty: everybody there
  std::vector<std::filesystem::path> photos;  // pictures, and folders of them
  // A folder instead of photos: another case, whose references are taken over, or one with a folder of photos
  // per person, named so. Who cannot be enrolled is told and passed over, unless nobody is left.
  std::filesystem::path from;
  size_t face = 0;      // of each photo, 1 being the largest; 0: its only one
  std::string called;   // what the photo is called, where its path says nothing
  bool insist = false;  // see EnrolOptions
  bool group = true;    // false: whoever asks groups, see EnrolAnswer::to_group
  std::string by;       // who does it; may be empty
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
};

struct UnenrolRequest {
  std::string name;
  bool group = true;  // as EnrolRequest
};

struct EnrolledFaceAnswer {
  std::string name, photo, photo_sha256, time, by;
  Box box;  // pixels of the upright photo
  float quality = 0;
};

struct ReferencesAnswer {
  std::vector<EnrolledFaceAnswer> references;  // by name, then as they were enrolled
  std::vector<PersonAnswer> named;  // persons who have their name from them, by number; not confirmed
  std::vector<std::string> warnings;
};

// Filled as far as the call came.
struct EnrolAnswer {
  std::vector<EnrolledFaceAnswer> enrolled;  // or removed
  std::vector<PersonAnswer> named;           // persons of their names: by them, or by the user before
  std::optional<ClusterSummary> group;       // what follows from it; nothing for a case without tracks
  // What has to follow before anybody is called so, where it was not done at once: as grouped the last time.
  std::optional<GroupRequest> to_group;
  std::vector<std::string> warnings;
};

}  // namespace crossface
