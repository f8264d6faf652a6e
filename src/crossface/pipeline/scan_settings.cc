#include "crossface/pipeline/scan_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace crossface {
namespace {

// Raised whenever a change to the program makes a scan give other tracks: cases are then scanned anew.
constexpr int kScanVersion = 1;

Status LoadEmbedders(const ScanSettings& settings, const ModelStore& store, const SessionOptions& session, ScanModels* models) {
  std::vector<std::string> names = settings.embedders;
  const bool chosen = !names.empty();
  if (!chosen) names = DefaultEmbedders();
  for (const std::string& name : names) {
    const ModelEntry* entry = FindModel(name);
    if (entry == nullptr || entry->role != ModelRole::kEmbedder) {
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("no embedder is named {}; there are {}", name, fmt::join(EmbedderNames(), ", ")));
    }
    if (settings.licence == LicencePolicy::kPermissive && !entry->permissive) {
      if (chosen) return Status(StatusCode::kInvalidArgument, name + " is not under a permissive licence");
      continue;
    }
    auto embedder = CreateEmbedder(name, store, session);
    if (embedder.ok()) {
      models->embedders.push_back(std::move(*embedder));
    } else if (chosen || embedder.status().code() != StatusCode::kModelMissing) {
      return embedder.status();
    } else {
      models->missing.push_back(name);
    }
  }
  if (models->embedders.empty()) {
    return Status(StatusCode::kModelMissing, fmt::format("no embedding model is installed in {}; run: crossface models install",
                                                         store.folder().string()));
  }
  return Status();
}

Result<std::string> Fingerprint(const ScanSettings& settings, const ModelStore& store, const ScanModels& models) {
  nlohmann::json hashes = nlohmann::json::object();
  for (const std::string& name : models.finder->models()) {
    CROSSFACE_ASSIGN_OR_RETURN(hashes[name], store.InstalledHash(name));
  }
  for (const auto& embedder : models.embedders) hashes[embedder->name()] = embedder->sha256();
  return nlohmann::json{{"scan", kScanVersion}, {"exhaustive", settings.exhaustive}, {"models", hashes}}.dump();
}

}  // namespace

std::vector<std::string> DefaultEmbedders() {
  return {"arcface_ms1m", "arcface_foamliu", "facenet_vggface2", "inceptionresnetv1_casia", "vgg_face"};
}

Result<ScanModels> ScanModels::Load(const ScanSettings& settings) {
  ScanModels models;
  const ModelStore store(settings.models);
  CROSSFACE_ASSIGN_OR_RETURN(models.device, ResolveDevice(settings.device));
  const SessionOptions session{.device = models.device, .threads_per_run = 1};
  CROSSFACE_ASSIGN_OR_RETURN(
      models.finder,
      FaceFinder::Create(store, {.licence = settings.licence, .detectors = settings.detectors}, session));
  models.missing = models.finder->missing_models();
  CROSSFACE_RETURN_IF_ERROR(LoadEmbedders(settings, store, session, &models));
  CROSSFACE_ASSIGN_OR_RETURN(models.fingerprint, Fingerprint(settings, store, models));
  return models;
}

}  // namespace crossface
