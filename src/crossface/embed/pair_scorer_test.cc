#include "crossface/embed/pair_scorer.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

namespace crossface {
namespace {

using ::testing::ElementsAre;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// Two nets of one say that correlate by .5: the sum of their standardised cosines has the variance 3.
PairCalibration TwoNets() {
  PairCalibration c;
  c.models = {{"one", 0.0, 0.1, 0.6, 1}, {"two", 0.1, 0.2, 0.9, 1}};
  c.correlation = {1, 0.5, 0.5, 1};
  c.even_odds = 0.5;
  c.slope = 1;
  c.good_quality = 0.8;
  c.least_evidence = 0.2;
  c.tail_quality = 0.5;
  c.tail_growth = 2;
  c.tail_mean = 0.1;
  c.tail_sd = 1.2;
  return c;
}

PairScorer Scorer(const std::vector<std::string>& models) { return *PairScorer::Create(models, TwoNets()); }

TEST(PairScorer, PoolsStandardisedCosinesByTheirCorrelation) {
  const auto pooled = Scorer({"one", "two"}).Pool(std::vector<float>{0.3f, 0.5f});
  EXPECT_NEAR(pooled.score, (3 + 2) / std::sqrt(3.0), 1e-6);
  EXPECT_NEAR(pooled.genuine, (6 + 4) / std::sqrt(3.0), 1e-6);
}

TEST(PairScorer, OneNetAloneIsStandardisedAlone) {
  const auto pooled = Scorer({"one", "two"}).Pool(std::vector<float>{kNone, 0.5f});
  EXPECT_NEAR(pooled.score, 2, 1e-6);
  EXPECT_NEAR(pooled.genuine, 4, 1e-6);
  EXPECT_FLOAT_EQ(Scorer({"one", "two"}).LogOdds(std::vector<float>{kNone, 0.5f}, 1, 1),
                  Scorer({"two"}).LogOdds(std::vector<float>{0.5f}, 1, 1));
}

TEST(PairScorer, OddsAreEvenWhereTheCalibrationSaysSo) {
  // Half of the genuine mean of 6 deviations is a cosine of .3.
  EXPECT_NEAR(Scorer({"one"}).LogOdds(std::vector<float>{0.3f}, 1, 1), 0, 1e-5);
  EXPECT_NEAR(Scorer({"one"}).LogOdds(std::vector<float>{0.4f}, 1, 1), 6, 1e-4);
  EXPECT_NEAR(Scorer({"one"}).LogOdds(std::vector<float>{0.2f}, 1, 1), -6, 1e-4);
}

TEST(PairScorer, PoorPicturesTakeEvidenceAwayInBothDirections) {
  const PairScorer scorer = Scorer({"one"});
  for (float poor : {0.6f, 0.4f, 0.1f}) {
    EXPECT_LT(scorer.LogOdds(std::vector<float>{0.6f}, 1, poor),
              scorer.LogOdds(std::vector<float>{0.6f}, 1, 1));
    EXPECT_GT(scorer.LogOdds(std::vector<float>{0.0f}, 1, poor),
              scorer.LogOdds(std::vector<float>{0.0f}, 1, 1));
  }
}

TEST(PairScorer, StrangersScatterOnPoorPicturesIsDividedOut) {
  // Quality .25: scatter 1 + 2 * (.5 - .25) = 1.5, genuine pairs have .2 + .8 * .25 / .8 = .45 of 6.
  EXPECT_NEAR(Scorer({"one"}).LogOdds(std::vector<float>{0.6f}, 0.25f, 0.25f), 2.7 * (6 / 1.5 - 0.5 * 2.7),
              1e-4);
}

RC_GTEST_PROP(PairScorer, MoreAlikeIsNeverLess, ()) {
  const auto any = [] { return static_cast<float>(*rc::gen::inRange(-100, 101)) / 100; };
  const float a = any(), b = any(), quality_a = std::abs(any()), quality_b = std::abs(any());
  const PairScorer scorer = Scorer({"one", "two"});
  const float less = scorer.LogOdds(std::vector<float>{a, b}, quality_a, quality_b);
  const float more = scorer.LogOdds(std::vector<float>{a + 0.05f, b}, quality_a, quality_b);
  RC_ASSERT(more > less);
  RC_ASSERT(scorer.LogOdds(std::vector<float>{a, b}, quality_b, quality_a) == less);
}

TEST(PairScorer, ThresholdCutsOffTheTailThatWasFitted) {
  // Impostor cosines drawn so that the pooled score has the calibration's tail.
  const PairScorer scorer = Scorer({"one"});
  std::mt19937 random(7);
  std::normal_distribution<double> tail(0.1, 1.2);
  const float threshold = scorer.ThresholdFor(1e-2);
  int above = 0;
  for (int i = 0; i < 100000; ++i)
    above += scorer.LogOdds(std::vector<float>{static_cast<float>(tail(random) * 0.1)}, 1, 1) > threshold;
  EXPECT_NEAR(above, 1000, 130);  // four standard deviations
  EXPECT_GT(scorer.ThresholdFor(1e-6), scorer.ThresholdFor(1e-5));
  EXPECT_THROW(scorer.ThresholdFor(0), std::logic_error);
  EXPECT_THROW(scorer.ThresholdFor(0.6), std::logic_error);
}

TEST(PairScorer, PoorPicturesHardlyExceedTheFalseMatchRate) {
  const PairCalibration& c = BuiltInPairCalibration();
  const PairScorer scorer = *PairScorer::Create({"arcface_ms1m"});
  for (double rate : {1e-4, 1e-5, 1e-6}) {
    const float threshold = scorer.ThresholdFor(rate);
    for (float quality = 0.05f; quality <= 1; quality += 0.05f) {
      float cosine = 0;
      while (cosine < 1 && scorer.LogOdds(std::vector<float>{cosine}, quality, quality) <= threshold)
        cosine += 0.001f;
      if (cosine >= 1) continue;  // so poor that no pair of pictures exceeds the threshold
      const double scatter = 1 + c.tail_growth * std::max(0.0, c.tail_quality - quality);
      const double score = (cosine - c.models[0].impostor_mean) / c.models[0].impostor_sd / scatter;
      const double above = 0.5 * std::erfc((score - c.tail_mean) / c.tail_sd / std::sqrt(2.0));
      EXPECT_LT(above, 3 * rate) << "quality " << quality << " cosine " << cosine;
    }
  }
}

TEST(PairScorer, ProbabilityIsTheLogistic) {
  EXPECT_FLOAT_EQ(PairScorer::Probability(0), 0.5f);
  EXPECT_NEAR(PairScorer::Probability(std::log(9.0f)), 0.9f, 1e-6);
  EXPECT_EQ(PairScorer::Probability(-1000), 0);
  EXPECT_EQ(PairScorer::Probability(1000), 1);
}

TEST(PairScorer, ModelsWithoutCalibrationAreSilent) {
  const auto scorer = PairScorer::Create({"vgg_face", "two"}, TwoNets());
  ASSERT_TRUE(scorer.ok());
  EXPECT_THAT(scorer->silent_models(), ElementsAre("vgg_face"));
  EXPECT_FLOAT_EQ(scorer->LogOdds(std::vector<float>{-0.9f, 0.5f}, 1, 1),
                  Scorer({"two"}).LogOdds(std::vector<float>{0.5f}, 1, 1));
  EXPECT_TRUE(std::isnan(scorer->LogOdds(std::vector<float>{0.9f, kNone}, 1, 1)));
  EXPECT_EQ(PairScorer::Create({"vgg_face"}, TwoNets()).status().code(), StatusCode::kNotFound);
}

TEST(PairScorer, RefusesWrongEnsembles) {
  EXPECT_EQ(PairScorer::Create({}, TwoNets()).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(PairScorer::Create({"one", "one"}, TwoNets()).status().code(), StatusCode::kInvalidArgument);
  EXPECT_THROW(Scorer({"one"}).LogOdds(std::vector<float>{0.1f, 0.2f}, 1, 1), std::logic_error);
}

TEST(PairCalibration, ComesBackFromJsonAsItWas) {
  const PairCalibration built_in = BuiltInPairCalibration();
  const std::string json = PairCalibrationToJson(built_in);
  const auto again = ParsePairCalibration(json);
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_EQ(PairCalibrationToJson(*again), json);
  EXPECT_EQ(again->models.size(), built_in.models.size());
  EXPECT_EQ(again->correlation, built_in.correlation);
}

TEST(PairCalibration, RefusesWhatMakesNoSenseAndSaysWhy) {
  const auto complaint = [](void (*spoil)(PairCalibration*)) {
    PairCalibration c = TwoNets();
    spoil(&c);
    const auto parsed = ParsePairCalibration(PairCalibrationToJson(c));
    return parsed.ok() ? "accepted" : parsed.status().message();
  };
  EXPECT_THAT(complaint([](PairCalibration*) {}), "accepted");
  EXPECT_THAT(complaint([](PairCalibration* c) { c->models[1].impostor_sd = 0; }),
              ::testing::HasSubstr("two: impostor_sd"));
  EXPECT_THAT(complaint([](PairCalibration* c) { c->models[0].genuine_mean = -1; }),
              ::testing::HasSubstr("one: genuine_mean"));
  EXPECT_THAT(complaint([](PairCalibration* c) { c->correlation[1] = 0.4; }),
              ::testing::HasSubstr("symmetric"));
  EXPECT_THAT(complaint([](PairCalibration* c) { c->slope = -1; }), ::testing::HasSubstr("scale"));
  EXPECT_THAT(ParsePairCalibration("{}").status().message(), ::testing::HasSubstr("even_odds"));
  EXPECT_EQ(ParsePairCalibration("[").status().code(), StatusCode::kCorrupt);
}

TEST(PairScorer, TheFalseMatchRateOfAThresholdIsTheRateThatItWasAskedFor) {
  const PairScorer scorer = Scorer({"one", "two"});
  for (const double rate : {0.3, 1e-2, 1e-4, 1e-7})
    EXPECT_NEAR(scorer.FalseMatchRateAt(scorer.ThresholdFor(rate)) / rate, 1, 1e-3) << rate;
  EXPECT_EQ(scorer.FalseMatchRateAt(-100), 0.5);
  EXPECT_LT(scorer.FalseMatchRateAt(30), scorer.FalseMatchRateAt(29));
}

}  // namespace
}  // namespace crossface
