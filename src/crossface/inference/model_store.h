// The models that crossface knows (models/manifest.json, compiled in) and where they are installed. Reads only; installing
// is model_installer.h. Immutable after loading, so thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

enum class ModelRole { kDetector, kDetectorPart, kEmbedder };

struct ModelEntry {
  std::string name;       // such as "scrfd_500m"; the word used on the command line, in logs and in the gallery
  std::string family;     // such as "SCRFD"
  ModelRole role;
  std::string file;       // name inside the store
  std::string sha256;     // of that file; empty when it is made by conversion and checked by `output_check` instead
  int64_t bytes = 0;
  std::string input;      // in words: shape, colour order, normalisation
  std::string licence;    // short name
  std::string licence_note;  // what it means for the user, in a sentence
  bool permissive = false;   // usable with --licence permissive
  std::string trained_on;
  // Where it can be had, in the order tried: a mirror's file, registry packages with a conversion, an official download.
  struct Origin {
    std::string kind;     // "mirror", "pypi", "npm", "url"
    std::string location; // file name, package==version, or address
    std::string member;   // file inside the package
    std::string convert;  // name of the conversion in tools/convert_model.py; empty for none
    std::string source_sha256;  // of the member before conversion
  };
  std::vector<Origin> origins;
};

// Every entry of the manifest, in its order.
const std::vector<ModelEntry>& KnownModels();
const ModelEntry* FindModel(std::string_view name);

class ModelStore {
 public:
  // The folder in use: CROSSFACE_MODELS, else $XDG_DATA_HOME/crossface/models, else ~/.local/share/crossface/models.
  static std::filesystem::path DefaultFolder();

  explicit ModelStore(std::filesystem::path folder = DefaultFolder()) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }

  // The installed file of a model. Errors: kModelMissing, with the command that installs it.
  Result<std::filesystem::path> Find(std::string_view name) const;

  // The sha256 of the installed file as `models install` recorded it beside the file.
  // Errors: kModelMissing. (`models verify` recomputes it.)
  Result<std::string> InstalledHash(std::string_view name) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace crossface
