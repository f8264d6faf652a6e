#include "crossface/scan/case_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/util/time.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

constexpr char kScanVersionKey[] = "scan";
constexpr char kExhaustiveKey[] = "exhaustive";
constexpr char kModelsKey[] = "models";

Json Parsed(const std::string& settings) {
  Json json = Json::parse(settings, nullptr, false);
  return json.is_object() ? json : Json::object();
}

std::map<std::string, std::string> ModelsIn(const Json& settings) {
  std::map<std::string, std::string> models;
  if (!settings.contains(kModelsKey) || !settings[kModelsKey].is_object()) return models;
  for (const auto& [name, hash] : settings[kModelsKey].items())
    models[name] = hash.is_string() ? hash.get<std::string>() : std::string();
  return models;
}

bool IsExhaustive(const Json& settings) {
  return settings.contains(kExhaustiveKey) && settings[kExhaustiveKey] == true;
}

std::vector<std::string> NamesOf(const std::map<std::string, std::string>& models) {
  std::vector<std::string> names;
  for (const auto& [name, hash] : models) names.push_back(name);
  return names;
}

// In the order in which a scan that was not told otherwise has them: the first has a say of its own.
std::vector<std::string> EmbeddersIn(const std::map<std::string, std::string>& models) {
  std::vector<std::string> names = DefaultEmbedders();
  for (const std::string& name : FurtherEmbedders()) names.push_back(name);
  for (const std::string& name : EmbedderNames()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::erase_if(names, [&](const std::string& name) { return !models.contains(name); });
  return names;
}

template <typename T>
bool SameMembers(const std::vector<T>& some, const std::vector<T>& others) {
  return std::set<T>(some.begin(), some.end()) == std::set<T>(others.begin(), others.end());
}

// What was asked for on purpose that the case was not scanned with; empty when nothing was.
std::string AskedOtherwise(const ScanSettings& wanted, const Json& of_case) {
  const auto models = ModelsIn(of_case);
  std::vector<std::string> asked;
  if (wanted.exhaustive && !IsExhaustive(of_case)) asked.push_back("the exhaustive search");
  if (!wanted.detectors.empty() && !SameMembers(wanted.detectors, DetectorsWith(NamesOf(models))))
    asked.push_back("these detectors alone");
  if (!wanted.embedders.empty() && !SameMembers(wanted.embedders, EmbeddersIn(models)))
    asked.push_back("these embedders");
  const bool restricted = std::any_of(models.begin(), models.end(), [](const auto& model) {
    const ModelEntry* entry = FindModel(model.first);
    return entry != nullptr && !entry->permissive;
  });
  if (wanted.licence == LicencePolicy::kPermissive && restricted)
    asked.push_back("leaving out models for research only");
  return fmt::format("{}", fmt::join(asked, " and "));
}

// Why the models of the case cannot be had; empty when they can.
std::string WhatIsMissing(const Json& of_case, const ModelStore& store) {
  std::vector<std::string> missing;
  for (const auto& [name, hash] : ModelsIn(of_case)) {
    const auto installed = store.InstalledHash(name);
    if (!installed.ok()) {
      missing.push_back(FindModel(name) == nullptr ? name + " is not known to this version of crossface"
                                                   : name + " is not installed");
    } else if (*installed != hash) {
      missing.push_back(name + " is installed in another version");
    }
  }
  return fmt::format("{}", fmt::join(missing, ", "));
}

ScanModels Unavailable(const CaseSettings& of_case, const std::string& why) {
  ScanModels models;
  models.fingerprint = of_case.settings;
  models.unavailable = Status(
      StatusCode::kModelMissing,
      fmt::format(
          "this case was scanned with models that are not here: {}. What is new has to be scanned with the "
          "same: install them, or scan what you name again with the models that are here (the case has {})",
          why, AmountText(of_case.sources, of_case.video_ms)),
      Remedy::kInstallModels);
  return models;
}

// What a scan that was not told otherwise would use beside the models of the case.
std::vector<std::string> Unused(const ScanSettings& wanted, const Json& of_case, const ModelStore& store) {
  const auto used = ModelsIn(of_case);
  std::vector<std::string> candidates;
  if (wanted.detectors.empty()) {
    for (int i = 0; i < kDetectorKinds; ++i) {
      for (const std::string& name : DetectorModels(static_cast<DetectorKind>(i))) candidates.push_back(name);
    }
  }
  // A case that was given embedders of its own wants no others.
  const auto defaults = DefaultEmbedders();
  const auto embedders = EmbeddersIn(used);
  const bool default_kind = std::all_of(embedders.begin(), embedders.end(), [&](const std::string& name) {
    return std::find(defaults.begin(), defaults.end(), name) != defaults.end();
  });
  if (default_kind) candidates.insert(candidates.end(), defaults.begin(), defaults.end());
  std::vector<std::string> unused;
  for (const std::string& name : candidates) {
    if (!used.contains(name) && store.Find(name).ok()) unused.push_back(name);
  }
  return unused;
}

}  // namespace

std::string AmountText(int64_t sources, int64_t video_ms) {
  return fmt::format("{} source{}, {} of video", sources, sources == 1 ? "" : "s",
                     ShortDuration(static_cast<double>(video_ms) / 1000));
}

std::string WithoutGiven(const std::string& settings) {
  Json json = Json::parse(settings, nullptr, false);
  if (!json.is_object() || json.erase("given") == 0) return settings;
  return json.dump();
}

ScanWish WishFor(const ScanModels& models, const ScanSettings& settings, const std::string& before) {
  const GivenGeometry& given = settings.geometry;
  ScanWish wish{.settings = models.FingerprintFor(given, before)};
  wish.same = wish.settings == before;
  const WantedGeometry was = GivenIn(before), is = GivenIn(wish.settings);
  const bool says = given.forget || given.clockwise || given.picture_aspect;
  wish.asked =
      settings.rescan || (says && (was.clockwise != is.clockwise || was.picture_aspect != is.picture_aspect));
  return wish;
}

std::string SettingsDifference(const std::string& before, const std::string& now) {
  const Json old_settings = Parsed(before), new_settings = Parsed(now);
  const auto old_models = ModelsIn(old_settings), new_models = ModelsIn(new_settings);
  std::vector<std::string> differences;
  if (old_settings.value(kScanVersionKey, 0) != new_settings.value(kScanVersionKey, 0))
    differences.push_back("another version of crossface");
  if (IsExhaustive(old_settings) != IsExhaustive(new_settings))
    differences.push_back(IsExhaustive(new_settings) ? "exhaustively" : "not exhaustively");
  for (const auto& [name, hash] : old_models) {
    const auto kept = new_models.find(name);
    if (kept == new_models.end()) differences.push_back("without " + name);
    if (kept != new_models.end() && kept->second != hash) differences.push_back(name + " in another version");
  }
  for (const auto& [name, hash] : new_models) {
    if (!old_models.contains(name)) differences.push_back("with " + name);
  }
  return fmt::format("{}", fmt::join(differences, ", "));
}

Result<std::optional<CaseSettings>> ReadCaseSettings(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery.ReadSources());
  CaseSettings of_case;
  int64_t last_id = 0;
  for (const SourceRecord& source : sources) {
    if (source.state != SourceState::kDone && source.state != SourceState::kDamaged &&
        source.state != SourceState::kScanning)
      continue;
    ++of_case.sources;
    of_case.video_ms += source.info.duration_ms;
    // A scan that begins gets the next id.
    if (source.id < last_id) continue;
    last_id = source.id;
    of_case.settings = WithoutGiven(source.settings);
  }
  if (of_case.sources == 0 || ModelsIn(Parsed(of_case.settings)).empty())
    return std::optional<CaseSettings>();
  return std::optional(of_case);
}

Result<ScanModels> LoadModelsForCase(const ScanSettings& wanted, const std::optional<CaseSettings>& of_case) {
  if (!of_case) return ScanModels::Load(wanted);
  const Json settings = Parsed(of_case->settings);
  if (const std::string asked = AskedOtherwise(wanted, settings); !asked.empty()) {
    return Status(
        StatusCode::kInvalidArgument,
        fmt::format(
            "this case was scanned without {}, and all of it is scanned alike; what you name can be "
            "scanned again (the case has {}){}",
            asked, AmountText(of_case->sources, of_case->video_ms),
            wanted.embedders.empty() ? "" : ", or compared with other embedders without another scan"),
        Remedy::kRescan);
  }
  const ModelStore store(wanted.models);
  if (const std::string missing = WhatIsMissing(settings, store); !missing.empty())
    return Unavailable(*of_case, missing);
  ScanSettings same = wanted;
  const auto models_of_case = ModelsIn(settings);
  same.exhaustive = IsExhaustive(settings);
  same.detector_models = NamesOf(models_of_case);
  same.detectors = DetectorsWith(same.detector_models);
  same.embedders = EmbeddersIn(models_of_case);
  CROSSFACE_ASSIGN_OR_RETURN(ScanModels models, ScanModels::Load(same));
  if (ModelsIn(Parsed(models.fingerprint)) != models_of_case)
    return Unavailable(*of_case, SettingsDifference(of_case->settings, models.fingerprint));
  models.unused = Unused(wanted, settings, store);
  return models;
}

}  // namespace crossface
