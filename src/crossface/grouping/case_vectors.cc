#include "crossface/grouping/case_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "crossface/grouping/cluster_case.h"

namespace crossface {
namespace {

constexpr size_t kBatch = 4096;  // tracks

class Reading {
 public:
  Reading(const Gallery& gallery, const std::vector<int64_t>& tracks, const std::vector<uint8_t>& left_out)
      : gallery_(gallery), tracks_(tracks) {
    for (size_t i = 0; i < tracks.size(); ++i) {
      if (!left_out[i]) item_of_[tracks[i]] = i;
    }
  }

  Result<CaseVectors> Run(size_t map_from) {
    CROSSFACE_RETURN_IF_ERROR(ChooseVersions());
    CROSSFACE_RETURN_IF_ERROR(MakeRoom(map_from));
    for (size_t first = 0; first < tracks_.size(); first += kBatch) {
      const size_t end = std::min(tracks_.size(), first + kBatch);
      CROSSFACE_RETURN_IF_ERROR(Fill(
          {tracks_.begin() + static_cast<ptrdiff_t>(first), tracks_.begin() + static_cast<ptrdiff_t>(end)}));
    }
    return std::move(read_);
  }

 private:
  // Of every model in use the version that most tracks have.
  Status ChooseVersions() {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> in_use, EmbeddersInUse(gallery_));
    CROSSFACE_ASSIGN_OR_RETURN(const TemplateKeys keys, gallery_.ReadTemplateKeys());
    std::map<ModelVersion, int64_t> uses;
    std::map<ModelVersion, int> dimensions;
    std::map<std::string, int64_t> uses_of_name;
    for (const auto& key : keys.keys) {
      const auto& model = keys.models[key.model];
      const bool used = in_use.empty() || std::find(in_use.begin(), in_use.end(), model.name) != in_use.end();
      if (!used || !item_of_.contains(key.track_id)) continue;
      ++uses[{model.name, model.sha256}];
      ++uses_of_name[model.name];
      dimensions[{model.name, model.sha256}] = model.dimensions;
    }
    versions_ = MostUsedVersions(uses);
    for (const ModelVersion& version : versions_) {
      read_.models.push_back(version.first);
      read_.versions.push_back(version);
      read_.matrices.push_back({.model = version.first, .dimensions = dimensions[version]});
      if (const int64_t others = uses_of_name[version.first] - uses[version]; others > 0) {
        read_.warnings.push_back(
            fmt::format("{} tracks have vectors of another version of {} than most: these were not "
                        "compared; re-embedding makes them anew",
                        others, version.first));
      }
    }
    return Status();
  }

  Status MakeRoom(size_t map_from) {
    size_t bytes = 0;
    for (TemplateMatrix& matrix : read_.matrices)
      bytes += tracks_.size() * static_cast<size_t>(matrix.dimensions) * sizeof(float);
    for (TemplateMatrix& matrix : read_.matrices) {
      const size_t numbers = tracks_.size() * static_cast<size_t>(matrix.dimensions);
      matrix.present.assign(tracks_.size(), 0);
      if (bytes < map_from) {
        matrix.rows.assign(numbers, 0.0f);
        rows_.push_back(matrix.rows.data());
      } else {
        CROSSFACE_ASSIGN_OR_RETURN(MappedFloats mapped,
                                   MappedFloats::Create(gallery_.case_folder(), numbers));
        rows_.push_back(mapped.writable().data());
        matrix.mapped = mapped.numbers();
        read_.storage.push_back(std::move(mapped));
      }
    }
    return Status();
  }

  Status Fill(const std::vector<int64_t>& ids) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                               gallery_.ReadTracks({.templates = true}, ids));
    for (const TrackRecord& track : tracks) {
      const auto item = item_of_.find(track.id);
      if (item == item_of_.end()) continue;
      for (const FaceEmbedding& embedding : track.templates) {
        const auto version = std::find(versions_.begin(), versions_.end(),
                                       ModelVersion(embedding.model, embedding.model_sha256));
        if (version == versions_.end()) continue;
        const auto model = static_cast<size_t>(version - versions_.begin());
        if (embedding.vector.size() != static_cast<size_t>(read_.matrices[model].dimensions))
          return Status(StatusCode::kCorrupt,
                        fmt::format("the gallery holds vectors of {} of different lengths: restore the case "
                                    "from a copy",
                                    embedding.model));
        std::copy(embedding.vector.begin(), embedding.vector.end(),
                  rows_[model] + item->second * embedding.vector.size());
        read_.matrices[model].present[item->second] = 1;
      }
    }
    return Status();
  }

  const Gallery& gallery_;
  const std::vector<int64_t>& tracks_;
  std::unordered_map<int64_t, size_t> item_of_;
  std::vector<ModelVersion> versions_;
  std::vector<float*> rows_;  // per matrix
  CaseVectors read_;
};

}  // namespace

Result<CaseVectors> ReadCaseVectors(const Gallery& gallery, const std::vector<int64_t>& tracks,
                                    const std::vector<uint8_t>& left_out, size_t map_from) {
  return Reading(gallery, tracks, left_out).Run(map_from);
}

}  // namespace crossface
