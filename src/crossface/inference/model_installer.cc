#include "crossface/inference/model_installer.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/inference/model_fetcher.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

std::filesystem::path LicenceFile(const ModelStore& store) { return store.folder() / "accepted-licences.json"; }

std::set<std::string> AcceptedLicences(const ModelStore& store) {
  std::set<std::string> accepted;
  const auto text = ReadFile(LicenceFile(store));
  if (!text.ok()) return accepted;
  const nlohmann::json json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return accepted;
  for (const auto& [key, time] : json.items()) accepted.insert(key);
  return accepted;
}

// A licence is accepted per family: the same words can cover different terms of another trainer.
std::string LicenceKey(const ModelEntry& entry) { return entry.family + ": " + entry.licence; }

Result<std::vector<const ModelEntry*>> NamedModels(const std::vector<std::string>& names) {
  std::vector<const ModelEntry*> models;
  for (const std::string& name : names) {
    const ModelEntry* entry = FindModel(name);
    if (entry == nullptr) {
      std::vector<std::string> known;
      for (const ModelEntry& model : KnownModels()) known.push_back(model.name);
      return Status(StatusCode::kInvalidArgument, fmt::format("no model is named {}; there are {}", name, fmt::join(known, ", ")));
    }
    models.push_back(entry);
  }
  if (names.empty()) {
    for (const ModelEntry& model : KnownModels()) {
      if (!model.origins.empty()) models.push_back(&model);
    }
  }
  return models;
}

// Puts a checked file into the store under the model's name, with a record of where it came from.
Status Place(const ModelStore& store, const ModelEntry& entry, const std::filesystem::path& file, const std::string& origin) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string content, ReadFile(file));
  const std::string sha256 = Sha256Hex(content);
  const nlohmann::ordered_json record = {{"name", entry.name}, {"sha256", sha256}, {"bytes", content.size()}, {"origin", origin},
                                         {"licence", entry.licence}, {"installed", UtcNow()}};
  const std::filesystem::path target = store.folder() / entry.file;
  // The record goes first: a model without one would be taken as it is, a record without a model is nothing.
  CROSSFACE_RETURN_IF_ERROR(WriteFileAtomically(target.string() + ".json", record.dump(1) + "\n", Durability::kSync));
  return WriteFileAtomically(target, content, Durability::kSync);
}

class TemporaryFolder {
 public:
  static Result<TemporaryFolder> Create() {
    std::string pattern = (std::filesystem::temp_directory_path() / "crossface-models-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) return ErrnoStatus(errno, "cannot make a folder in " + std::filesystem::temp_directory_path().string());
    TemporaryFolder folder;
    folder.path_ = pattern;
    return folder;
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder() = default;
  std::filesystem::path path_;
};

// Tries the origins in turn. kNotFound when none had the file; other errors end it.
Result<std::string> InstallFromOrigins(const ModelStore& store, const ModelEntry& entry, const InstallOptions& options) {
  std::vector<std::string> refusals;
  for (const ModelEntry::Origin& origin : entry.origins) {
    CROSSFACE_ASSIGN_OR_RETURN(const TemporaryFolder work, TemporaryFolder::Create());
    const FetchOptions fetch{.mirror = options.mirror, .work = work.path(), .progress = options.progress, .keep_going = options.keep_going};
    const auto file = FetchModel(entry, origin, fetch);
    if (file.ok()) {
      CROSSFACE_RETURN_IF_ERROR(Place(store, entry, *file, fmt::format("{} {}", origin.kind, origin.location)));
      return fmt::format("{} {}", origin.kind, origin.location);
    }
    const StatusCode code = file.status().code();
    if (code == StatusCode::kInterrupted || code == StatusCode::kOutOfResources) return file.status();
    refusals.push_back(fmt::format("{}: {}", origin.kind, file.status().message()));
  }
  return Status(StatusCode::kNotFound, refusals.empty() ? "no origin is known; install your own copy with --from FILE" : fmt::format("{}", fmt::join(refusals, "; ")));
}

Result<std::string> InstallFromFile(const ModelStore& store, const ModelEntry& entry, const InstallOptions& options) {
  if (options.from_file.extension() == ".onnx") {
    CROSSFACE_RETURN_IF_ERROR(Place(store, entry, options.from_file, "file " + options.from_file.filename().string()));
    return "file " + options.from_file.string();
  }
  CROSSFACE_ASSIGN_OR_RETURN(const TemporaryFolder work, TemporaryFolder::Create());
  const std::filesystem::path converted = work.path() / entry.file;
  const FetchOptions fetch{.work = work.path(), .progress = options.progress, .keep_going = options.keep_going};
  CROSSFACE_RETURN_IF_ERROR(ConvertModel(entry.name, options.from_file, converted, fetch));
  CROSSFACE_RETURN_IF_ERROR(Place(store, entry, converted, "file " + options.from_file.filename().string()));
  return "file " + options.from_file.string();
}

}  // namespace

Result<std::vector<const ModelEntry*>> UnacceptedModels(const ModelStore& store, const std::vector<std::string>& names) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<const ModelEntry*> models, NamedModels(names));
  const std::set<std::string> accepted = AcceptedLicences(store);
  std::vector<const ModelEntry*> unaccepted;
  for (const ModelEntry* entry : models) {
    if (!accepted.contains(LicenceKey(*entry))) unaccepted.push_back(entry);
  }
  return unaccepted;
}

Status AcceptLicences(const ModelStore& store, const std::vector<const ModelEntry*>& models) {
  nlohmann::json json = nlohmann::json::object();
  if (const auto text = ReadFile(LicenceFile(store)); text.ok()) {
    json = nlohmann::json::parse(*text, nullptr, false);
    if (!json.is_object()) json = nlohmann::json::object();
  }
  for (const ModelEntry* entry : models) json[LicenceKey(*entry)] = UtcNow();
  return WriteFileAtomically(LicenceFile(store), json.dump(1) + "\n", Durability::kSync);
}

Result<std::vector<InstallOutcome>> InstallModels(const ModelStore& store, const InstallOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<const ModelEntry*> models, NamedModels(options.names));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<const ModelEntry*> unaccepted, UnacceptedModels(store, options.names));
  if (!unaccepted.empty()) {
    return Status(StatusCode::kModelMissing, fmt::format("the licence of {} ({}) is not accepted", unaccepted.front()->name, unaccepted.front()->licence));
  }
  if (!options.from_file.empty() && options.names.size() != 1) {
    return Status(StatusCode::kInvalidArgument, "a file holds one model: name it");
  }
  std::vector<InstallOutcome> outcomes;
  for (const ModelEntry* entry : models) {
    InstallOutcome outcome{.model = entry->name};
    if (options.from_file.empty() && store.Find(entry->name).ok()) {
      outcome.kind = InstallOutcome::Kind::kPresent;
      outcomes.push_back(outcome);
      continue;
    }
    const auto origin = options.from_file.empty() ? InstallFromOrigins(store, *entry, options) : InstallFromFile(store, *entry, options);
    const StatusCode code = origin.status().code();
    if (code == StatusCode::kInterrupted || code == StatusCode::kOutOfResources) return origin.status();
    if (origin.ok()) {
      outcome.kind = InstallOutcome::Kind::kInstalled;
      outcome.origin = *origin;
    } else {
      outcome.kind = code == StatusCode::kNotFound ? InstallOutcome::Kind::kUnavailable : InstallOutcome::Kind::kFailed;
      outcome.message = origin.status().message();
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

std::vector<VerifyOutcome> VerifyModels(const ModelStore& store) {
  std::vector<VerifyOutcome> outcomes;
  for (const ModelEntry& entry : KnownModels()) {
    VerifyOutcome outcome{.model = entry.name};
    if (const auto path = store.Find(entry.name); path.ok()) {
      outcome.installed = true;
      const auto now = Sha256OfFile(*path), then = store.InstalledHash(entry.name);
      if (!now.ok()) {
        outcome.problem = now.status().message();
      } else if (!then.ok() || *now != *then) {
        outcome.problem = fmt::format("{} has changed since it was installed; remove it and run: crossface models install {}", path->string(), entry.name);
      }
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

}  // namespace crossface
