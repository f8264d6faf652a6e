// Vectors of made people, as good networks give them. Pure functions.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "crossface/calibration/labelled_faces.h"
#include "crossface/embed/fitted_calibration.h"

namespace crossface::testing {

// Strangers' cosines scatter by a tenth, as those of the ArcFaces do.
inline constexpr size_t kMadeDimensions = 100;

inline std::vector<float> MadeUnit(std::vector<float> vector) {
  float squares = 0;
  for (const float value : vector) squares += value * value;
  for (float& value : vector) value /= std::sqrt(squares);
  return vector;
}

inline std::vector<float> MadeDirection(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> direction(kMadeDimensions);
  for (float& value : direction) value = normal(random);
  return MadeUnit(std::move(direction));
}

// `alike` is the cosine of two photos of one person.
inline std::vector<float> MadeVector(const std::vector<float>& person, float alike, unsigned seed) {
  const std::vector<float> noise = MadeDirection(seed);
  std::vector<float> vector;
  for (size_t i = 0; i < person.size(); ++i)
    vector.push_back(std::sqrt(alike) * person[i] + std::sqrt(1 - alike) * noise[i]);
  return MadeUnit(std::move(vector));
}

// Each with a vector of a known model (arcface_ms1m) and one of a new model, which sees something else in
// people and photos.
inline std::vector<LabelledFace> MadePeople(int people, int photos, float known_alike, float new_alike) {
  std::vector<LabelledFace> faces;
  for (int person = 0; person < people; ++person) {
    for (int photo = 0; photo < photos; ++photo) {
      const auto seed = static_cast<unsigned>(faces.size()) * 2 + 1'000'000;
      const auto who = static_cast<unsigned>(person) * 2 + 1;
      LabelledFace face{
          .person = person, .photo = static_cast<int>(faces.size()), .quality = {}, .vectors = {}};
      face.quality.overall = 0.9f;
      face.vectors = {MadeVector(MadeDirection(who), known_alike, seed),
                      MadeVector(MadeDirection(who + 1), new_alike, seed + 1)};
      faces.push_back(std::move(face));
    }
  }
  return faces;
}

inline const std::vector<ModelVersion> kMadeModels = {{"arcface_ms1m", std::string(64, 'a')},
                                                      {"vgg_face", std::string(64, 'b')}};

inline KnownCalibration BuiltInAlone() { return {.calibration = BuiltInPairCalibration(), .fitted = {}}; }

}  // namespace crossface::testing
