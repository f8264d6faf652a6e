#include "crossface/calibration/model_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/calibration/made_people_for_test.h"
#include "crossface/embed/pair_scorer.h"

namespace crossface {
namespace {

using testing::BuiltInAlone;
using ::testing::HasSubstr;
using testing::kMadeModels;
using testing::MadeDirection;
using testing::MadePeople;
using testing::MadeVector;

Result<FittedCalibration> Fit(const std::vector<LabelledFace>& faces) {
  return FitModel(faces, kMadeModels, 1, BuiltInAlone());
}

TEST(FitModel, FindsWhatTheCosinesOfPairsMean) {
  const auto fit = Fit(MadePeople(60, 3, 0.68f, 0.6f));
  ASSERT_TRUE(fit.ok()) << fit.status().message();
  EXPECT_EQ(fit->numbers.model, "vgg_face");
  EXPECT_EQ(fit->model_sha256, kMadeModels[1].second);
  EXPECT_NEAR(fit->numbers.impostor_mean, 0, 0.01);
  EXPECT_NEAR(fit->numbers.impostor_sd, 0.1, 0.01);
  EXPECT_NEAR(fit->numbers.genuine_mean, 0.6, 0.02);
  EXPECT_EQ(fit->people, 60);
  EXPECT_EQ(fit->photos, 180);
  EXPECT_EQ(fit->same_pairs, 180);
  EXPECT_EQ(fit->different_pairs, 180 * 179 / 2 - 180);
  // Both see people from another side each.
  ASSERT_EQ(fit->beside.size(), 1u);
  EXPECT_EQ(fit->beside[0].model, kMadeModels[0]);
  EXPECT_NEAR(fit->beside[0].correlation, 0, 0.05);
  EXPECT_GT(fit->numbers.weight, 0.5);
}

TEST(FitModel, TellsHowItDoesOnPeopleWhoWereNotFitted) {
  const auto fit = Fit(MadePeople(60, 3, 0.68f, 0.6f));
  ASSERT_TRUE(fit.ok()) << fit.status().message();
  // Pairs within either half: one in 100 has enough of them above it, one in 10,000 has not.
  ASSERT_EQ(fit->alone.size(), 1u);
  EXPECT_EQ(fit->alone[0].promised, 0.01);
  EXPECT_EQ(fit->alone[0].pairs, 2 * (90 * 89 / 2 - 90));
  EXPECT_GT(fit->alone[0].wrong, 0);
  EXPECT_LT(fit->alone[0].wrong, fit->alone[0].pairs / 50);
  EXPECT_GT(fit->alone[0].found, 0.95);
  EXPECT_LT(fit->equal_error_rate, 0.02);
  EXPECT_LT(fit->log_loss, 0.1);
  ASSERT_EQ(fit->together.size(), 1u);
  EXPECT_GE(fit->together[0].found, fit->alone[0].found);
}

// A network that sees strangers now and then as alike: a normal tail is too thin for it.
TEST(FitModel, TakesTheDeviationAsWideAsTheTailNeeds) {
  auto faces = MadePeople(80, 3, 0.68f, 0.75f);
  for (LabelledFace& face : faces) {
    // One in ten people has a look that is not much of one's own.
    if (face.person % 10 < 8) continue;
    face.vectors[1] =
        MadeVector(MadeVector(MadeDirection(7), 0.4f, 20'000u + static_cast<unsigned>(face.person)), 0.75f,
                   30'000u + static_cast<unsigned>(face.photo));
  }
  const auto plain = Fit(MadePeople(80, 3, 0.68f, 0.75f)), fit = Fit(faces);
  ASSERT_TRUE(plain.ok() && fit.ok()) << fit.status().message();
  EXPECT_GT(fit->numbers.impostor_sd, 1.2 * plain->numbers.impostor_sd);
}

TEST(FitModel, OneThatSaysTheSameAsAnotherHasNoSayOfItsOwn) {
  auto faces = MadePeople(60, 3, 0.68f, 0.6f);
  for (size_t i = 0; i < faces.size(); ++i)
    faces[i].vectors[1] = MadeVector(faces[i].vectors[0], 0.9f, 50'000u + static_cast<unsigned>(i));
  const auto fit = Fit(faces);
  ASSERT_TRUE(fit.ok()) << fit.status().message();
  EXPECT_GT(fit->beside[0].correlation, 0.7);
  EXPECT_LT(fit->numbers.weight, 0.3);
}

TEST(FitModel, RefusesTooFewPeopleAndSaysHowManyThereMustBe) {
  auto faces = MadePeople(kFewestPeople - 1, 3, 0.68f, 0.6f);
  // Somebody with one photo tells nothing about pairs of one person.
  const auto further = MadePeople(kFewestPeople + 5, 1, 0.68f, 0.6f);
  for (LabelledFace face : further) {
    face.person += 1000;
    face.photo += 1000;
    faces.push_back(std::move(face));
  }
  const auto fit = Fit(faces);
  EXPECT_EQ(fit.status().code(), StatusCode::kUnsupported);
  EXPECT_THAT(fit.status().message(),
              HasSubstr("39 people with two usable photos or more are too few: below 40"));
}

TEST(FitModel, RefusesAModelThatHardlyTellsPeopleApart) {
  const auto fit = Fit(MadePeople(60, 3, 0.68f, 0.12f));
  EXPECT_EQ(fit.status().code(), StatusCode::kUnsupported);
  EXPECT_THAT(fit.status().message(), HasSubstr("hardly tells the people of these photos apart"));
}

// Half of the people are of one kind that the network cannot tell apart: what the others show promises too
// much for them.
TEST(FitModel, RefusesWhatDoesNotHoldOnPeopleWhoWereNotFitted) {
  auto faces = MadePeople(60, 3, 0.68f, 0.7f);
  for (LabelledFace& face : faces) {
    if (face.person % 2 == 0) continue;
    face.vectors[1] =
        MadeVector(MadeVector(MadeDirection(7), 0.35f, 20'000u + static_cast<unsigned>(face.person)), 0.7f,
                   30'000u + static_cast<unsigned>(face.photo));
  }
  const auto fit = Fit(faces);
  EXPECT_EQ(fit.status().code(), StatusCode::kUnsupported);
  EXPECT_THAT(fit.status().message(), HasSubstr("do not hold on people who were not fitted"));
}

}  // namespace
}  // namespace crossface
