#include "crossface/search/search_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "crossface/gallery/writer_lock.h"

namespace crossface {
namespace {

// Tracks whose vectors are in memory at once while the index is made.
constexpr size_t kBatch = 4096;
// Removed tracks are still passed through on the way to others. With more than this share of them the index
// is made anew.
constexpr double kMostRemoved = 0.2;

class Opening {
 public:
  Opening(const Gallery& gallery, const SearchEnsemble& ensemble, const std::vector<IndexedTrack>& tracks,
          const SearchIndexOptions& options)
      : gallery_(gallery), ensemble_(ensemble), tracks_(tracks), options_(options) {
    for (const IndexedTrack& track : tracks) wanted_[track.id] = track.version;
  }

  Result<SearchIndex> Run() {
    // Whatever is wrong with the one that is there, the gallery has all that it held.
    auto loaded = Load();
    if (loaded.ok() && CanBeUpdated(**loaded)) {
      opened_.index = std::move(*loaded);
      CROSSFACE_RETURN_IF_ERROR(Update());
    } else {
      opened_.index =
          std::make_unique<TemplateIndex>(ensemble_.dimensions(), ensemble_.Identity(), wanted_.size());
      opened_.state = SearchIndex::State::kBuilt;
      CROSSFACE_RETURN_IF_ERROR(Add());
    }
    if (opened_.state != SearchIndex::State::kLoaded) Save();
    return std::move(opened_);
  }

 private:
  Result<std::unique_ptr<TemplateIndex>> Load() const {
    CROSSFACE_ASSIGN_OR_RETURN(const Directory folder,
                               gallery_.directory().OpenInside(TemplateIndex::kFolder));
    return TemplateIndex::Load(folder, ensemble_.dimensions(), ensemble_.Identity());
  }

  bool CanBeUpdated(const TemplateIndex& index) const {
    size_t gone = index.removed();
    for (const auto& [id, version] : index.versions()) {
      const auto wanted = wanted_.find(id);
      if (wanted == wanted_.end()) {
        ++gone;
      } else if (wanted->second != version) {
        return false;
      }
    }
    return static_cast<double>(gone) <=
           kMostRemoved * static_cast<double>(index.versions().size() + index.removed());
  }

  Status Update() {
    std::vector<int64_t> gone;
    for (const auto& [id, version] : opened_.index->versions()) {
      if (!wanted_.contains(id)) gone.push_back(id);
      wanted_.erase(id);
    }
    if (!gone.empty() || !wanted_.empty()) opened_.state = SearchIndex::State::kUpdated;
    for (const int64_t id : gone) opened_.index->Remove(id);
    return Add();
  }

  // Adds what is still wanted, in an order that does not depend on when a source was scanned.
  Status Add() {
    if (wanted_.empty()) return Status();
    if (options_.building) options_.building(static_cast<int64_t>(wanted_.size()));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> all, gallery_.ReadTracks({}));
    std::vector<int64_t> batch;
    for (size_t i = 0; i < all.size(); ++i) {
      if (wanted_.contains(all[i].id)) batch.push_back(all[i].id);
      if (batch.size() < kBatch && i + 1 < all.size()) continue;
      CROSSFACE_RETURN_IF_ERROR(AddBatch(batch));
      batch.clear();
    }
    return Status();
  }

  Status AddBatch(const std::vector<int64_t>& ids) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                               gallery_.ReadTracks({.templates = true}, ids));
    for (const TrackRecord& track : tracks) {
      if (options_.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
      const std::vector<float> direction = ensemble_.Direction(ensemble_.VectorsOf(track.templates));
      if (!direction.empty()) opened_.index->Add(track.id, wanted_.at(track.id), direction);
    }
    return Status();
  }

  void Save() {
    const Status saved = SaveUnlessChanged();
    if (!saved.ok())
      opened_.warnings.push_back(fmt::format(
          "the index of the search is not kept, the next search makes it again: {}", saved.message()));
  }

  // While somebody is being forgotten, say, an index of what was read before must not come back.
  Status SaveUnlessChanged() {
    CROSSFACE_ASSIGN_OR_RETURN(const WriterLock lock, WriterLock::Take(gallery_.directory()));
    CROSSFACE_ASSIGN_OR_RETURN(const TemplateKeys keys, gallery_.ReadTemplateKeys());
    if (TracksToIndex(ensemble_, keys) != tracks_)
      return Status(StatusCode::kIo, "the case was changed meanwhile");
    CROSSFACE_ASSIGN_OR_RETURN(const Directory folder,
                               gallery_.directory().OpenInside(TemplateIndex::kFolder, true));
    return opened_.index->Save(folder);
  }

  const Gallery& gallery_;
  const SearchEnsemble& ensemble_;
  const std::vector<IndexedTrack>& tracks_;
  const SearchIndexOptions& options_;
  std::unordered_map<int64_t, int64_t> wanted_;  // id -> version; those that are not in the index yet
  SearchIndex opened_;
};

}  // namespace

std::vector<IndexedTrack> TracksToIndex(const SearchEnsemble& ensemble, const TemplateKeys& keys) {
  std::vector<char> compared;
  for (const auto& model : keys.models)
    compared.push_back(ensemble.PositionOf(model.name, model.sha256) >= 0);
  std::vector<IndexedTrack> tracks;
  for (size_t i = 0; i < keys.keys.size();) {
    IndexedTrack track{.id = keys.keys[i].track_id};
    size_t models = 0;
    for (; i < keys.keys.size() && keys.keys[i].track_id == track.id; ++i) {
      if (!compared[keys.keys[i].model]) continue;
      ++models;
      track.version = std::max(track.version, keys.keys[i].row);
    }
    if (models == ensemble.models().size()) tracks.push_back(track);
  }
  return tracks;
}

Result<SearchIndex> OpenSearchIndex(const Gallery& gallery, const SearchEnsemble& ensemble,
                                    const std::vector<IndexedTrack>& tracks,
                                    const SearchIndexOptions& options) {
  return Opening(gallery, ensemble, tracks, options).Run();
}

}  // namespace crossface
