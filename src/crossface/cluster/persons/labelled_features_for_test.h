// Vectors of known people, and a score rule fitted on some of them: for tests and benchmarks only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "crossface/cluster/graph/pair_scores.h"
#include "crossface/cluster/persons/clusterer.h"
#include "crossface/util/file.h"

namespace crossface::testing {

struct LabelledFeatures {
  int dimensions = 0;
  std::vector<float> rows;  // unit length
  std::vector<int> person;

  // The people whose number leaves `remainder` modulo 2, at most so many of them.
  LabelledFeatures Half(int remainder, int people = 1 << 30) const;
};

inline LabelledFeatures LabelledFeatures::Half(int remainder, int people) const {
  LabelledFeatures half{.dimensions = dimensions};
  for (size_t i = 0; i < person.size(); ++i) {
    if (person[i] % 2 != remainder || person[i] / 2 >= people) continue;
    const auto row = rows.begin() + static_cast<ptrdiff_t>(i) * dimensions;
    half.rows.insert(half.rows.end(), row, row + dimensions);
    half.person.push_back(person[i]);
  }
  return half;
}

// `vectors`: float32, little endian; `labels`: a name per line. Errors: those of ReadFile; kCorrupt when the
// two do not fit together.
inline Result<LabelledFeatures> ReadFeatures(const std::filesystem::path& vectors,
                                             const std::filesystem::path& labels, int dimensions) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(vectors));
  CROSSFACE_ASSIGN_OR_RETURN(const std::string names, ReadFile(labels));
  LabelledFeatures features{.dimensions = dimensions};
  features.rows.resize(bytes.size() / sizeof(float));
  std::memcpy(features.rows.data(), bytes.data(), features.rows.size() * sizeof(float));
  std::map<std::string, int> numbers;
  for (size_t begin = 0; begin < names.size();) {
    const size_t end = std::min(names.find('\n', begin), names.size());
    features.person.push_back(
        numbers.try_emplace(names.substr(begin, end - begin), static_cast<int>(numbers.size()))
            .first->second);
    begin = end + 1;
  }
  if (features.rows.size() != features.person.size() * static_cast<size_t>(dimensions))
    return Status(StatusCode::kCorrupt,
                  vectors.string() + " and " + labels.string() + " do not fit together");
  return features;
}

// A score that is linear in the cosine, and the tail of different people's scores: measured down to a rate of
// 1e-5, from there on by the slope of its last decade.
inline ScoreRule FitRule(const LabelledFeatures& features) {
  auto different = std::make_shared<std::vector<float>>();
  double same = 0;
  int64_t same_pairs = 0;
  const int dimensions = features.dimensions;
  for (size_t i = 0; i < features.person.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      float cosine = 0;
      for (int d = 0; d < dimensions; ++d)
        cosine += features.rows[i * dimensions + d] * features.rows[j * dimensions + d];
      if (features.person[i] != features.person[j]) {
        different->push_back(cosine);
      } else {
        same += cosine;
        ++same_pairs;
      }
    }
  }
  std::sort(different->rbegin(), different->rend());
  const auto score = [](float cosine) { return 30 * (cosine - 0.5f); };
  const auto quantile = [different](double rate) {
    return (*different)[static_cast<size_t>(rate * static_cast<double>(different->size()))];
  };
  return {.log_odds = [score](std::span<const float> cosines, const TemplateFacts&,
                              const TemplateFacts&) { return score(cosines[0]); },
          .threshold_for =
              [score, quantile](double rate) {
                if (rate >= 1e-5) return score(quantile(rate));
                const float slope = quantile(1e-5) - quantile(1e-4);
                return score(quantile(1e-5) + slope * static_cast<float>(-5 - std::log10(rate)));
              },
          .genuine = score(static_cast<float>(same / static_cast<double>(same_pairs)))};
}

inline ClusterProblem ProblemOf(const LabelledFeatures& features) {
  const size_t items = features.person.size();
  ClusterProblem problem{.items = static_cast<int>(items),
                         .quality = std::vector<float>(items, 1),
                         .may_form = std::vector<uint8_t>(items, 1)};
  problem.templates.push_back({.model = "features",
                               .dimensions = features.dimensions,
                               .rows = features.rows,
                               .present = std::vector<uint8_t>(items, 1)});
  return problem;
}

}  // namespace crossface::testing
