// Agglomerative clustering of real vectors: FaceNet 128-d of 353 people (a weak net: at one wrong pair in
// 10,000 it finds three quarters of the right ones). The score's tail is measured on one half of the people,
// the clustering on the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "crossface/cluster/find_persons.h"
#include "crossface/cluster/hybrid.h"
#include "crossface/cluster/metrics.h"
#include "crossface/embed/embedder.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

constexpr char kVectors[] = "data/features/facenet128_lfw.f32";
constexpr char kLabels[] = "data/features/facenet128_lfw_labels.tsv";
constexpr int kDimensions = 128;

struct Faces {
  std::vector<std::vector<float>> vectors;
  std::vector<int> person;
};

Faces ReadFaces() {
  const std::string bytes = *ReadFile(testing::SharedFolder() / kVectors);
  std::string names = *ReadFile(testing::SharedFolder() / kLabels);
  Faces faces;
  std::map<std::string, int> numbers;
  for (size_t begin = 0; begin < names.size();) {
    const size_t end = std::min(names.find('\n', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    begin = end + 1;
    faces.person.push_back(numbers.try_emplace(name, static_cast<int>(numbers.size())).first->second);
    std::vector<float> vector(kDimensions);
    std::memcpy(vector.data(), bytes.data() + faces.vectors.size() * kDimensions * sizeof(float),
                kDimensions * sizeof(float));
    faces.vectors.push_back(std::move(vector));
  }
  return faces;
}

// The people whose number leaves `remainder` modulo 2, at most `people` of them.
Faces Half(const Faces& all, int remainder, int people = 1000) {
  Faces half;
  for (size_t i = 0; i < all.person.size(); ++i) {
    if (all.person[i] % 2 != remainder || all.person[i] / 2 >= people) continue;
    half.vectors.push_back(all.vectors[i]);
    half.person.push_back(all.person[i]);
  }
  return half;
}

// Scores that are linear in the cosine, and the tail of different people's scores: measured down to a rate of
// 1e-5, from there on by the slope of its last decade.
ScoreRule FitRule(const Faces& faces) {
  std::vector<float> different;
  double same = 0;
  int64_t pairs = 0;
  for (size_t i = 0; i < faces.vectors.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const float cosine = CosineSimilarity(faces.vectors[i], faces.vectors[j]);
      if (faces.person[i] != faces.person[j]) {
        different.push_back(cosine);
      } else {
        same += cosine;
        ++pairs;
      }
    }
  }
  std::sort(different.rbegin(), different.rend());
  const auto score = [](float cosine) { return 30 * (cosine - 0.5f); };
  const auto quantile = [different](double rate) {
    return different[static_cast<size_t>(rate * static_cast<double>(different.size()))];
  };
  return {.log_odds = [score](std::span<const float> cosines, float, float) { return score(cosines[0]); },
          .threshold_for =
              [score, quantile](double rate) {
                if (rate >= 1e-5) return score(quantile(rate));
                const float slope = quantile(1e-5) - quantile(1e-4);
                return score(quantile(1e-5) + slope * static_cast<float>(-5 - std::log10(rate)));
              },
          .genuine = score(static_cast<float>(same / static_cast<double>(pairs)))};
}

ClusterMetrics ClusterAndCompare(const Faces& faces, const ScoreRule& rule, Profile profile) {
  ClusterProblem problem;
  problem.items = static_cast<int>(faces.vectors.size());
  problem.quality.assign(problem.items, 1);
  problem.may_form.assign(problem.items, 1);
  TemplateMatrix matrix{.model = "facenet128", .dimensions = kDimensions, .rows = {}, .present = {}};
  matrix.present.assign(problem.items, 1);
  for (const auto& vector : faces.vectors)
    matrix.rows.insert(matrix.rows.end(), vector.begin(), vector.end());
  problem.templates.push_back(std::move(matrix));
  const auto answer =
      FindPersons(problem, rule, {.profile = profile, .keep_going = {}}, PartitionByAgreement);
  if (!answer.ok()) throw std::runtime_error(answer.status().message());
  return CompareClusterings(faces.person, answer->person_of);
}

TEST(RealFeaturesTest, PureAtEverySizeWithoutKnowingTheNumberOfPeople) {
  CROSSFACE_NEEDS_SHARED(kVectors);
  const Faces all = ReadFaces();
  ASSERT_EQ(all.person.size(), 2921u);
  // A net as weak as this one must give up recall to stay pure, until there are people enough to tell how
  // much of it that costs.
  struct Case {
    int people;
    double precision, recall;
  };
  const std::vector<Case> cases = {{5, 0.995, 0.90}, {10, 0.995, 0.80}, {40, 0.995, 0.76}, {177, 0.99, 0.97}};
  for (const int half : {0, 1}) {
    const ScoreRule rule = FitRule(Half(all, 1 - half));
    for (const auto& [people, precision, recall] : cases) {
      SCOPED_TRACE(::testing::Message() << people << " people of half " << half);
      const ClusterMetrics metrics = ClusterAndCompare(Half(all, half, people), rule, Profile::kBalanced);
      EXPECT_GE(metrics.pairwise.precision, precision);
      EXPECT_GE(metrics.bcubed.precision, precision);
      EXPECT_GE(metrics.pairwise.recall, recall);
    }
  }
}

TEST(RealFeaturesTest, ProfilesTradePrecisionForRecall) {
  CROSSFACE_NEEDS_SHARED(kVectors);
  const Faces all = ReadFaces();
  const ScoreRule rule = FitRule(Half(all, 1));
  const auto strict = ClusterAndCompare(Half(all, 0), rule, Profile::kStrict);
  const auto balanced = ClusterAndCompare(Half(all, 0), rule, Profile::kBalanced);
  const auto loose = ClusterAndCompare(Half(all, 0), rule, Profile::kLoose);
  EXPECT_LT(strict.pairwise.recall, balanced.pairwise.recall);
  EXPECT_LT(balanced.pairwise.recall, loose.pairwise.recall);
  EXPECT_EQ(strict.pairwise.precision, 1);
  EXPECT_GE(loose.pairwise.precision, 0.95);
  EXPECT_GE(loose.pairwise.F(), 0.95);
}

}  // namespace
}  // namespace crossface
