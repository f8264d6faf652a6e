#include "crossface/search/photo_faces.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "crossface/io/store.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/distinct_faces.h"
#include "crossface/scan/track_builder.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

// The settings that most sources with faces were scanned with.
nlohmann::json SettingsOfMost(const std::vector<SourceRecord>& sources) {
  std::map<std::string, int64_t> tracks;
  for (const SourceRecord& source : sources) tracks[source.settings] += source.tracks;
  std::string most;
  for (const auto& [settings, count] : tracks) {
    if (most.empty() || count > tracks[most]) most = settings;
  }
  return nlohmann::json::parse(most, nullptr, false);
}

std::vector<std::string> ModelsOf(const nlohmann::json& settings) {
  std::vector<std::string> names;
  if (!settings.is_object() || !settings.contains("models") || !settings["models"].is_object()) return names;
  for (const auto& [model, sha256] : settings["models"].items()) names.push_back(model);
  return names;
}

Status CheckInstalled(const SearchEnsemble& ensemble, const ModelStore& store) {
  for (const auto& model : ensemble.models()) {
    const auto installed = store.InstalledHash(model.name);
    if (!installed.ok()) return installed.status().Annotate("the case was scanned with " + model.name);
    if (*installed == model.sha256) continue;
    return Status(
        StatusCode::kMismatch,
        fmt::format("the case holds vectors of {} with the SHA-256 {}, installed is {}: faces of different "
                    "versions cannot be compared; install the former one, or give the case vectors of "
                    "the installed one",
                    model.name, model.sha256.substr(0, 12), installed->substr(0, 12)),
        Remedy::kReembed);
  }
  return Status();
}

Result<Frame> ReadPicture(FrameReader& reader, const std::string& name, std::vector<std::string>* warnings) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> first, reader.Next());
  if (!first) {
    const Status damage = reader.damage();
    return Status(StatusCode::kCorrupt, fmt::format("{} holds no picture that could be decoded{}{}", name,
                                                    damage.ok() ? "" : ": ", damage.message()));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> second, reader.Next());
  if (second) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{} is a video: take a picture, such as one that was saved from it", name));
  }
  const Status damage = reader.damage();
  if (damage.code() == StatusCode::kIo) return damage;
  if (!damage.ok()) warnings->push_back(damage.message());
  return *first;
}

void NumberBySize(std::vector<PhotoFace>* faces) {
  std::sort(faces->begin(), faces->end(), [](const PhotoFace& a, const PhotoFace& b) {
    const cv::Rect2f &x = a.detection.box, &y = b.detection.box;
    return std::tuple(-x.area(), x.x, x.y) < std::tuple(-y.area(), y.x, y.y);
  });
  for (size_t i = 0; i < faces->size(); ++i) (*faces)[i].number = static_cast<int>(i) + 1;
}

}  // namespace

Result<SearchModels> SearchModels::Load(const Gallery& gallery, const SearchEnsemble& ensemble,
                                        const std::filesystem::path& folder, const std::string& device) {
  SearchModels loaded;
  CROSSFACE_RETURN_IF_ERROR(CheckInstalled(ensemble, ModelStore(folder)));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery.ReadSources());
  const nlohmann::json settings = SettingsOfMost(sources);
  loaded.exhaustive = settings.is_object() && settings.value("exhaustive", false);
  ScanSettings scan{.models = folder,
                    .device = device,
                    .exhaustive = loaded.exhaustive,
                    .detectors = DetectorsWith(ModelsOf(settings)),
                    .detector_models = ModelsOf(settings)};
  for (const auto& model : ensemble.models()) scan.embedders.push_back(model.name);
  CROSSFACE_ASSIGN_OR_RETURN(loaded.models, ScanModels::Load(scan));
  for (const std::string& missing : loaded.models.missing) {
    loaded.warnings.push_back(fmt::format(
        "the case was scanned with {}, which is not installed: faces are looked for without it", missing));
  }
  return loaded;
}

Result<SearchModels> SearchModels::Usual(const std::filesystem::path& folder, const std::string& device) {
  SearchModels loaded;
  CROSSFACE_ASSIGN_OR_RETURN(loaded.models, ScanModels::Load({.models = folder, .device = device}));
  return loaded;
}

Result<Photo> ReadPhoto(const std::filesystem::path& path, const SearchModels& search,
                        const SearchEnsemble& ensemble, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(Photo photo, ReadPhoto(path, search, stop));
  for (PhotoFace& face : photo.faces) face.vectors = ensemble.VectorsOf(face.templates);
  return photo;
}

Result<Photo> ReadPhoto(const std::filesystem::path& path, const SearchModels& search,
                        const std::stop_token& stop) {
  Photo photo{.path = path};
  ReaderOptions options;
  options.stop = stop;
  std::vector<std::string> others;
  CROSSFACE_ASSIGN_OR_RETURN(const auto reader, OpenSource(path, options, &others));
  if (!others.empty()) {
    photo.warnings.push_back(
        fmt::format("{} holds {} more picture{} or film{}: only its first is searched for", DisplayPath(path),
                    others.size(), others.size() == 1 ? "" : "s", others.size() == 1 ? "" : "s"));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const Frame frame, ReadPicture(*reader, DisplayPath(path), &photo.warnings));
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame.picture->Bgr());
  CROSSFACE_ASSIGN_OR_RETURN(photo.sha256, io::HashOf(path, stop));
  photo.width = bgr.cols;
  photo.height = bgr.rows;
  const FaceFinder& finder = *search.models.finder;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> found,
                             search.exhaustive ? finder.FindWithAll(bgr) : finder.Find(bgr, true));
  std::vector<TrackRecord> tracks;
  for (const Detection& detection : found) {
    TrackBuilder builder(0, search.exhaustive);
    builder.Add(DescribeFace(bgr, {.frame = frame}, detection));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> finished, builder.Finish(search.models));
    std::move(finished.begin(), finished.end(), std::back_inserter(tracks));
  }
  DropDoubles(&tracks);
  for (const TrackRecord& track : tracks) {
    CROSSFACE_ASSIGN_OR_RETURN(std::string jpeg, PictureOf(track.faces.front()));
    photo.faces.push_back({.detection = track.faces.front().detection,
                           .quality = track.quality,
                           .evidence = track.evidence,
                           .clear = track.may_form,
                           .templates = track.templates,
                           .jpeg = std::move(jpeg),
                           .vectors = {}});
  }
  NumberBySize(&photo.faces);
  return photo;
}

PhotoFace CombineFaces(const std::vector<PhotoFace>& faces) {
  PhotoFace combined = faces.front();
  for (size_t m = 0; m < combined.vectors.size(); ++m) {
    std::vector<std::vector<float>> vectors;
    std::vector<float> weights;
    for (const PhotoFace& face : faces) {
      if (face.vectors[m].empty()) continue;
      vectors.push_back(face.vectors[m]);
      weights.push_back(std::max(face.quality, 1e-3f));
    }
    combined.vectors[m] = MakeTemplate(vectors, weights);
  }
  for (const PhotoFace& face : faces) {
    combined.quality = std::max(combined.quality, face.quality);
    combined.evidence = std::max(combined.evidence, face.evidence);
    combined.clear |= face.clear;
  }
  return combined;
}

}  // namespace crossface
