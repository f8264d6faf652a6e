// evaluate, end to end, through the program itself, on real footage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunProgram;
using Json = nlohmann::json;

class Evaluate : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  }
  fs::path folder() const { return scratch_.path() / "case"; }
  void Identify(const std::vector<std::string>& names) {
    fs::create_directories(scratch_.path() / "videos");
    for (const std::string& name : names)
      fs::copy_file(testing::SharedFolder() / "data/videos" / name, scratch_.path() / "videos" / name);
    const auto run =
        RunProgram({"identify", (scratch_.path() / "videos").string(), "--case", folder().string()});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  std::string Run(const std::string& truth_rows, std::vector<std::string> more) {
    std::ofstream(scratch_.path() / "truth.csv") << "video,person,start_s,end_s,visibility\n" << truth_rows;
    std::vector<std::string> arguments = {"evaluate", folder().string(), "--truth",
                                          (scratch_.path() / "truth.csv").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = RunProgram(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.out;
  }

  testing::ScratchFolder scratch_;
};

// Every picture that is named anywhere below.
void CollectPictures(const Json& json, std::vector<std::string>* pictures) {
  if (json.is_object() && json.contains("picture") && json["picture"] != "")
    pictures->push_back(json["picture"]);
  if (!json.is_structured()) return;
  for (const Json& child : json) CollectPictures(child, pictures);
}

TEST_F(Evaluate, EveryKindOfMistakeIsShownWithPicturesThatExist) {
  // One woman signs in again, brother and help, a man in book. The truth pretends that she is Ida in again
  // and Eva in brother, that the man is Ida too, that nobody is in help, and that Gus is in a video without
  // faces.
  Identify({"asl_again.mkv", "asl_brother.mkv", "asl_help.mkv", "asl_book.mkv", "pf_no_face.mp4"});
  const std::string truth =
      "asl_again,Ida,0,60,clear\nasl_brother,Eva,0,1.5,clear\nasl_book,Ida,0,60,clear\npf_no_face,Gus,0,1,"
      "clear\n";
  const Json answer = Json::parse(Run(truth, {"--json"}));
  const Json& worst = answer["worst"];
  ASSERT_EQ(worst["mixed"].size(), 1u) << worst.dump(1);
  const std::string folder_of_both = worst["mixed"][0]["person"];
  EXPECT_THAT(worst["mixed"][0]["parts"].dump(), HasSubstr("\"Ida\""));
  EXPECT_THAT(worst["mixed"][0]["parts"].dump(), HasSubstr("\"Eva\""));
  EXPECT_THAT(worst["split"].dump(), HasSubstr("Ida"));
  EXPECT_THAT(worst["missed"].dump(), HasSubstr("pf_no_face.mp4"));
  ASSERT_EQ(worst["nobody"].size(), 1u);
  EXPECT_EQ(worst["nobody"][0]["source"], "asl_help.mkv");

  for (const char* kind : {"mixed", "split", "nobody"}) {
    std::vector<std::string> pictures;
    CollectPictures(worst[kind], &pictures);
    EXPECT_FALSE(pictures.empty()) << kind;
  }
  std::vector<std::string> pictures;
  CollectPictures(answer, &pictures);
  for (const std::string& picture : pictures) EXPECT_TRUE(fs::is_regular_file(folder() / picture)) << picture;

  EXPECT_EQ(answer["confidence"]["sources"], 5);
  for (const Json& bound : answer["confidence"]["intervals"]["time"]["recall"]) EXPECT_LE(bound, 1.0);
  const std::string plain = Run(truth, {"--resamples", "100", "--worst", "1"});
  EXPECT_THAT(plain, HasSubstr("95 % intervals from 100 draws of 5 videos"));
  EXPECT_THAT(plain, HasSubstr("persons that mix people: 1\n  " + folder_of_both));
  EXPECT_THAT(plain, HasSubstr("people/" + folder_of_both + "/faces/asl_"));

  // A picture that is not there is not named.
  for (const std::string& picture : pictures) fs::remove(folder() / picture);
  const Json without = Json::parse(Run(truth, {"--json"}));
  pictures.clear();
  CollectPictures(without, &pictures);
  EXPECT_TRUE(pictures.empty());
  EXPECT_EQ(without["bcubed"], answer["bcubed"]);
}

TEST_F(Evaluate, OneVideoHasNoIntervals) {
  Identify({"asl_again.mkv"});
  const std::string truth = "asl_again,Ida,0,60,clear\n";
  EXPECT_THAT(Run(truth, {}), HasSubstr("no intervals: there is one video"));
  EXPECT_THAT(Run(truth, {}), Not(HasSubstr("[")));
  EXPECT_EQ(Json::parse(Run(truth, {"--json"}))["confidence"]["intervals"], Json::object());
}

}  // namespace
}  // namespace crossface
