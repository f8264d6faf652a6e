#include "crossface/scan/reembed.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/embed/embedder.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/io/store.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/track_builder.h"
#include "crossface/util/jpeg.h"
#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

using Embedders = std::vector<std::unique_ptr<Embedder>>;

// Tracks per transaction.
constexpr size_t kBatch = 64;

Result<Embedders> LoadEmbedders(const ReembedOptions& options) {
  const ModelStore store(options.models);
  CROSSFACE_ASSIGN_OR_RETURN(const Device device, ResolveDevice(options.device));
  const auto installed = [&](const std::string& name) {
    return CreateEmbedder(name, store, {.device = device, .threads_per_run = 1});
  };
  Embedders embedders;
  std::set<std::string> seen;
  for (const std::string& name : options.embedders) {
    const ModelEntry* entry = FindModel(name);
    if (entry == nullptr || entry->role != ModelRole::kEmbedder || !seen.insert(name).second) {
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("{} is named twice or is no embedder; there are {}", name,
                                fmt::join(EmbedderNames(), ", ")));
    }
    CROSSFACE_ASSIGN_OR_RETURN(auto embedder,
                               options.make_embedder ? options.make_embedder(name) : installed(name));
    embedders.push_back(std::move(embedder));
  }
  if (embedders.empty()) return Status(StatusCode::kInvalidArgument, "no embedder is named");
  return embedders;
}

bool Has(const std::vector<FaceEmbedding>& embeddings, const Embedder& embedder) {
  return std::any_of(embeddings.begin(), embeddings.end(), [&](const FaceEmbedding& embedding) {
    return embedding.model == embedder.name() && embedding.model_sha256 == embedder.sha256();
  });
}

// The scan settings of a source, had it been scanned with these embedders.
std::string SettingsWith(const std::string& settings, const Embedders& embedders) {
  nlohmann::json json = nlohmann::json::parse(settings, nullptr, false);
  if (!json.is_object() || !json["models"].is_object()) return settings;
  for (const std::string& name : EmbedderNames()) json["models"].erase(name);
  for (const auto& embedder : embedders) json["models"][embedder->name()] = embedder->sha256();
  return json.dump();
}

// One track whose faces are being collected.
struct Work {
  TrackRecord track;  // only the faces to embed; vectors of the other models left out
  std::vector<FaceSurroundings> surroundings;  // per face
};

Result<TrackRecord> EmbedTrack(Work work, const Embedders& embedders) {
  TrackRecord& track = work.track;
  for (const auto& embedder : embedders) {
    if (Has(track.templates, *embedder)) continue;
    std::vector<std::vector<float>> vectors;
    std::vector<float> weights;
    for (size_t i = 0; i < track.faces.size(); ++i) {
      const FaceSurroundings& around = work.surroundings[i];
      if (around.bgr.empty()) continue;
      const Detection local = around.ToLocal(track.faces[i].detection);
      const FacePicture picture{around.bgr, local.box, local.landmarks};
      // One by one: a batch must not depend on which faces could be cut out.
      CROSSFACE_ASSIGN_OR_RETURN(std::vector<Embedding> embedding, embedder->Embed({&picture, 1}));
      if (embedding.front().unit.empty()) continue;
      vectors.push_back(embedding.front().unit);
      weights.push_back(std::max(track.faces[i].quality, 1e-3f));
      track.faces[i].embeddings.push_back(
          {embedder->name(), embedder->sha256(), std::move(embedding.front().unit)});
    }
    std::vector<float> mean = MakeTemplate(vectors, weights);
    if (!mean.empty()) track.templates.push_back({embedder->name(), embedder->sha256(), std::move(mean)});
  }
  // Only what is new is written.
  const auto is_new = [&](const FaceEmbedding& embedding) {
    return std::any_of(embedders.begin(), embedders.end(),
                       [&](const auto& e) { return e->name() == embedding.model; });
  };
  std::erase_if(track.templates, [&](const auto& embedding) { return !is_new(embedding); });
  return std::move(track);
}

class Reembedding {
 public:
  Reembedding(Gallery& gallery, const ReembedOptions& options, const Embedders& embedders)
      : gallery_(gallery), options_(options), embedders_(embedders), pool_(options.threads) {}

  Result<ReembedSummary> Run() {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery_.ReadSources());
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks,
                               gallery_.ReadTracks({.faces = true, .embeddings = true, .templates = true}));
    std::map<int64_t, std::vector<Work>> work;  // by source
    for (TrackRecord& track : tracks) Plan(std::move(track), &work);
    for (const SourceRecord& source : sources) {
      source_ = &source;
      settings_ = source.settings;
      if (auto found = work.find(source.id); found != work.end()) {
        CROSSFACE_RETURN_IF_ERROR(DoSource(std::move(found->second)));
        ++summary_.sources;
      }
      settings_ = SettingsWith(source.settings, embedders_);
      CROSSFACE_RETURN_IF_ERROR(gallery_.WriteVectors(source.id, {}, settings_));
    }
    std::vector<std::string> names;
    for (const auto& embedder : embedders_) names.push_back(embedder->name());
    CROSSFACE_RETURN_IF_ERROR(gallery_.WriteFact(kEmbeddersFact, fmt::format("{}", fmt::join(names, ","))));
    return std::move(summary_);
  }

 private:
  void Plan(TrackRecord track, std::map<int64_t, std::vector<Work>>* work) {
    // Faces that were good enough for one model are so for another.
    std::erase_if(track.faces, [](const FaceRecord& face) { return face.embeddings.empty(); });
    const bool complete = std::all_of(embedders_.begin(), embedders_.end(),
                                      [&](const auto& e) { return Has(track.templates, *e); });
    if (track.faces.empty() || complete) return;
    total_ += static_cast<int64_t>(track.faces.size());
    for (FaceRecord& face : track.faces) face.embeddings.clear();
    Work item{.track = std::move(track)};
    item.surroundings.resize(item.track.faces.size());
    (*work)[item.track.source_id].push_back(std::move(item));
  }

  Status DoSource(std::vector<Work> work) {
    const auto sha256 = io::HashOf(source_->path, options_.stop);
    if (!sha256.ok() && sha256.status().code() == StatusCode::kInterrupted) return sha256.status();
    const bool unchanged = sha256.ok() && *sha256 == source_->sha256;
    CROSSFACE_RETURN_IF_ERROR(unchanged ? CutFromFootage(&work) : Status());
    bool from_pictures = false;
    for (Work& item : work) {
      if (item.track.faces.empty()) continue;  // done
      from_pictures = true;
      CROSSFACE_RETURN_IF_ERROR(CutFromPictures(&item));
      CROSSFACE_RETURN_IF_ERROR(Submit(std::move(item)));
    }
    if (from_pictures) summary_.from_pictures.push_back(source_->name);
    return Write(0);
  }

  // Reads the footage up to the last face that is wanted. Tracks that are complete are embedded while the
  // rest is read.
  Status CutFromFootage(std::vector<Work>* work) {
    std::map<int64_t, std::vector<std::pair<size_t, size_t>>> wanted;  // frame -> track and face
    std::vector<size_t> missing;
    for (size_t i = 0; i < work->size(); ++i) {
      const std::vector<FaceRecord>& faces = (*work)[i].track.faces;
      for (size_t k = 0; k < faces.size(); ++k) wanted[faces[k].frame].emplace_back(i, k);
      missing.push_back(faces.size());
    }
    ReaderOptions reading;
    reading.geometry = GeometryAsIn(source_->info);
    reading.part = source_->info.part;
    reading.stop = options_.stop;
    const auto opened = OpenSource(source_->path, reading);
    if (!opened.ok()) return opened.status().code() == StatusCode::kInterrupted ? opened.status() : Status();
    while (!wanted.empty()) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, (*opened)->Next());
      if (!frame) break;
      const auto here = wanted.find(frame->index);
      if (here == wanted.end()) continue;
      CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame->picture->Bgr());
      for (const auto& [track, face] : here->second) {
        Work& item = (*work)[track];
        item.surroundings[face] =
            DescribeFace(bgr, {.frame = *frame}, item.track.faces[face].detection).surroundings;
        Detach(&item.surroundings[face]);
        if (--missing[track] > 0) continue;
        CROSSFACE_RETURN_IF_ERROR(Submit(std::move(item)));
        item = {};
      }
      wanted.erase(here);
    }
    return Status();
  }

  Status CutFromPictures(Work* item) const {
    for (size_t i = 0; i < item->track.faces.size(); ++i) {
      const FaceRecord& face = item->track.faces[i];
      CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, gallery_.ReadFacePicture(face.id));
      FaceSurroundings& around = item->surroundings[i];
      if (!around.bgr.empty() || jpeg.empty()) continue;
      around.bgr = DecodeJpeg(jpeg);
      const cv::Rect area = PictureArea(face.detection.box, {source_->info.width, source_->info.height});
      if (around.bgr.empty() || area.empty()) continue;
      around.origin = area.tl();
      around.scale = static_cast<float>(around.bgr.cols) / static_cast<float>(area.width);
    }
    return Status();
  }

  Status Submit(Work item) {
    pending_.push_back(pool_.Submit([this, shared = std::make_shared<Work>(std::move(item))] {
      return EmbedTrack(std::move(*shared), embedders_);
    }));
    return pending_.size() >= 2 * kBatch ? Write(kBatch) : Status();
  }

  // Writes what is finished, until so many are left.
  Status Write(size_t left) {
    std::vector<TrackRecord> done;
    int64_t faces = 0;
    while (pending_.size() > left) {
      CROSSFACE_ASSIGN_OR_RETURN(TrackRecord track, pending_.front().get());
      pending_.pop_front();
      faces += static_cast<int64_t>(track.faces.size());
      done.push_back(std::move(track));
    }
    if (!done.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_.WriteVectors(source_->id, done, settings_));
    summary_.faces += faces;
    summary_.tracks += static_cast<int64_t>(done.size());
    if (options_.progress) options_.progress(summary_.faces, total_);
    if (options_.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    return Status();
  }

  Gallery& gallery_;
  const ReembedOptions& options_;
  const Embedders& embedders_;
  const SourceRecord* source_ = nullptr;
  std::string settings_;
  int64_t total_ = 0;
  ReembedSummary summary_;
  std::deque<std::future<Result<TrackRecord>>> pending_;
  ThreadPool pool_;  // joined first: its tasks use the embedders
};

}  // namespace

Result<ReembedSummary> Reembed(Gallery& gallery, const ReembedOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(const Embedders embedders, LoadEmbedders(options));
  return Reembedding(gallery, options, embedders).Run();
}

}  // namespace crossface
