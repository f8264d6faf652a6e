// What can be asked without a case: what files say of themselves, which models are there, and is everything
// here that a run needs. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crossface/app/ending.h"
#include "crossface/app/watch.h"
#include "crossface/inference/engine/device_facts.h"
#include "crossface/inference/models/model_outcomes.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/media/file/left_out.h"
#include "crossface/media/file/source_info.h"
#include "crossface/util/public_api.h"

namespace crossface {

struct MetadataAnswer {
  struct Source {
    std::string name;
    SourceInfo info;
    std::string error;  // why it could not be read; empty when it was
  };
  std::vector<Source> sources;
  std::vector<std::string> unreadable;  // folders that could not be listed
  LeftOut left_out;
};

// What files say about when, where and with what they were taken. `each` is told every source as soon as it
// is read. kExitNothingFound without files, kExitSomeSourcesBad when some could not be read.
CROSSFACE_API Ending ReadMetadata(const std::vector<std::filesystem::path>& sources, const Watch& watch,
                                  const std::function<void(const MetadataAnswer::Source&)>& each,
                                  MetadataAnswer* answer);

struct ModelsRequest {
  std::vector<std::string> names;  // empty: all that can be had
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::filesystem::path mirror;     // empty: CROSSFACE_MODELS_MIRROR, else a developer's shared folder
  std::filesystem::path from_file;  // weights that the user has
  bool accept_licences = false;
  bool accept_changed = false;  // take a file of unknown SHA-256 though another was used before
};

struct ModelsListAnswer {
  std::filesystem::path folder;
  std::vector<std::pair<const ModelEntry*, bool>> models;  // of the manifest; installed
  std::vector<ModelPack> packs;
};
CROSSFACE_API ModelsListAnswer ListModels(const std::filesystem::path& models);

struct ModelsInstallAnswer {
  std::filesystem::path folder;
  std::vector<const ModelEntry*> unaccepted;  // whose licences are to be read and accepted first
  std::vector<InstallOutcome> outcomes;
};
// Refused (kModelMissing) while licences are not accepted; the answer names them. `told` is told steps for
// people. kExitModelMissing when what was named, or enough to work with, is not there afterwards.
CROSSFACE_API Ending InstallModels(const ModelsRequest& request, const Watch& watch,
                                   const std::function<void(const std::string&)>& told,
                                   ModelsInstallAnswer* answer);

struct ModelsVerifyAnswer {
  std::filesystem::path folder;
  std::vector<VerifyOutcome> models;
};
// kExitMismatch when one is damaged, kExitModelMissing when none is installed.
CROSSFACE_API Ending VerifyInstalledModels(const std::filesystem::path& models, ModelsVerifyAnswer* answer);

struct DoctorAnswer {
  std::string version, runtime;
  std::string no_cuda;   // why no card can be used; empty where one is
  DeviceUse use;         // what "auto" takes, and where every sound net runs there
  std::string no_nvdec;  // why no card can decode films; empty where one can
  std::vector<std::string> providers;
  unsigned processors = 0;
  std::filesystem::path models_folder;
  std::vector<VerifyOutcome> models;
  std::optional<double> free_gib_here;
  bool ready = false;
};
CROSSFACE_API DoctorAnswer Diagnose(const std::filesystem::path& models);

// What can be chosen here. Quick: files of models are not read.
struct InstallationFacts {
  std::vector<std::string> methods, profiles, formats;
  std::vector<std::string> missing_models;  // known, and not installed
  unsigned processors = 0;
  bool ready = false;  // a detector and an embedder are there
};
CROSSFACE_API InstallationFacts DescribeInstallation(const std::filesystem::path& models);

// "ok", "not installed", or what is wrong.
CROSSFACE_API std::string StateOf(const VerifyOutcome& outcome);

}  // namespace crossface
