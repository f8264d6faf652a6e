#include "crossface/calibration/calibrate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "crossface/calibration/made_people_for_test.h"
#include "crossface/calibration/model_fit.h"
#include "crossface/testing/fake_models.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::MadeDirection;
using testing::MadeVector;

constexpr int kCode = 8;  // pixels of the square in the corner whose colour says whom the photo shows

struct Painted {
  int person = 0, photo = 0;
  bool second_face = false;
  float scale = 1;  // of the picture, once it is painted
};

// A face as fake_models.h finds it, sharp and well lit.
cv::Mat Paint(const Painted& painted) {
  cv::Mat picture(240, 240, CV_8UC3, cv::Scalar(128, 128, 128));
  const auto face = [&](const cv::Rect& at) {
    cv::Mat noise(at.size(), CV_16SC1), grained[3];
    cv::RNG random(static_cast<uint64_t>(painted.person * 100 + painted.photo + 1));
    random.fill(noise, cv::RNG::UNIFORM, -25, 26);
    for (int channel = 0; channel < 3; ++channel)
      noise.convertTo(grained[channel], CV_8U, 1, testing::kPersonColours[0][channel]);
    cv::merge(grained, 3, picture(at));
  };
  face({70, 50, 100, 140});
  if (painted.second_face) face({180, 10, 30, 40});
  picture(cv::Rect(0, 0, kCode, kCode)).setTo(cv::Scalar(painted.person, painted.photo, 7));
  if (painted.scale < 1) {
    const cv::Mat small = picture(cv::Rect(0, 0, 240, 240)).clone();
    cv::resize(small, picture, {}, painted.scale, painted.scale, cv::INTER_AREA);
    picture(cv::Rect(0, 0, kCode, kCode)).setTo(cv::Scalar(painted.person, painted.photo, 7));
  }
  return picture;
}

// Knows who is painted; each model has another view of people, and each photo is a little different.
class PaintedEmbedder final : public Embedder {
 public:
  PaintedEmbedder(std::string name, unsigned view, char weights)
      : name_(std::move(name)), view_(view), sha256_(64, weights) {}
  const std::string& name() const override { return name_; }
  const std::string& sha256() const override { return sha256_; }
  int dimensions() const override { return testing::kMadeDimensions; }
  Result<std::vector<Embedding>> Embed(std::span<const FacePicture> faces) const override {
    std::vector<Embedding> embeddings;
    for (const FacePicture& face : faces) {
      const cv::Vec3b code = face.bgr.at<cv::Vec3b>(kCode / 2, kCode / 2);
      const unsigned who = code[0] * 10u + view_, photo = 100'000u + code[0] * 1000u + code[1] * 10u + view_;
      embeddings.push_back({MadeVector(MadeDirection(who), 0.68f, photo), 1});
    }
    return embeddings;
  }

 private:
  const std::string name_;
  const unsigned view_;
  const std::string sha256_;
};

class CalibrateTest : public ::testing::Test {
 protected:
  CalibrateTest() {
    options_.photos = scratch_.path() / "photos";
    options_.calibrations = scratch_.path() / "calibrations";
    options_.threads = 2;
    models_.tools.finder = testing::FakeFinder();
    models_.tools.embedders.push_back(std::make_unique<PaintedEmbedder>("arcface_ms1m", 1, 'a'));
    models_.tools.embedders.push_back(std::make_unique<PaintedEmbedder>("vgg_face", 2, 'b'));
    models_.fitted = {"vgg_face"};
  }

  fs::path Put(int folder, const Painted& painted) const {
    fs::path file =
        options_.photos / fmt::format("person {:02}/{:02}-{:02}.png", folder, painted.person, painted.photo);
    fs::create_directories(file.parent_path());
    EXPECT_TRUE(cv::imwrite(file.string(), Paint(painted)));
    return file;
  }
  void PutPeople(int people, int photos) const {
    for (int person = 0; person < people; ++person) {
      for (int photo = 0; photo < photos; ++photo) Put(person, {.person = person, .photo = photo});
    }
  }
  Status Run() { return Calibrate(models_, options_, &summary_); }
  bool NothingIsKept() const { return !fs::exists(options_.calibrations); }

  testing::ScratchFolder scratch_;
  CalibrateOptions options_;
  CalibrateModels models_;
  CalibrateSummary summary_;
};

TEST_F(CalibrateTest, KeepsAFitAndTellsWhatWasLeftOut) {
  PutPeople(44, 3);
  Put(2, {.person = 2, .photo = 8, .second_face = true});
  const fs::path poor = Put(3, {.person = 3, .photo = 8, .scale = 0.15f});
  const fs::path twice = options_.photos / "person 04/again.png";
  fs::copy(options_.photos / "person 04/04-00.png", twice);
  const fs::path wrong = Put(5, {.person = 99, .photo = 0});
  const cv::Mat blank(200, 200, CV_8UC3, cv::Scalar(128, 128, 128));
  const fs::path faceless = options_.photos / "person 06/blank.png";
  ASSERT_TRUE(cv::imwrite(faceless.string(), blank));
  ASSERT_TRUE(WriteFileAtomically(options_.photos / "person 07/broken.jpg", "no picture").ok());
  fs::create_directories(options_.photos / "person 77");

  const Status status = Run();
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(summary_.people, 44);
  EXPECT_EQ(summary_.photos, 44 * 3 + 6);
  EXPECT_EQ(summary_.unreadable, 1);
  EXPECT_EQ(summary_.faceless, 1);
  EXPECT_EQ(summary_.several_faces, 1);
  EXPECT_EQ(summary_.poor, 1);
  EXPECT_EQ(summary_.one_picture_twice, 1);
  EXPECT_EQ(summary_.doubtful, 1);
  EXPECT_EQ(summary_.used, 44 * 3 + 1);
  for (const std::string& named : {poor.string(), twice.string(), wrong.string(), faceless.string(),
                                   std::string("broken.jpg"), std::string("person 77")})
    EXPECT_THAT(summary_.notes, Contains(HasSubstr(named)));

  ASSERT_EQ(summary_.models.size(), 1u);
  EXPECT_EQ(summary_.models[0].name, "vgg_face");
  EXPECT_EQ(summary_.models[0].photos, summary_.used);
  const auto known = CalibrationOf({{"vgg_face", std::string(64, 'b')}}, options_.calibrations);
  ASSERT_TRUE(known.ok()) << known.status().message();
  ASSERT_EQ(known->fitted.size(), 1u);
  EXPECT_NEAR(known->fitted[0].numbers.genuine_mean, 0.68, 0.02);
  EXPECT_EQ(known->fitted[0].made.size(), std::string("2026-11-29T21:00:00Z").size());
  EXPECT_FALSE(known->fitted[0].made_by.empty());
  EXPECT_FALSE(known->fitted[0].replaces_built_in);
}

TEST_F(CalibrateTest, TheSameWhateverTheNumberOfThreads) {
  PutPeople(42, 2);
  ASSERT_TRUE(Run().ok());
  const std::string file = summary_.models.at(0).file;
  FittedCalibration two = *ParseFittedCalibration(*ReadFile(file));
  options_.threads = 1;
  ASSERT_TRUE(Run().ok());
  FittedCalibration one = *ParseFittedCalibration(*ReadFile(file));
  one.made = two.made;
  EXPECT_EQ(FittedCalibrationToJson(one), FittedCalibrationToJson(two));
}

TEST_F(CalibrateTest, RefusesOnePictureUnderTwoNames) {
  PutPeople(42, 2);
  const fs::path one = options_.photos / "person 01/01-01.png",
                 other = options_.photos / "person 02/copy.png";
  fs::copy(one, other);
  const Status status = Run();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_THAT(status.message(), HasSubstr(one.string()));
  EXPECT_THAT(status.message(), HasSubstr(other.string()));
  EXPECT_TRUE(NothingIsKept());
}

TEST_F(CalibrateTest, RefusesLabelsThatAreOftenWrong) {
  PutPeople(42, 3);
  for (int person = 0; person < 20; ++person) Put(person, {.person = 100 + person, .photo = 0});
  const Status status = Run();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_THAT(status.message(), HasSubstr("the labels cannot be trusted: 20 of 146 photos"));
  EXPECT_EQ(summary_.doubtful, 20);
  EXPECT_TRUE(NothingIsKept());
}

TEST_F(CalibrateTest, RefusesTooFewPeopleAndFoldersOfNobody) {
  fs::create_directories(options_.photos / "Ann");
  EXPECT_EQ(Run().code(), StatusCode::kNotFound);
  PutPeople(3, 3);
  summary_ = {};
  const Status status = Run();
  EXPECT_THAT(status.message(), HasSubstr(fmt::format("are too few: below {}", kFewestPeople)));
  EXPECT_EQ(summary_.used, 9);
  EXPECT_THAT(summary_.notes, Contains(HasSubstr("without photos: Ann")));
  EXPECT_TRUE(NothingIsKept());
}

TEST_F(CalibrateTest, NeedsACalibratedModelToLookAtTheLabels) {
  PutPeople(2, 2);
  models_.tools.embedders.erase(models_.tools.embedders.begin());
  const Status status = Run();
  EXPECT_EQ(status.code(), StatusCode::kModelMissing);
  EXPECT_EQ(status.remedy(), Remedy::kInstallModels);
}

TEST_F(CalibrateTest, AStopKeepsNothing) {
  PutPeople(42, 2);
  int64_t read = 0;
  std::stop_source stop;
  options_.progress = [&](int64_t done, int64_t total) {
    read = done;
    EXPECT_EQ(total, 84);
    if (done == 5) stop.request_stop();
  };
  options_.stop = stop.get_token();
  EXPECT_EQ(Run().code(), StatusCode::kInterrupted);
  EXPECT_LT(read, 20);
  EXPECT_TRUE(NothingIsKept());
}

TEST_F(CalibrateTest, RefusesModelsThatThereIsNothingToFitOf) {
  options_.models = scratch_.path() / "no models";
  const auto refusal = [&](const std::vector<std::string>& embedders) {
    options_.embedders = embedders;
    return LoadModels(options_).status();
  };
  EXPECT_EQ(refusal({"vgg_face"}).code(), StatusCode::kModelMissing);
  EXPECT_EQ(refusal({"scrfd_500m"}).code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(refusal({}).message(), HasSubstr("nothing to fit"));
  ASSERT_TRUE(WriteFileAtomically(options_.models / FindModel("arcface_ms1m")->file, "weights").ok());
  EXPECT_EQ(refusal({"arcface_ms1m"}).remedy(), Remedy::kOverride);
}

}  // namespace
}  // namespace crossface
