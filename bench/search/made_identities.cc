#include "search/made_identities.h"

#include <algorithm>
#include <cmath>

namespace crossface::bench {
namespace {

// What models/calibration.json has for ArcFace: two pictures of one person have a cosine of .68 on average;
// the cosines of strangers deviate by .10, as they do in a space of 100 dimensions of equal weight.
constexpr double kGenuineCosine = 0.68;
constexpr double kImpostorDeviation = 0.10;
// The share of people who are seen at least n times falls with n to this power: half of them once or twice,
// and of 100,000 tracks some hundreds one person's.
constexpr double kTail = 1.3;
constexpr double kMostTracks = 2'000;

void Normalise(std::vector<float>* vector) {
  double squares = 0;
  for (const float value : *vector) squares += static_cast<double>(value) * value;
  for (float& value : *vector) value = static_cast<float>(value / std::sqrt(squares));
}

// Weights that fall geometrically so that random directions have cosines of the wanted deviation.
std::vector<float> Spread(int dimensions) {
  double low = 0.5, high = 1;
  std::vector<float> spread(static_cast<size_t>(dimensions));
  for (int step = 0; step < 60; ++step) {
    const double ratio = (low + high) / 2;
    double sum = 0, squares = 0, variance = 1;
    for (float& weight : spread) {
      weight = static_cast<float>(std::sqrt(variance));
      sum += variance;
      squares += variance * variance;
      variance *= ratio;
    }
    (std::sqrt(squares) / sum > kImpostorDeviation ? low : high) = ratio;
  }
  return spread;
}

}  // namespace

MadeIdentities::MadeIdentities(const MadeOptions& options)
    : dimensions_(options.dimensions), random_(options.seed), spread_(Spread(options.dimensions)) {
  std::uniform_real_distribution<double> uniform;
  const auto width = static_cast<ptrdiff_t>(dimensions_);
  while (who_.size() < options.count) {
    const double drawn = std::pow(1 - uniform(random_), -1 / kTail);
    const auto tracks = static_cast<size_t>(std::min(drawn, kMostTracks));
    const size_t left = options.count - who_.size();
    who_.insert(who_.end(), std::min(tracks, left), static_cast<uint32_t>(people_++));
    const std::vector<float> person = Direction();
    persons_.insert(persons_.end(), person.begin(), person.end());
  }
  std::shuffle(who_.begin(), who_.end(), random_);
  rows_.reserve(who_.size() * static_cast<size_t>(dimensions_));
  for (const uint32_t person : who_) {
    const auto begin = persons_.begin() + static_cast<ptrdiff_t>(person) * width;
    const std::vector<float> picture = PictureOf({begin, begin + width});
    rows_.insert(rows_.end(), picture.begin(), picture.end());
  }
}

std::vector<float> MadeIdentities::Direction() {
  std::normal_distribution<float> normal;
  std::vector<float> direction(static_cast<size_t>(dimensions_));
  for (size_t d = 0; d < direction.size(); ++d) direction[d] = spread_[d] * normal(random_);
  Normalise(&direction);
  return direction;
}

std::vector<float> MadeIdentities::PictureOf(const std::vector<float>& person) {
  std::vector<float> picture = Direction();
  const auto along = static_cast<float>(std::sqrt(kGenuineCosine)),
             across = static_cast<float>(std::sqrt(1 - kGenuineCosine));
  for (size_t d = 0; d < picture.size(); ++d) picture[d] = along * person[d] + across * picture[d];
  Normalise(&picture);
  return picture;
}

std::vector<float> MadeIdentities::PictureOfSomebody() {
  const uint32_t person = who_[std::uniform_int_distribution<size_t>(0, who_.size() - 1)(random_)];
  const auto begin = persons_.begin() + static_cast<ptrdiff_t>(person) * dimensions_;
  return PictureOf({begin, begin + dimensions_});
}

std::vector<float> MadeIdentities::PictureOfAStranger() { return PictureOf(Direction()); }

}  // namespace crossface::bench
