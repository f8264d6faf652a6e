// The methods on real vectors: FaceNet 128-d of 353 people (a weak net: at one wrong pair in
// 10,000 it finds three quarters of the right ones). The score's tail is measured on one half of the people,
// the clustering on the other.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "crossface/cluster/persons/find_persons.h"
#include "crossface/cluster/persons/graph_clusterer.h"
#include "crossface/cluster/persons/labelled_features_for_test.h"
#include "crossface/cluster/persons/metrics.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

constexpr char kVectors[] = "data/features/facenet128_lfw.f32";
constexpr char kLabels[] = "data/features/facenet128_lfw_labels.tsv";

using testing::LabelledFeatures;

LabelledFeatures ReadFaces() {
  return *testing::ReadFeatures(testing::SharedFolder() / kVectors, testing::SharedFolder() / kLabels, 128);
}

ClusterMetrics ClusterAndCompare(const LabelledFeatures& faces, const ScoreRule& rule, Profile profile,
                                 const std::string& method = "hybrid") {
  const auto answer =
      FindPersons(testing::ProblemOf(faces), rule, {.profile = profile, .stop = {}}, *PartitionerOf(method));
  if (!answer.ok()) throw std::runtime_error(answer.status().message());
  return CompareClusterings(faces.person, answer->person_of);
}

TEST(RealFeaturesTest, PureAtEverySizeWithoutKnowingTheNumberOfPeople) {
  CROSSFACE_NEEDS_SHARED(kVectors);
  const LabelledFeatures all = ReadFaces();
  ASSERT_EQ(all.person.size(), 2921u);
  // A net as weak as this one must give up recall to stay pure, until there are people enough to tell how
  // much of it that costs.
  struct Case {
    int people;
    double precision, recall;
  };
  const std::vector<Case> cases = {{5, 0.995, 0.90}, {10, 0.995, 0.80}, {40, 0.995, 0.76}, {177, 0.99, 0.96}};
  for (const int half : {0, 1}) {
    const ScoreRule rule = testing::FitRule(all.Half(1 - half));
    for (const auto& [people, precision, recall] : cases) {
      SCOPED_TRACE(::testing::Message() << people << " people of half " << half);
      const ClusterMetrics metrics = ClusterAndCompare(all.Half(half, people), rule, Profile::kBalanced);
      EXPECT_GE(metrics.pairwise.precision, precision);
      EXPECT_GE(metrics.bcubed.precision, precision);
      EXPECT_GE(metrics.pairwise.recall, recall);
    }
  }
}

// Pairwise F of each on all 353 people with a threshold or the number of people given (anchors of this set,
// made with scikit-learn and igraph); here neither is.
TEST(RealFeaturesTest, EveryMethodFindsWhatItsKindIsKnownFor) {
  CROSSFACE_NEEDS_SHARED(kVectors);
  const LabelledFeatures all = ReadFaces();
  const std::map<std::string, double> known = {{"dbscan", 0.866},        {"kmeans", 0.917},
                                               {"agglomerative", 0.949}, {"communities", 0.977},
                                               {"spectral", 0.980},      {"hybrid", 0.980}};
  for (const int half : {0, 1}) {
    const ScoreRule rule = testing::FitRule(all.Half(1 - half));
    for (const auto& [method, least] : known) {
      SCOPED_TRACE(::testing::Message() << method << ", half " << half);
      EXPECT_GE(ClusterAndCompare(all.Half(half), rule, Profile::kBalanced, method).pairwise.F(), least);
    }
  }
}

TEST(RealFeaturesTest, ProfilesTradePrecisionForRecall) {
  CROSSFACE_NEEDS_SHARED(kVectors);
  const LabelledFeatures all = ReadFaces();
  const ScoreRule rule = testing::FitRule(all.Half(1));
  const auto strict = ClusterAndCompare(all.Half(0), rule, Profile::kStrict);
  const auto balanced = ClusterAndCompare(all.Half(0), rule, Profile::kBalanced);
  const auto loose = ClusterAndCompare(all.Half(0), rule, Profile::kLoose);
  EXPECT_LT(strict.pairwise.recall, balanced.pairwise.recall);
  EXPECT_LT(balanced.pairwise.recall, loose.pairwise.recall);
  EXPECT_EQ(strict.pairwise.precision, 1);
  EXPECT_GE(loose.pairwise.precision, 0.95);
  EXPECT_GE(loose.pairwise.F(), 0.95);
}

}  // namespace
}  // namespace crossface
