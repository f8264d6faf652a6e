#include "crossface/app/installation.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "crossface/app/installation_json.h"
#include "crossface/app/json.h"
#include "crossface/cluster/persons/clusterer.h"
#include "crossface/export/format_writer.h"
#include "crossface/inference/engine/cuda_card.h"
#include "crossface/inference/engine/session.h"
#include "crossface/inference/models/model_installer.h"
#include "crossface/media/file/source.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/further_parts.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

using Json = nlohmann::json;
using nlohmann::ordered_json;

// What was asked for, else CROSSFACE_MODELS_MIRROR, else the shared folder that developers have beside the
// checkout.
std::filesystem::path MirrorFolder(const std::filesystem::path& asked) {
  if (!asked.empty()) return asked;
  if (const char* mirror = std::getenv("CROSSFACE_MODELS_MIRROR"); mirror != nullptr && *mirror != '\0')
    return mirror;
  const std::filesystem::path shared = "../shared/models";
  return std::filesystem::is_directory(shared) ? shared : std::filesystem::path();
}

const char* OutcomeName(InstallOutcome::Kind kind) {
  switch (kind) {
    case InstallOutcome::Kind::kPresent:
      return "present";
    case InstallOutcome::Kind::kInstalled:
      return "installed";
    case InstallOutcome::Kind::kUnavailable:
      return "unavailable";
    case InstallOutcome::Kind::kFailed:
      return "failed";
  }
  return "";
}

ordered_json OrNull(const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); }
ordered_json OrNull(const std::optional<double>& number) {
  return number ? ordered_json(*number) : ordered_json();
}

}  // namespace

Ending ReadMetadata(const std::vector<std::filesystem::path>& sources, const Watch& watch,
                    const std::function<void(const MetadataAnswer::Source&)>& each, MetadataAnswer* answer) {
  const Result<SourceSearch> search = FindSources(sources, watch.stop);
  if (!search.ok()) return {search.status(), ExitCodeFor(search.status())};
  for (const Status& unreadable : search->unreadable) {
    watch.to().OnWarning(unreadable.message());
    answer->unreadable.push_back(unreadable.message());
  }
  answer->left_out = search->left_out;
  bool bad = !search->unreadable.empty();
  std::vector<SourceFile> files = search->files;
  for (size_t i = 0; i < files.size(); ++i) {
    if (watch.stop.stop_requested()) return {Status(StatusCode::kInterrupted, "stopped"), kExitInterrupted};
    const SourceFile file = files[i];
    std::vector<std::string> parts;
    const auto reader = OpenSource(file.path, {.part = file.part, .stop = watch.stop}, &parts);
    const std::vector<SourceFile> further = NameParts({{file, parts}}, {}, files);
    files.insert(files.begin() + static_cast<ptrdiff_t>(i) + 1, further.begin(), further.end());
    MetadataAnswer::Source source{.name = file.name};
    reader.ok() ? void(source.info = (*reader)->info()) : void(source.error = reader.status().message());
    bad = bad || !reader.ok();
    if (each) each(source);
    answer->sources.push_back(std::move(source));
  }
  return {Status(), search->files.empty() ? kExitNothingFound : bad ? kExitSomeSourcesBad : kExitDone};
}

ModelsListAnswer ListModels(const std::filesystem::path& models) {
  const ModelStore store(models);
  ModelsListAnswer answer{.folder = store.folder(), .models = {}, .packs = KnownPacks()};
  for (const ModelEntry& entry : KnownModels())
    answer.models.emplace_back(&entry, store.Find(entry.name).ok());
  return answer;
}

Ending InstallModels(const ModelsRequest& request, const Watch& watch,
                     const std::function<void(const std::string&)>& told, ModelsInstallAnswer* answer) {
  const ModelStore store(request.models);
  answer->folder = store.folder();
  const auto failed = [](const Status& status) { return Ending{status, ExitCodeFor(status)}; };
  auto unaccepted = UnacceptedModels(store, request.names);
  if (!unaccepted.ok()) return failed(unaccepted.status());
  answer->unaccepted = *unaccepted;
  if (!unaccepted->empty()) {
    if (!request.accept_licences)
      return failed(
          Status(StatusCode::kModelMissing, "these licences are not accepted", Remedy::kAcceptLicences));
    if (const Status status = AcceptLicences(store, *unaccepted); !status.ok()) return failed(status);
  }
  InstallOptions options{.names = request.names,
                         .mirror = MirrorFolder(request.mirror),
                         .from_file = request.from_file,
                         .accept_changed = request.accept_changed,
                         .stop = watch.stop};
  options.progress = told;
  auto outcomes = InstallModels(store, options);
  if (!outcomes.ok()) return failed(outcomes.status());
  answer->outcomes = std::move(*outcomes);
  bool missed = false;
  for (const InstallOutcome& outcome : answer->outcomes) {
    const bool bad =
        outcome.kind == InstallOutcome::Kind::kUnavailable || outcome.kind == InstallOutcome::Kind::kFailed;
    missed = missed || bad;
    if (bad) watch.to().OnWarning(outcome.model + ": " + OutcomeName(outcome.kind) + ": " + outcome.message);
  }
  // What was named must be there; of all that is known, enough to work with.
  const bool enough = request.names.empty() ? IsReady(VerifyModels(store)) : !missed;
  return {Status(), enough ? kExitDone : kExitModelMissing};
}

Ending VerifyInstalledModels(const std::filesystem::path& models, ModelsVerifyAnswer* answer) {
  const ModelStore store(models);
  answer->folder = store.folder();
  answer->models = VerifyModels(store);
  bool changed = false, any = false;
  for (const VerifyOutcome& outcome : answer->models) {
    changed = changed || !outcome.problem.empty();
    any = any || outcome.installed;
  }
  return {Status(), changed ? kExitMismatch : any ? kExitDone : kExitModelMissing};
}

InstallationFacts DescribeInstallation(const std::filesystem::path& models) {
  InstallationFacts facts{.methods = ClusteringMethods(),
                          .profiles = {"strict", "balanced", "loose"},
                          .formats = ExportFormats(),
                          .processors = std::thread::hardware_concurrency()};
  bool detector = false, embedder = false;
  for (const auto& [entry, installed] : ListModels(models).models) {
    if (!installed) facts.missing_models.push_back(entry->name);
    detector = detector || (installed && entry->role == ModelRole::kDetector);
    embedder = embedder || (installed && entry->role == ModelRole::kEmbedder);
  }
  facts.ready = detector && embedder;
  return facts;
}

DoctorAnswer Diagnose(const std::filesystem::path& models) {
  const ModelStore store(models);
  const auto cuda = ResolveDevice("cuda");
  const Device device = cuda.ok() ? *cuda : Device();
  DoctorAnswer answer{.version = std::string(kVersion),
                      .runtime = InferenceRuntimeVersion(),
                      .no_cuda = cuda.status().message(),
                      .use = {.device = device.ToString(), .card = {}, .nets = {}},
                      .no_nvdec = CheckDecodingCard(device.index).message(),
                      .providers = InferenceProviders(),
                      .processors = std::thread::hardware_concurrency(),
                      .models_folder = store.folder(),
                      .models = VerifyModels(store)};
  if (cuda.ok()) {
    if (const auto card = ReadCudaCard(device.index); card.ok()) answer.use.card = *card;
  }
  for (VerifyOutcome& outcome : answer.models) {
    if (!outcome.installed || !outcome.problem.empty()) continue;
    auto placed = PlaceNet(*store.Find(outcome.model), device);
    placed.ok() ? answer.use.nets.push_back({outcome.model, std::move(placed->nodes)})
                : void(outcome.problem = placed.status().message());
  }
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::current_path(), error);
  if (!error) answer.free_gib_here = static_cast<double>(space.available) / (1 << 30);
  answer.ready = IsReady(answer.models);
  return answer;
}

ordered_json ToJson(const MetadataAnswer::Source& source) {
  if (!source.error.empty()) return {{"source", source.name}, {"error", source.error}};
  const SourceInfo& info = source.info;
  return {{"source", source.name},
          {"created", OrNull(info.created)},
          {"created_from", OrNull(info.created_from)},
          {"latitude", OrNull(info.latitude)},
          {"longitude", OrNull(info.longitude)},
          {"altitude", OrNull(info.altitude)},
          {"located_from", OrNull(info.located_from)},
          {"make", OrNull(info.make)},
          {"model", OrNull(info.model)},
          {"software", OrNull(info.software)},
          {"rotation", info.rotation},
          {"mirrored", info.mirrored},
          {"pixel_aspect", info.pixel_aspect.ToString()},
          {"timecode", OrNull(info.timecode)},
          {"timecode_from", OrNull(info.timecode_from)},
          {"codec", OrNull(info.codec)},
          {"width", info.width},
          {"height", info.height},
          {"fps", info.fps},
          {"duration_ms", info.duration_ms}};
}

ordered_json ToJson(const MetadataAnswer& answer, const Ending& ending) {
  ordered_json fields = {
      {"schema", "crossface/1"}, {"sources", ordered_json::array()}, {"exit", static_cast<int>(ending.code)}};
  for (const MetadataAnswer::Source& source : answer.sources) fields["sources"].push_back(ToJson(source));
  if (!answer.unreadable.empty()) fields["unreadable"] = answer.unreadable;
  return fields;
}

Json ToJson(const ModelsListAnswer& answer) {
  Json models = Json::array();
  for (const auto& [entry, installed] : answer.models)
    models.push_back({{"name", entry->name},
                      {"family", entry->family},
                      {"installed", installed},
                      {"bytes", entry->bytes == 0 ? Json() : Json(entry->bytes)},
                      {"on_request", entry->on_request},
                      {"stands_in_for", entry->stands_in_for},
                      {"licence", entry->licence},
                      {"note", entry->licence_note},
                      {"permissive", entry->permissive},
                      {"trained_on", entry->trained_on}});
  Json packs = Json::array();
  for (const ModelPack& pack : answer.packs) packs.push_back({{"name", pack.name}, {"models", pack.models}});
  return {{"folder", answer.folder.string()}, {"models", std::move(models)}, {"packs", std::move(packs)}};
}

Json ToJson(const ModelsInstallAnswer& answer) {
  Json models = Json::array();
  for (const InstallOutcome& outcome : answer.outcomes)
    models.push_back({{"name", outcome.model},
                      {"outcome", OutcomeName(outcome.kind)},
                      {"origin", outcome.origin},
                      {"first_used_sha256", outcome.first_used_sha256},
                      {"message", outcome.message}});
  return {{"folder", answer.folder.string()}, {"models", std::move(models)}};
}

std::string StateOf(const VerifyOutcome& outcome) {
  return !outcome.installed ? "not installed" : outcome.problem.empty() ? "ok" : outcome.problem;
}

Json ToJson(const ModelsVerifyAnswer& answer) {
  Json models = Json::array();
  for (const VerifyOutcome& outcome : answer.models)
    models.push_back({{"name", outcome.model}, {"state", StateOf(outcome)}});
  return {{"folder", answer.folder.string()}, {"models", std::move(models)}};
}

Json ToJson(const DoctorAnswer& answer) {
  Json fields = {{"version", answer.version},
                 {"onnxruntime", answer.runtime},
                 {"providers", answer.providers},
                 {"device", answer.use.device},
                 {"ran_on", ToJson(answer.use)},
                 {"no_cuda", answer.no_cuda},
                 {"no_nvdec", answer.no_nvdec},
                 {"processors", answer.processors},
                 {"models_folder", answer.models_folder.string()},
                 {"models", Json::array()},
                 {"ready", answer.ready}};
  for (const VerifyOutcome& outcome : answer.models) {
    const ModelEntry* entry = FindModel(outcome.model);
    fields["models"].push_back({{"name", outcome.model},
                                {"installed", outcome.installed && outcome.problem.empty()},
                                {"problem", outcome.problem},
                                {"licence", entry == nullptr ? "" : entry->licence}});
  }
  if (answer.free_gib_here) fields["free_gib_here"] = *answer.free_gib_here;
  return fields;
}

}  // namespace crossface
