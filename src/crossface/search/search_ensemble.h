// How a search compares a face with the tracks of a case: by the embedding models that the case uses and that
// have a say (PairScorer), each in the version that most tracks have. Immutable, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "crossface/embed/pair_scorer.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

class SearchEnsemble {
 public:
  struct Model {
    std::string name, sha256;
    int dimensions = 0;
  };
  // One unit vector per model, in their order; empty where there is none.
  using Vectors = std::vector<std::vector<float>>;

  // Of these models, without those that have no calibration. Errors: kNotFound when none of them has one;
  // those of reading calibrations.
  static Result<SearchEnsemble> Of(std::vector<Model> models);
  // Errors: kNotFound when no track has a vector, or none of a model with a calibration; the gallery's.
  static Result<SearchEnsemble> Of(const Gallery& gallery, const TemplateKeys& keys);

  const std::vector<Model>& models() const { return models_; }
  const PairScorer& scorer() const { return scorer_; }
  // Position of a model in models(), -1 for one that is not compared.
  int PositionOf(const std::string& name, const std::string& sha256) const;
  Vectors VectorsOf(const std::vector<FaceEmbedding>& templates) const;

  // PairScorer::LogOdds of two faces or tracks; NaN when they have no model in common.
  float LogOdds(const Vectors& a, const TemplateFacts& of_a, const Vectors& b,
                const TemplateFacts& of_b) const;

  // The models' vectors, weighted and laid end to end, of unit length; empty unless every model has one. The
  // inner product of two of them orders pairs of equal quality as LogOdds does.
  std::vector<float> Direction(const Vectors& vectors) const;
  int dimensions() const;  // of Direction

  // Differs for ensembles whose directions do.
  std::string Identity() const;

 private:
  explicit SearchEnsemble(PairScorer scorer) : scorer_(std::move(scorer)) {}
  std::vector<Model> models_;
  std::vector<float> roots_;  // per model; their squares add up to one
  PairScorer scorer_;
};

}  // namespace crossface
