#include "crossface/embed/fitted_calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "crossface/embed/pair_scorer.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kWeights(64, 'a'), kOtherWeights(64, 'b');

FittedCalibration Fitted(const std::string& model = "vgg_face", const std::string& sha256 = kWeights) {
  FittedCalibration fitted{.numbers = {model, 0.25, 0.125, 0.75, 0.5},
                           .model_sha256 = sha256,
                           .beside = {{{"arcface_ms1m", kOtherWeights}, 0.5}},
                           .made = "2026-11-29T21:00:00Z",
                           .made_by = "0.1.0",
                           .people = 50,
                           .photos = 200,
                           .same_pairs = 300,
                           .different_pairs = 19600,
                           .alone = {{0.01, 90, 9800, 0.9}},
                           .together = {{0.01, 80, 9800, 0.95}}};
  fitted.log_loss = 0.125;
  fitted.equal_error_rate = 0.0625;
  return fitted;
}

class FittedCalibrationTest : public ::testing::Test {
 protected:
  const fs::path& folder() const { return scratch_.path(); }
  fs::path File(const std::string& sha256 = kWeights) const { return *CalibrationFile(sha256, folder()); }
  void Write(const FittedCalibration& fitted) const {
    const Status written = WriteFittedCalibration(fitted, folder());
    ASSERT_TRUE(written.ok()) << written.message();
  }
  testing::ScratchFolder scratch_;
};

TEST_F(FittedCalibrationTest, ComesBackFromItsFileAsItWas) {
  Write(Fitted());
  const auto read = ReadFittedCalibration({"vgg_face", kWeights}, folder());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(FittedCalibrationToJson(*read), FittedCalibrationToJson(Fitted()));
  EXPECT_EQ(read->alone.front().wrong, 90);
  EXPECT_EQ(read->together.front().found, 0.95);
  EXPECT_EQ(read->beside.front().model.first, "arcface_ms1m");
}

TEST_F(FittedCalibrationTest, GivesAModelItsVoteAndOnlyWithTheseWeights) {
  const std::vector<std::string> both = {"arcface_ms1m", "vgg_face"};
  Write(Fitted());
  const auto known = CalibrationOf({{"arcface_ms1m", kOtherWeights}, {"vgg_face", kWeights}}, folder());
  ASSERT_TRUE(known.ok()) << known.status().message();
  ASSERT_EQ(known->fitted.size(), 1u);
  const auto scorer = PairScorer::Create(both, known->calibration);
  EXPECT_THAT(scorer->silent_models(), ElementsAre());
  // Sum of say * deviations from strangers, divided by what the correlation of .5 gives it.
  const auto& arcface = BuiltInPairCalibration().models[0];
  const double one = (0.5 - arcface.impostor_mean) / arcface.impostor_sd, two = 0.5 * (0.5 - 0.25) / 0.125;
  EXPECT_NEAR(scorer->Pool(std::vector<float>{0.5f, 0.5f}).score,
              (one + two) / std::sqrt(1 + 0.25 + 2 * 0.5 * 0.5), 1e-4);

  const auto other = CalibrationOf({{"arcface_ms1m", kOtherWeights}, {"vgg_face", kOtherWeights}}, folder());
  ASSERT_TRUE(other.ok());
  EXPECT_THAT(PairScorer::Create(both, other->calibration)->silent_models(), ElementsAre("vgg_face"));
}

TEST_F(FittedCalibrationTest, ACompiledInCalibrationWinsUnlessTheUserSaysOtherwise) {
  FittedCalibration fitted = Fitted("arcface_foamliu");
  Write(fitted);
  const ModelVersion model = {"arcface_foamliu", kWeights};
  EXPECT_EQ(PairCalibrationToJson(CalibrationOf({model}, folder())->calibration),
            PairCalibrationToJson(BuiltInPairCalibration()));
  fitted.replaces_built_in = true;
  Write(fitted);
  const PairCalibration replaced = CalibrationOf({model}, folder())->calibration;
  EXPECT_EQ(replaced.models.size(), BuiltInPairCalibration().models.size());
  EXPECT_EQ(replaced.models[1].impostor_mean, 0.25);
  EXPECT_EQ(replaced.correlation[1], 0.5);
  EXPECT_EQ(replaced.correlation[replaced.models.size()], 0.5);
  EXPECT_TRUE(ParsePairCalibration(PairCalibrationToJson(replaced)).ok());
}

TEST_F(FittedCalibrationTest, WhatIsNotKnownOfTwoModelsJoinsNobody) {
  FittedCalibration alone = Fitted();
  alone.beside.clear();
  PairCalibration calibration = BuiltInPairCalibration();
  AddModel(alone, {}, &calibration);
  const auto beside = *PairScorer::Create({"arcface_ms1m", "vgg_face"}, calibration);
  const auto arcface = *PairScorer::Create({"arcface_ms1m"}, calibration);
  // Two that say the same say no more than one: the sum grows as its deviation does.
  const double sd = calibration.models[0].impostor_sd, mean = calibration.models[0].impostor_mean;
  const auto cosines = std::vector<float>{static_cast<float>(mean + 4 * sd), 0.25f + 4 * 0.125f};
  EXPECT_NEAR(beside.Pool(cosines).score, arcface.Pool(std::vector{cosines[0]}).score, 0.02);
}

TEST_F(FittedCalibrationTest, TwoFittedModelsAreKnownToEachOtherByTheirWeights) {
  Write(Fitted());
  FittedCalibration second = Fitted("sface", kOtherWeights);
  second.beside = {{{"vgg_face", kWeights}, 0.25}};
  Write(second);
  const auto correlation_of = [&](const PairCalibration& calibration) {
    const size_t models = calibration.models.size();
    return calibration.correlation[(models - 1) * models + models - 2];
  };
  const std::vector<ModelVersion> both = {{"sface", kOtherWeights}, {"vgg_face", kWeights}};
  EXPECT_EQ(correlation_of(CalibrationOf(both, folder())->calibration), 0.25);
  second.beside = {{{"vgg_face", std::string(64, 'c')}, 0.25}};
  Write(second);
  EXPECT_EQ(correlation_of(CalibrationOf(both, folder())->calibration), kUnknownCorrelation);
}

TEST_F(FittedCalibrationTest, WrongFilesAreRefusedByName) {
  const auto complaint = [&](const std::string& content) {
    EXPECT_TRUE(WriteFileAtomically(File(), content).ok());
    const auto read = CalibrationOf({{"vgg_face", kWeights}}, folder());
    EXPECT_EQ(read.status().code(), StatusCode::kCorrupt);
    EXPECT_THAT(read.status().message(), HasSubstr(File().string()));
    EXPECT_THAT(read.status().message(), HasSubstr("calibrate the network anew"));
    return read.status().message();
  };
  const std::string whole = FittedCalibrationToJson(Fitted());
  EXPECT_THAT(complaint(whole.substr(0, whole.size() / 2)), HasSubstr("cannot be read"));
  EXPECT_THAT(complaint("{}"), HasSubstr("format"));
  EXPECT_THAT(complaint(FittedCalibrationToJson(Fitted("vgg_face", kOtherWeights))),
              HasSubstr("other weights"));
  EXPECT_THAT(complaint(FittedCalibrationToJson(Fitted("sface"))), HasSubstr("it is of sface"));
  const auto spoilt = [&](void (*spoil)(FittedCalibration*)) {
    FittedCalibration fitted = Fitted();
    spoil(&fitted);
    return complaint(FittedCalibrationToJson(fitted));
  };
  EXPECT_THAT(spoilt([](FittedCalibration* f) { f->numbers.impostor_sd = 0; }), HasSubstr("impostor_sd"));
  EXPECT_THAT(spoilt([](FittedCalibration* f) { f->numbers.genuine_mean = 0.2; }), HasSubstr("genuine_mean"));
  EXPECT_THAT(spoilt([](FittedCalibration* f) { f->numbers.weight = 50; }), HasSubstr("weight"));
  EXPECT_THAT(spoilt([](FittedCalibration* f) { f->beside[0].correlation = -1; }), HasSubstr("correlation"));
  EXPECT_THAT(spoilt([](FittedCalibration* f) { f->alone[0].wrong = 10'000; }), HasSubstr("rate"));
  EXPECT_THAT(spoilt([](FittedCalibration* f) {
                f->numbers.impostor_mean = std::numeric_limits<double>::quiet_NaN();
              }),
              HasSubstr("cannot be read"));
}

// A gallery from anywhere names the weights of its vectors.
TEST_F(FittedCalibrationTest, WhatIsNoHashOfWeightsNeverBecomesAPath) {
  Write(Fitted());
  fs::create_directory(folder() / "inner");
  const std::string outside = "../" + kWeights;
  EXPECT_EQ(CalibrationFile(outside, folder() / "inner").status().code(), StatusCode::kInvalidArgument);
  const auto known = CalibrationOf({{"vgg_face", outside}}, folder() / "inner");
  ASSERT_TRUE(known.ok());
  EXPECT_TRUE(known->fitted.empty());
}

TEST(CalibrationFolder, IsTheUsersUnlessTheEnvironmentSaysOtherwise) {
  ::setenv("CROSSFACE_CALIBRATIONS", "/own", 1);
  EXPECT_EQ(CalibrationFolder(), "/own");
  ::unsetenv("CROSSFACE_CALIBRATIONS");
  ::setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(CalibrationFolder(), "/data/crossface/calibrations");
  ::unsetenv("XDG_DATA_HOME");
}

}  // namespace
}  // namespace crossface
