#include "crossface/scan/scan_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace crossface {
namespace {

// Raised whenever a change to the program makes a scan give other tracks: it is told of cases that were
// scanned before.
constexpr int kScanVersion = 3;

// `required`: a model that cannot be loaded is an error; else it is noted as missing, or passed over for its
// licence.
Status LoadEmbedders(const std::vector<std::string>& names, bool required, const ScanSettings& settings,
                     const ModelStore& store, const SessionOptions& session, ScanModels* models) {
  for (const std::string& name : names) {
    const ModelEntry* entry = FindModel(name);
    if (entry == nullptr || entry->role != ModelRole::kEmbedder) {
      return Status(StatusCode::kInvalidArgument, fmt::format("no embedder is named {}; there are {}", name,
                                                              fmt::join(EmbedderNames(), ", ")));
    }
    if (settings.licence == LicencePolicy::kPermissive && !entry->permissive) {
      if (required) return Status(StatusCode::kInvalidArgument, name + " is not under a permissive licence");
      continue;
    }
    auto embedder = CreateEmbedder(name, store, session);
    if (embedder.ok()) {
      models->embedders.push_back(std::move(*embedder));
    } else if (required || embedder.status().code() != StatusCode::kModelMissing) {
      return embedder.status();
    } else {
      models->missing.push_back(name);
    }
  }
  return Status();
}

Status ChooseEmbedders(const ScanSettings& settings, const ModelStore& store, const SessionOptions& session,
                       ScanModels* models) {
  if (!settings.embedders.empty())
    return LoadEmbedders(settings.embedders, true, settings, store, session, models);
  CROSSFACE_RETURN_IF_ERROR(LoadEmbedders(DefaultEmbedders(), false, settings, store, session, models));
  if (settings.exhaustive || models->embedders.empty()) {
    CROSSFACE_RETURN_IF_ERROR(LoadEmbedders(FurtherEmbedders(), false, settings, store, session, models));
  }
  if (models->embedders.empty()) {
    return Status(StatusCode::kModelMissing,
                  fmt::format("no embedding model is installed in {}", store.folder().string()),
                  Remedy::kInstallModels);
  }
  return Status();
}

std::string FingerprintOf(const ScanSettings& settings, const ScanModels& models) {
  nlohmann::json hashes = models.finder->ModelHashes();
  for (const auto& embedder : models.embedders) hashes[embedder->name()] = embedder->sha256();
  return nlohmann::json{{"scan", kScanVersion}, {"exhaustive", settings.exhaustive}, {"models", hashes}}
      .dump();
}

}  // namespace

std::vector<std::string> DefaultEmbedders() { return {"arcface_ms1m", "arcface_foamliu"}; }

std::vector<std::string> FurtherEmbedders() {
  return {"facenet_vggface2", "inceptionresnetv1_casia", "vgg_face"};
}

Result<ScanModels> ScanModels::Load(const ScanSettings& settings) {
  ScanModels models;
  const ModelStore store(settings.models);
  CROSSFACE_ASSIGN_OR_RETURN(models.device, ResolveDevice(settings.device));
  const SessionOptions session{.device = models.device, .threads_per_run = 1, .placed = &models.nets};
  CROSSFACE_ASSIGN_OR_RETURN(models.finder, FaceFinder::Create(store,
                                                               {.licence = settings.licence,
                                                                .detectors = settings.detectors,
                                                                .models = settings.detector_models},
                                                               session));
  models.missing = models.finder->missing_models();
  CROSSFACE_RETURN_IF_ERROR(ChooseEmbedders(settings, store, session, &models));
  models.fingerprint = FingerprintOf(settings, models);
  return models;
}

ScanModels ScanModels::With(std::unique_ptr<FaceFinder> finder,
                            std::vector<std::unique_ptr<Embedder>> embedders, const ScanSettings& settings) {
  ScanModels models;
  models.finder = std::move(finder);
  models.embedders = std::move(embedders);
  models.fingerprint = FingerprintOf(settings, models);
  return models;
}

std::optional<int> DecodingCard(FilmDecoder decoder, const ScanModels& models) {
  if (decoder == FilmDecoder::kProcessor) return std::nullopt;
  return models.device.kind == Device::Kind::kCuda ? models.device.index : 0;
}

std::string ScanModels::FingerprintFor(const GivenGeometry& given, const std::string& before) const {
  WantedGeometry wanted = given.forget ? WantedGeometry() : GivenIn(before);
  if (given.clockwise) wanted.clockwise = given.clockwise;
  if (given.picture_aspect) wanted.picture_aspect = given.picture_aspect;
  if (!wanted.clockwise && !wanted.picture_aspect) return fingerprint;
  nlohmann::json json = nlohmann::json::parse(fingerprint);
  if (wanted.clockwise) json["given"]["rotate"] = *wanted.clockwise;
  if (wanted.picture_aspect) json["given"]["aspect"] = wanted.picture_aspect->ToString();
  return json.dump();
}

WantedGeometry GivenIn(const std::string& fingerprint) {
  WantedGeometry wanted;
  const nlohmann::json json = nlohmann::json::parse(fingerprint, nullptr, false);
  if (!json.is_object() || !json.contains("given") || !json["given"].is_object()) return wanted;
  const nlohmann::json& given = json["given"];
  if (given.contains("rotate") && given["rotate"].is_number_integer())
    wanted.clockwise = given["rotate"].get<int>();
  if (given.contains("aspect") && given["aspect"].is_string()) {
    if (const auto aspect = ParseAspect(given["aspect"].get<std::string>()); aspect.ok())
      wanted.picture_aspect = *aspect;
  }
  return wanted;
}

}  // namespace crossface
