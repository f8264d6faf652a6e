// What can be asked without a case: what files say of themselves, which models are there, and is everything
// here that a run needs. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "crossface/app/case_run.h"
#include "crossface/app/watch.h"
#include "crossface/inference/models/model_installer.h"
#include "crossface/media/file/source.h"

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
Ending ReadMetadata(const std::vector<std::filesystem::path>& sources, const Watch& watch,
                    const std::function<void(const MetadataAnswer::Source&)>& each, MetadataAnswer* answer);

struct ModelsRequest {
  std::vector<std::string> names;  // empty: all that can be had
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::filesystem::path mirror;     // empty: CROSSFACE_MODELS_MIRROR, else a developer's shared folder
  std::filesystem::path from_file;  // weights that the user has
  bool accept_licences = false;
};

struct ModelsListAnswer {
  std::filesystem::path folder;
  std::vector<std::pair<const ModelEntry*, bool>> models;  // of the manifest; installed
};
ModelsListAnswer ListModels(const std::filesystem::path& models);

struct ModelsInstallAnswer {
  std::filesystem::path folder;
  std::vector<const ModelEntry*> unaccepted;  // whose licences are to be read and accepted first
  std::vector<InstallOutcome> outcomes;
};
// Refused (kModelMissing) while licences are not accepted; the answer names them. `told` is told steps for
// people. kExitModelMissing when what was named, or enough to work with, is not there afterwards.
Ending InstallModels(const ModelsRequest& request, const Watch& watch,
                     const std::function<void(const std::string&)>& told, ModelsInstallAnswer* answer);

struct ModelsVerifyAnswer {
  std::filesystem::path folder;
  std::vector<VerifyOutcome> models;
};
// kExitMismatch when one is damaged, kExitModelMissing when none is installed.
Ending VerifyInstalledModels(const std::filesystem::path& models, ModelsVerifyAnswer* answer);

struct DoctorAnswer {
  std::string version, runtime, device;
  std::vector<std::string> providers;
  unsigned processors = 0;
  std::filesystem::path models_folder;
  std::vector<VerifyOutcome> models;
  std::optional<double> free_gib_here;
  bool ready = false;
};
DoctorAnswer Diagnose(const std::filesystem::path& models);

// What can be chosen here. Quick: files of models are not read.
struct InstallationFacts {
  std::vector<std::string> methods, profiles, formats;
  std::vector<std::string> missing_models;  // known, and not installed
  unsigned processors = 0;
  bool ready = false;  // a detector and an embedder are there
};
InstallationFacts DescribeInstallation(const std::filesystem::path& models);

nlohmann::ordered_json ToJson(const MetadataAnswer::Source& source);
nlohmann::ordered_json ToJson(const MetadataAnswer& answer, const Ending& ending);
nlohmann::json ToJson(const ModelsListAnswer& answer);
nlohmann::json ToJson(const ModelsInstallAnswer& answer);
// "ok", "not installed", or what is wrong.
std::string StateOf(const VerifyOutcome& outcome);
nlohmann::json ToJson(const ModelsVerifyAnswer& answer);
nlohmann::json ToJson(const DoctorAnswer& answer);

}  // namespace crossface
