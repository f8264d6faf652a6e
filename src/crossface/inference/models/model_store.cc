#include "crossface/inference/models/model_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "crossface/inference/models/manifest.h"
#include "crossface/util/data_folder.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

ModelRole RoleFromText(const std::string& text) {
  if (text == "detector") return ModelRole::kDetector;
  if (text == "detector_part") return ModelRole::kDetectorPart;
  if (text == "embedder") return ModelRole::kEmbedder;
  throw std::logic_error("models/manifest.json: no role is named " + text);
}

OutputCheck OutputCheckFromJson(const nlohmann::json& json) {
  OutputCheck check{.input = json.at("input"), .shape = json.at("shape")};
  for (const nlohmann::json& output : json.at("outputs")) {
    check.outputs.push_back(
        {output.at("name"), output.at("shape"), output.value("values", std::vector<float>{})});
  }
  return check;
}

ModelEntry EntryFromJson(const nlohmann::json& json) {
  ModelEntry entry{.name = json.at("name"),
                   .family = json.at("family"),
                   .role = RoleFromText(json.at("role")),
                   .file = json.at("file")};
  entry.sha256 = json.value("sha256", "");
  entry.bytes = json.value("bytes", int64_t{0});
  entry.input = json.at("input");
  entry.licence = json.at("licence");
  entry.licence_note = json.at("licence_note");
  entry.permissive = json.at("permissive");
  entry.trained_on = json.at("trained_on");
  entry.stands_in_for = json.value("stands_in_for", "");
  entry.on_request = json.value("on_request", false);
  for (const nlohmann::json& origin : json.at("origins")) {
    entry.origins.push_back({origin.at("kind"), origin.at("location"), origin.value("member", ""),
                             origin.value("convert", ""), origin.value("source_sha256", ""),
                             origin.value("bytes", int64_t{0})});
  }
  if (json.contains("output_check")) entry.output_check = OutputCheckFromJson(json.at("output_check"));
  return entry;
}

}  // namespace

const std::vector<ModelEntry>& KnownModels() {
  static const std::vector<ModelEntry> models = [] {
    std::vector<ModelEntry> entries;
    const nlohmann::json manifest = nlohmann::json::parse(kManifest);
    for (const nlohmann::json& model : manifest.at("models")) entries.push_back(EntryFromJson(model));
    return entries;
  }();
  return models;
}

const ModelEntry* FindModel(std::string_view name) {
  const auto& models = KnownModels();
  const auto found =
      std::find_if(models.begin(), models.end(), [&](const ModelEntry& entry) { return entry.name == name; });
  return found == models.end() ? nullptr : &*found;
}

const std::vector<ModelPack>& KnownPacks() {
  static const std::vector<ModelPack> packs = [] {
    std::vector<ModelPack> entries;
    const nlohmann::json manifest = nlohmann::json::parse(kManifest);
    for (const nlohmann::json& pack : manifest.at("packs"))
      entries.push_back({pack.at("name"), pack.at("models")});
    return entries;
  }();
  return packs;
}

std::vector<std::string> WithStandIns(const std::string& name) {
  std::vector<std::string> names = {name};
  for (const ModelEntry& entry : KnownModels()) {
    if (entry.stands_in_for == name) names.push_back(entry.name);
  }
  return names;
}

std::filesystem::path ModelStore::DefaultFolder() {
  if (const char* folder = std::getenv("CROSSFACE_MODELS"); folder != nullptr && *folder != '\0')
    return folder;
  return UserDataFolder() / "models";
}

Result<std::filesystem::path> ModelStore::Find(std::string_view name) const {
  const ModelEntry* entry = FindModel(name);
  if (entry == nullptr) return Status(StatusCode::kNotFound, fmt::format("no model is named {}", name));
  std::filesystem::path path = folder_ / entry->file;
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return path;
  return Status(StatusCode::kModelMissing, fmt::format("the model {} is not in {}", name, folder_.string()),
                Remedy::kInstallModels);
}

std::optional<std::string> ModelStore::RecordedHash(const ModelEntry& entry) const {
  const auto record = ReadFile(RecordFile(entry));
  if (!record.ok()) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(*record, nullptr, false);
  if (!json.is_object() || !json.contains("sha256") || !json["sha256"].is_string()) return std::nullopt;
  return json["sha256"].get<std::string>();
}

Result<std::string> ModelStore::InstalledHash(std::string_view name) const {
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path path, Find(name));
  if (auto recorded = RecordedHash(*FindModel(name))) return *recorded;
  return Sha256OfFile(path);
}

}  // namespace crossface
