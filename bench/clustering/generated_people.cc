#include "clustering/generated_people.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <numeric>
#include <random>

#include "crossface/embed/normal_distribution.h"

namespace crossface::bench {
namespace {

constexpr double kMeanSize = 68, kSizeSpread = 1.2;
constexpr double kSame = 0.76, kSameSpread = 0.105, kStrangers = 0.03, kStrangersSpread = 0.14;
constexpr int kPeopleDimensions =
    27;  // directions spread by 1 / sqrt(27) = .19, of which .76 is left in pictures

std::vector<int> DrawPeople(int64_t vectors, std::mt19937* random) {
  std::lognormal_distribution<double> size(std::log(kMeanSize) - kSizeSpread * kSizeSpread / 2, kSizeSpread);
  std::vector<int> person;
  for (int number = 0; static_cast<int64_t>(person.size()) < vectors; ++number) {
    const auto own = std::max<int64_t>(1, std::llround(size(*random)));
    person.insert(person.end(), std::min(own, vectors - static_cast<int64_t>(person.size())), number);
  }
  std::shuffle(person.begin(), person.end(), *random);
  return person;
}

void Normalise(std::span<float> vector) {
  const double squares = std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0);
  for (float& value : vector) value /= static_cast<float>(std::sqrt(squares));
}

// Unit directions: the common part along the last axis, their own in the first dimensions.
std::vector<float> DrawDirections(int people, int dimensions, std::mt19937* random) {
  std::normal_distribution<float> normal;
  std::vector<float> directions(static_cast<size_t>(people) * dimensions);
  const auto common = static_cast<float>(std::sqrt(kStrangers / kSame));
  for (int person = 0; person < people; ++person) {
    const std::span<float> own =
        std::span(directions).subspan(static_cast<size_t>(person) * dimensions, dimensions);
    for (int d = 0; d < kPeopleDimensions; ++d) own[d] = normal(*random);
    Normalise(own);
    for (int d = 0; d < kPeopleDimensions; ++d) own[d] *= std::sqrt(1 - common * common);
    own[dimensions - 1] = common;
  }
  return directions;
}

}  // namespace

Result<GeneratedPeople> GeneratePeople(int64_t vectors, int dimensions, uint32_t seed,
                                       const std::filesystem::path& file) {
  std::mt19937 random(seed);
  GeneratedPeople people{.dimensions = dimensions, .person = DrawPeople(vectors, &random)};
  const int count = *std::max_element(people.person.begin(), people.person.end()) + 1;
  const std::vector<float> directions = DrawDirections(count, dimensions, &random);
  std::normal_distribution<float> normal;
  std::normal_distribution<double> alike(std::sqrt(kSame), kSameSpread / std::sqrt(2 * kSame));
  std::ofstream out(file, std::ios::binary);
  std::vector<float> vector(static_cast<size_t>(dimensions));
  for (const int person : people.person) {
    const float* direction = directions.data() + static_cast<size_t>(person) * dimensions;
    const double cosine = std::clamp(alike(random), 0.3, 0.99);
    for (float& value : vector) value = normal(random);
    const double along = std::inner_product(vector.begin(), vector.end(), direction, 0.0);
    for (int d = 0; d < dimensions; ++d) vector[d] -= static_cast<float>(along) * direction[d];
    Normalise(vector);
    for (int d = 0; d < dimensions; ++d) {
      vector[d] = static_cast<float>(cosine * direction[d] + std::sqrt(1 - cosine * cosine) * vector[d]);
    }
    out.write(reinterpret_cast<const char*>(vector.data()),
              static_cast<std::streamsize>(vector.size() * sizeof(float)));
  }
  if (!out.flush()) return Status(StatusCode::kIo, fmt::format("{} cannot be written", file.string()));
  return people;
}

ScoreRule RuleOfGeneratedPeople() {
  const auto score = [](double cosine) { return static_cast<float>(30 * (cosine - 0.5)); };
  return {.log_odds = [score](std::span<const float> cosines, const TemplateFacts&,
                              const TemplateFacts&) { return score(cosines[0]); },
          .threshold_for =
              [score](double rate) { return score(kStrangers + kStrangersSpread * UpperQuantile(rate)); },
          .genuine = score(kSame)};
}

}  // namespace crossface::bench
