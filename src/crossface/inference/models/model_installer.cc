#include "crossface/inference/models/model_installer.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/inference/models/first_use.h"
#include "crossface/inference/models/model_fetcher.h"
#include "crossface/inference/models/output_check.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

std::filesystem::path LicenceFile(const ModelStore& store) {
  return store.folder() / "accepted-licences.json";
}

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

// With packs opened, each model once.
Result<std::vector<const ModelEntry*>> NamedModels(const std::vector<std::string>& names) {
  std::vector<const ModelEntry*> models;
  const auto add = [&](const ModelEntry* entry) {
    if (std::find(models.begin(), models.end(), entry) == models.end()) models.push_back(entry);
  };
  for (const std::string& name : names) {
    const auto pack = std::find_if(KnownPacks().begin(), KnownPacks().end(),
                                   [&](const ModelPack& known) { return known.name == name; });
    if (pack != KnownPacks().end()) {
      for (const std::string& model : pack->models) add(FindModel(model));
      continue;
    }
    const ModelEntry* entry = FindModel(name);
    if (entry == nullptr) {
      std::vector<std::string> known;
      for (const ModelEntry& model : KnownModels()) known.push_back(model.name);
      for (const ModelPack& other : KnownPacks()) known.push_back(other.name);
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("no model is named {}; there are {}", name, fmt::join(known, ", ")));
    }
    add(entry);
  }
  for (const ModelEntry& model : KnownModels()) {
    if (names.empty() && !model.on_request) add(&model);
  }
  return models;
}

// A published file is known by its bytes, a converted one by its answers, and any other is `trust`ed or not.
Status CheckFile(const ModelEntry& entry, const std::filesystem::path& file, bool converted,
                 const FetchOptions& fetch) {
  if (!converted && !entry.sha256.empty()) return CheckHash(file, entry.sha256);
  if (entry.output_check) CROSSFACE_RETURN_IF_ERROR(CheckOutputs(file, *entry.output_check));
  if (converted && !entry.output_check)
    throw std::logic_error("models/manifest.json: no output_check for the converted model " + entry.name);
  return converted ? Status() : fetch.trust(file);
}

// Puts a checked file into the store under the model's name, with a record of where it came from.
Status Place(const ModelStore& store, const ModelEntry& entry, const std::filesystem::path& file,
             const std::string& origin) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string content, ReadFile(file));
  const nlohmann::ordered_json record = {{"name", entry.name},       {"sha256", Sha256Hex(content)},
                                         {"bytes", content.size()},  {"origin", origin},
                                         {"licence", entry.licence}, {"installed", UtcNow()}};
  // The record goes first: a model without one would be taken as it is, a record without a model is nothing.
  CROSSFACE_RETURN_IF_ERROR(
      WriteFileAtomically(store.RecordFile(entry), record.dump(1) + "\n", Durability::kSync));
  return WriteFileAtomically(store.folder() / entry.file, content, Durability::kSync);
}

class TemporaryFolder {
 public:
  static Result<TemporaryFolder> Create() {
    std::string pattern = (std::filesystem::temp_directory_path() / "crossface-models-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      return ErrnoStatus(errno, "cannot make a folder in " + std::filesystem::temp_directory_path().string());
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

bool EndsTheRun(StatusCode code) {
  return code == StatusCode::kInterrupted || code == StatusCode::kOutOfResources;
}

Status InstallFromOrigin(const ModelStore& store, const ModelEntry& entry, const ModelEntry::Origin& origin,
                         const FetchOptions& fetch) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path file, FetchModel(entry, origin, fetch));
  CROSSFACE_RETURN_IF_ERROR(CheckFile(entry, file, !origin.convert.empty(), fetch));
  return Place(store, entry, file, fmt::format("{} {}", origin.kind, origin.location));
}

// Tries the origins in turn; returns the one that had it. Errors: kNotFound when none had the file, else that
// of the first file that was refused.
Result<std::string> InstallFromOrigins(const ModelStore& store, const ModelEntry& entry,
                                       const FetchOptions& fetch) {
  StatusCode code = StatusCode::kNotFound;
  std::vector<std::string> refusals;
  for (const ModelEntry::Origin& origin : entry.origins) {
    const Status status = InstallFromOrigin(store, entry, origin, fetch);
    if (status.ok()) return fmt::format("{} {}", origin.kind, origin.location);
    if (EndsTheRun(status.code())) return status;
    if (code == StatusCode::kNotFound) code = status.code();
    refusals.push_back(fmt::format("{} {}: {}", origin.kind, origin.location, status.message()));
    if (status.code() != StatusCode::kNotFound && fetch.progress)
      fetch.progress(fmt::format("{} refused: {}", entry.name, refusals.back()));
  }
  return Status(code, fmt::format("{}", fmt::join(refusals, "; ")));
}

// The conversion that makes the model out of this file of the user's, if one does.
const ModelEntry::Origin* ConversionOf(const ModelEntry& entry, const std::filesystem::path& file,
                                       const std::string& sha256) {
  for (const ModelEntry::Origin& origin : entry.origins) {
    if (origin.convert.empty()) continue;
    const bool same_kind = file.extension() == std::filesystem::path(origin.location).extension();
    if (origin.source_sha256.empty() ? same_kind : origin.source_sha256 == sha256) return &origin;
  }
  return nullptr;
}

Result<std::string> InstallFromFile(const ModelStore& store, const ModelEntry& entry,
                                    std::filesystem::path file, const FetchOptions& fetch) {
  const std::string origin = "file " + file.filename().string();
  if (file.extension() == ".zip") {
    const auto packed = std::find_if(entry.origins.begin(), entry.origins.end(),
                                     [](const ModelEntry::Origin& known) { return known.kind == "zip"; });
    if (packed == entry.origins.end())
      return Status(StatusCode::kNotFound, fmt::format("{} is not known to come in an archive", entry.name));
    CROSSFACE_ASSIGN_OR_RETURN(file, TakeModelFromZip(entry, *packed, file, fetch));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(file));
  const ModelEntry::Origin* conversion = ConversionOf(entry, file, sha256);
  if (conversion != nullptr) {
    if (conversion->source_sha256.empty()) CROSSFACE_RETURN_IF_ERROR(fetch.trust(file));
    const std::filesystem::path converted = fetch.work / entry.file;
    CROSSFACE_RETURN_IF_ERROR(ConvertModel(conversion->convert, file, converted, fetch));
    file = converted;
  }
  CROSSFACE_RETURN_IF_ERROR(CheckFile(entry, file, conversion != nullptr, fetch));
  CROSSFACE_RETURN_IF_ERROR(Place(store, entry, file, origin));
  return origin;
}

// Which models would do as well, for the end of a message.
std::string InsteadOf(const ModelEntry& entry) {
  std::vector<std::string> others = WithStandIns(entry.name);
  others.erase(others.begin());
  if (others.empty()) return "";
  return fmt::format("; {} can be installed in its place", fmt::join(others, " or "));
}

// Nothing when the installed file is what it should be.
std::string Problem(const ModelStore& store, const ModelEntry& entry, const std::filesystem::path& path) {
  const auto found = Sha256OfFile(path);
  if (!found.ok()) return found.status().message();
  const std::string expected = store.RecordedHash(entry).value_or(entry.sha256);
  if (expected.empty() || *found == expected) return "";
  return fmt::format("{} is not the file that was installed or published; install it again", path.string());
}

// `work`: for what several models come out of, such as a package.
Result<InstallOutcome> InstallOne(const ModelStore& store, const ModelEntry& entry,
                                  const InstallOptions& options, const std::filesystem::path& work) {
  if (options.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped before " + entry.name);
  InstallOutcome outcome{.model = entry.name};
  std::error_code error;
  const std::filesystem::path present = store.folder() / entry.file;
  if (options.from_file.empty() && std::filesystem::is_regular_file(present, error) &&
      Problem(store, entry, present).empty()) {
    outcome.kind = InstallOutcome::Kind::kPresent;
    return outcome;
  }
  FirstUse first_use(store, entry.name);
  const FetchOptions fetch{.mirror = options.mirror,
                           .work = work,
                           .progress = options.progress,
                           .stop = options.stop,
                           .trust = [&](const std::filesystem::path& file) {
                             return first_use.Check(file, options.accept_changed);
                           }};
  const auto origin = options.from_file.empty() ? InstallFromOrigins(store, entry, fetch)
                                                : InstallFromFile(store, entry, options.from_file, fetch);
  if (EndsTheRun(origin.status().code())) return origin.status();
  if (!origin.ok()) {
    const bool nowhere = origin.status().code() == StatusCode::kNotFound;
    outcome.kind = nowhere ? InstallOutcome::Kind::kUnavailable : InstallOutcome::Kind::kFailed;
    outcome.message = origin.status().message() + InsteadOf(entry);
    return outcome;
  }
  outcome.kind = InstallOutcome::Kind::kInstalled;
  outcome.origin = *origin;
  CROSSFACE_ASSIGN_OR_RETURN(outcome.first_used_sha256, first_use.Record(*origin));
  return outcome;
}

}  // namespace

Result<std::vector<const ModelEntry*>> UnacceptedModels(const ModelStore& store,
                                                        const std::vector<std::string>& names) {
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
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<const ModelEntry*> unaccepted,
                             UnacceptedModels(store, options.names));
  if (!unaccepted.empty()) {
    return Status(StatusCode::kModelMissing,
                  fmt::format("the licence of {} ({}) is not accepted", unaccepted.front()->name,
                              unaccepted.front()->licence));
  }
  if (!options.from_file.empty() && models.size() != 1 && options.from_file.extension() != ".zip")
    return Status(StatusCode::kInvalidArgument, "a file holds one model: name it");
  CROSSFACE_ASSIGN_OR_RETURN(const TemporaryFolder work, TemporaryFolder::Create());
  std::vector<InstallOutcome> outcomes;
  for (const ModelEntry* entry : models) {
    CROSSFACE_ASSIGN_OR_RETURN(InstallOutcome outcome, InstallOne(store, *entry, options, work.path()));
    outcomes.push_back(std::move(outcome));
  }
  for (const ModelEntry* entry : models) ForgetDownloads(*entry);
  return outcomes;
}

Result<InstallOutcome> InstallModel(const ModelStore& store, const ModelEntry& entry,
                                    const InstallOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const TemporaryFolder work, TemporaryFolder::Create());
  auto outcome = InstallOne(store, entry, options, work.path());
  if (outcome.ok()) ForgetDownloads(entry);
  return outcome;
}

std::vector<VerifyOutcome> VerifyModels(const ModelStore& store) {
  std::vector<VerifyOutcome> outcomes;
  for (const ModelEntry& entry : KnownModels()) {
    VerifyOutcome outcome{.model = entry.name};
    if (const auto path = store.Find(entry.name); path.ok()) {
      outcome.installed = true;
      outcome.problem = Problem(store, entry, *path);
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

bool IsReady(const std::vector<VerifyOutcome>& models) {
  bool detector = false, embedder = false, part = false, part_missing = false;
  for (const VerifyOutcome& model : models) {
    const ModelEntry* entry = FindModel(model.model);
    const bool sound = model.installed && model.problem.empty();
    if (entry == nullptr) continue;
    detector = detector || (sound && entry->role == ModelRole::kDetector);
    embedder = embedder || (sound && entry->role == ModelRole::kEmbedder);
    part = part || entry->role == ModelRole::kDetectorPart;
    part_missing = part_missing || (!sound && entry->role == ModelRole::kDetectorPart);
  }
  return (detector || (part && !part_missing)) && embedder;
}

}  // namespace crossface
