// Known people, end to end, through the program itself, on real photos.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

class EnrolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/stills/lfw");
    CROSSFACE_NEEDS_SHARED("data/videos/asl_again.mkv");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  }
  static std::string Photo(const std::string& name) {
    return (testing::SharedFolder() / "data/stills/lfw" / name.substr(0, name.rfind('_')) / name).string();
  }
  std::string In(const std::string& name) const { return (scratch_.path() / name).string(); }
  std::string Copy(const std::string& photo, const std::string& folder) {
    fs::create_directories(scratch_.path() / folder);
    fs::copy_file(Photo(photo), scratch_.path() / folder / photo);
    return (scratch_.path() / folder / photo).string();
  }
  Json People(std::vector<std::string> words, const std::string& of_case, int exit_code = 0) {
    words.insert(words.begin(), "people");
    words.insert(words.end(), {"--case", In(of_case), "--json"});
    const auto run = testing::RunProgram(words);
    EXPECT_EQ(run.exit_code, exit_code) << run.err;
    return Json::parse(run.out, nullptr, false);
  }
  std::vector<std::string> Names(const std::string& of_case) {
    std::vector<std::string> names;
    const Json people = People({"list"}, of_case);
    for (const Json& person : people["persons"]) names.push_back(person["name"]);
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string Refusal(const std::vector<std::string>& words, const std::string& of_case) {
    const Json answer = People(words, of_case, 2);
    return answer.at("error").value("remedy", "") + ": " + answer["error"].value("message", "");
  }
  testing::ScratchFolder scratch_;
};

TEST_F(EnrolTest, BeforeTheFootageAndAfterItAndTakenToAnotherCase) {
  for (const char* photo :
       {"Tom_Hanks_0002.jpg", "Tom_Hanks_0005.jpg", "Halle_Berry_0001.jpg", "Halle_Berry_0002.jpg"})
    Copy(photo, "footage");
  People({"enrol", "Tom Hanks", Photo("Tom_Hanks_0003.jpg")}, "case");
  EXPECT_EQ(testing::RunProgram({"verify", In("case")}).exit_code, 0) << "a case without footage is whole";
  ASSERT_EQ(testing::RunProgram({"identify", In("footage"), "--case", In("case")}).exit_code, 0);
  EXPECT_THAT(Names("case"), ElementsAre("Tom Hanks (by reference)", "person-0001"));
  const Json after = People({"enrol", "Halle Berry", Photo("Halle_Berry_0004.jpg")}, "case");
  EXPECT_EQ(after["named"].size(), 1u);
  EXPECT_THAT(Names("case"), ElementsAre("Halle Berry (by reference)", "Tom Hanks (by reference)"));
  EXPECT_TRUE(fs::exists(scratch_.path() / "case/people/Halle Berry (by reference)"));

  ASSERT_EQ(testing::RunProgram({"identify", In("footage"), "--case", In("second")}).exit_code, 0);
  EXPECT_EQ(People({"enrol", "--from", In("case")}, "second")["enrolled"].size(), 2u);
  EXPECT_EQ(Names("second"), Names("case"));
  EXPECT_EQ(People({"enrol", "--from", In("case")}, "second")["enrolled"].size(), 0u) << "they are there";

  Copy("Tom_Hanks_0003.jpg", "known/Mr Hanks");
  Copy("Halle_Berry_0004.jpg", "known/person-0007");
  ASSERT_EQ(testing::RunProgram({"identify", In("footage"), "--case", In("third")}).exit_code, 0);
  const Json folders = People({"enrol", "--from", In("known")}, "third");
  EXPECT_EQ(folders["enrolled"].size(), 1u);
  EXPECT_THAT(folders["warnings"].dump(), HasSubstr("person-0007"));
  EXPECT_THAT(Names("third"), ElementsAre("Mr Hanks (by reference)", "person-0001"));
}

TEST_F(EnrolTest, WhatCannotTellWhoSomebodyIsIsRefusedAndMakesNoCase) {
  const std::string two = Photo("Tom_Hanks_0001.jpg");
  EXPECT_THAT(Refusal({"enrol", "Tom", two}, "case"), HasSubstr("choose face: "));
  EXPECT_THAT(Refusal({"enrol", "Tom", two, "--face", "9"}, "case"), HasSubstr("there is no face 9"));
  EXPECT_THAT(
      Refusal({"enrol", "Tom", (testing::SharedFolder() / "data/videos/asl_again.mkv").string()}, "case"),
      HasSubstr("is a video"));
  EXPECT_THAT(Refusal({"enrol", "a/b", Photo("Tom_Hanks_0003.jpg")}, "case"), HasSubstr("must not contain"));
  EXPECT_THAT(Refusal({"enrol", "person-0001", Photo("Tom_Hanks_0003.jpg")}, "case"),
              HasSubstr("gives itself"));
  ASSERT_EQ(testing::RunCommand("ffmpeg -nostdin -v error -i '" + Photo("Tom_Hanks_0003.jpg") +
                                "' -vf gblur=12 '" + In("blurred.png") + "'"),
            0);
  EXPECT_EQ(testing::RunProgram({"people", "enrol", "Tom", In("blurred.png"), "--case", In("case")}).out, "");
  EXPECT_FALSE(fs::exists(In("case")));
}

TEST_F(EnrolTest, PhotosOfTwoPeopleAndOneFaceUnderTwoNamesNeedInsistence) {
  const std::string hanks = Photo("Tom_Hanks_0003.jpg"), berry = Photo("Halle_Berry_0004.jpg");
  EXPECT_THAT(Refusal({"enrol", "Tom", hanks, berry}, "case"), HasSubstr("override: "));
  People({"enrol", "Tom", hanks}, "case");
  EXPECT_THAT(Refusal({"enrol", "Tom", berry}, "case"), HasSubstr("look like two people"));
  EXPECT_THAT(Refusal({"enrol", "Thomas", hanks}, "case"), HasSubstr("is enrolled as Tom"));
  EXPECT_EQ(People({"enrol", "Thomas", hanks, "--override"}, "case")["enrolled"].size(), 1u);
  EXPECT_EQ(People({"enrol", "Tom", hanks}, "case")["enrolled"].size(), 0u) << "it is there";
}

}  // namespace
}  // namespace crossface
