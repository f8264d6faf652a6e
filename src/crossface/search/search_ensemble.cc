#include "crossface/search/search_ensemble.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "crossface/cluster/graph/pair_scores.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

Result<std::vector<ModelVersion>> VersionsInUse(const Gallery& gallery, const TemplateKeys& keys) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> in_use, EmbeddersInUse(gallery));
  std::map<ModelVersion, int64_t> uses;
  for (const auto& key : keys.keys) {
    const auto& model = keys.models[key.model];
    if (in_use.empty() || std::count(in_use.begin(), in_use.end(), model.name) > 0)
      ++uses[{model.name, model.sha256}];
  }
  return MostUsedVersions(uses);
}

}  // namespace

Result<SearchEnsemble> SearchEnsemble::Of(const Gallery& gallery, const TemplateKeys& keys) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ModelVersion> versions, VersionsInUse(gallery, keys));
  if (versions.empty())
    return Status(StatusCode::kNotFound, "the case holds no face that could be compared: scan footage first");
  std::vector<Model> models;
  for (const auto& [name, sha256] : versions) {
    const auto known = std::find_if(keys.models.begin(), keys.models.end(),
                                    [&name = name, &sha256 = sha256](const auto& model) {
                                      return model.name == name && model.sha256 == sha256;
                                    });
    models.push_back({name, sha256, known->dimensions});
  }
  return Of(std::move(models));
}

Result<SearchEnsemble> SearchEnsemble::Of(std::vector<Model> models) {
  const auto names = [&] {
    std::vector<std::string> list;
    list.reserve(models.size());
    for (const Model& model : models) list.push_back(model.name);
    return list;
  };
  std::vector<ModelVersion> versions;
  versions.reserve(models.size());
  for (const Model& model : models) versions.emplace_back(model.name, model.sha256);
  CROSSFACE_ASSIGN_OR_RETURN(const KnownCalibration known, CalibrationOf(versions));
  CROSSFACE_ASSIGN_OR_RETURN(const PairScorer all, PairScorer::Create(names(), known.calibration));
  const std::vector<std::string> silent = all.silent_models();
  std::erase_if(models,
                [&](const Model& model) { return std::count(silent.begin(), silent.end(), model.name) > 0; });
  CROSSFACE_ASSIGN_OR_RETURN(PairScorer scorer, PairScorer::Create(names(), known.calibration));
  SearchEnsemble ensemble(std::move(scorer));
  ensemble.models_ = std::move(models);
  ensemble.roots_ = ModelWeights(RuleOf(ensemble.scorer_), ensemble.models_.size());
  const float sum = std::accumulate(ensemble.roots_.begin(), ensemble.roots_.end(), 0.0f);
  for (float& root : ensemble.roots_) root = std::sqrt(root / sum);
  return ensemble;
}

int SearchEnsemble::PositionOf(const std::string& name, const std::string& sha256) const {
  for (size_t i = 0; i < models_.size(); ++i) {
    if (models_[i].name == name && models_[i].sha256 == sha256) return static_cast<int>(i);
  }
  return -1;
}

SearchEnsemble::Vectors SearchEnsemble::VectorsOf(const std::vector<FaceEmbedding>& templates) const {
  Vectors vectors(models_.size());
  for (const FaceEmbedding& embedding : templates) {
    const int position = PositionOf(embedding.model, embedding.model_sha256);
    if (position >= 0) vectors[static_cast<size_t>(position)] = embedding.vector;
  }
  return vectors;
}

float SearchEnsemble::LogOdds(const Vectors& a, const TemplateFacts& of_a, const Vectors& b,
                              const TemplateFacts& of_b) const {
  std::vector<float> cosines(models_.size(), std::numeric_limits<float>::quiet_NaN());
  for (size_t m = 0; m < cosines.size(); ++m) {
    if (a[m].empty() || b[m].empty()) continue;
    const auto size = static_cast<Eigen::Index>(a[m].size());
    const Eigen::Map<const Eigen::VectorXf> x(a[m].data(), size), y(b[m].data(), size);
    cosines[m] = std::clamp(x.dot(y), -1.0f, 1.0f);
  }
  return scorer_.LogOdds(cosines, of_a, of_b);
}

std::vector<float> SearchEnsemble::Direction(const Vectors& vectors) const {
  std::vector<float> direction;
  for (size_t m = 0; m < vectors.size(); ++m) {
    if (vectors[m].empty()) return {};
    for (const float value : vectors[m]) direction.push_back(roots_[m] * value);
  }
  return direction;
}

int SearchEnsemble::dimensions() const {
  int sum = 0;
  for (const Model& model : models_) sum += model.dimensions;
  return sum;
}

std::string SearchEnsemble::Identity() const {
  std::string text;
  for (size_t m = 0; m < models_.size(); ++m)
    text +=
        fmt::format("{} {} {} {}\n", models_[m].name, models_[m].sha256, models_[m].dimensions, roots_[m]);
  return Sha256Hex(text);
}

}  // namespace crossface
