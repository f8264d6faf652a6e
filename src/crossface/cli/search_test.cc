// Search by face, end to end, through the program itself, on real footage and photos.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using testing::RunProgram;
using Json = nlohmann::json;

std::filesystem::path Data(const std::string& name) { return testing::SharedFolder() / "data" / name; }

class SearchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos");
    CROSSFACE_NEEDS_SHARED("data/stills/lfw");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    const auto footage = scratch_.path() / "footage";
    std::filesystem::create_directories(footage);
    std::filesystem::copy_file(Data("videos/asl_again.mkv"), footage / "asl_again.mkv");
    std::filesystem::copy_file(Data("videos/asl_book.mkv"), footage / "asl_book.mkv");
    for (const char* still : {"Tom_Hanks/Tom_Hanks_0002.jpg", "Bill_Gates/Bill_Gates_0003.jpg",
                              "Halle_Berry/Halle_Berry_0001.jpg", "Serena_Williams/Serena_Williams_0002.jpg"})
      std::filesystem::copy_file(Data("stills/lfw") / still,
                                 footage / std::filesystem::path(still).filename());
    const auto run = RunProgram({"identify", footage.string(), "--case", case_folder()});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  std::string case_folder() const { return (scratch_.path() / "case").string(); }
  // A frame of a video as a picture, through libav's filters.
  std::string Frame(const std::string& video, double second, const std::string& name,
                    const std::string& filters = "null") {
    const std::string picture = (scratch_.path() / name).string();
    EXPECT_EQ(testing::RunCommand("ffmpeg -v error -y -ss " + std::to_string(second) + " -i '" +
                                  Data("videos/" + video).string() + "' -frames:v 1 -q:v 2 -vf " + filters +
                                  " '" + picture + "'"),
              0);
    return picture;
  }
  testing::ProgramRun Run(std::vector<std::string> words) {
    words.insert(words.begin(), "search");
    words.insert(words.end(), {"--case", case_folder(), "--json"});
    return RunProgram(words);
  }
  Json Search(const std::vector<std::string>& words, int exit_code = 0) {
    const auto run = Run(words);
    EXPECT_EQ(run.exit_code, exit_code) << run.err;
    return Json::parse(run.out, nullptr, false);
  }
  testing::ScratchFolder scratch_;
};

TEST_F(SearchTest, WhoIsInTheCaseComesFirstAndWhoIsNotHasNoLikelyHit) {
  // The same woman in another video; other photos, of other days.
  const std::map<std::string, std::string> questions = {
      {Frame("asl_brother.mkv", 1, "brother.jpg"), "asl_again.mkv"},
      {Data("stills/lfw/Tom_Hanks/Tom_Hanks_0005.jpg"), "Tom_Hanks_0002.jpg"},
      {Data("stills/lfw/Bill_Gates/Bill_Gates_0007.jpg"), "Bill_Gates_0003.jpg"},
      {Data("stills/lfw/Serena_Williams/Serena_Williams_0012.jpg"), "Serena_Williams_0002.jpg"}};
  for (const auto& [photo, source] : questions) {
    const Json answer = Search({photo, "--face", "1", "--limit", "3"});
    const Json hits = answer["queries"][0]["hits"];
    ASSERT_EQ(hits.size(), 3u);
    EXPECT_EQ(hits[0]["source"], source) << photo;
    EXPECT_EQ(hits[0]["likely"], true) << photo;
    EXPECT_EQ(hits[1]["likely"], false) << photo;
    EXPECT_GT(hits[0]["log10_likelihood_ratio"], 2);
    EXPECT_LT(hits[0]["expected_strangers"], 0.05);
    EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::path(case_folder()) / hits[0]["picture"]));
  }
  // A video's hit tells where it is: person, appearance, PTS of the best face.
  const Json answer = Search({Frame("asl_brother.mkv", 1, "brother.jpg")});
  const Json hit = answer["queries"][0]["hits"][0];
  EXPECT_THAT(hit["person"]["name"].get<std::string>(), HasSubstr("person-"));
  EXPECT_LE(hit["start_ms"], hit["best_face"]["time_ms"]);
  EXPECT_LE(hit["best_face"]["time_ms"], hit["end_ms"]);
  EXPECT_EQ(hit["source_sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(answer["prior_odds"], "1:" + std::to_string(answer["tracks"].get<int>()));
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(case_folder()) / "search"))
      << "a small case needs no index";

  for (const char* stranger :
       {"George_Clooney/George_Clooney_0001.jpg", "Venus_Williams/Venus_Williams_0003.jpg",
        "Hugh_Grant/Hugh_Grant_0002.jpg", "Nicole_Kidman/Nicole_Kidman_0004.jpg"}) {
    const Json none = Search({Data("stills/lfw") / stranger}, 4);
    for (const Json& query : none["queries"]) EXPECT_EQ(query["likely"], 0) << stranger;
  }
}

TEST_F(SearchTest, EveryFaceOfAPhotoIsSearchedForAndOneCanBeChosen) {
  // The woman of asl_brother, small, beside Tom Hanks, large.
  const std::string woman = Frame("asl_brother.mkv", 1, "woman.jpg", "scale=-2:300,setsar=1,pad=500:300");
  const std::string both = (scratch_.path() / "both.png").string();
  ASSERT_EQ(testing::RunCommand("ffmpeg -v error -y -i '" + woman + "' -i '" +
                                Data("stills/lfw/Tom_Hanks/Tom_Hanks_0005.jpg").string() +
                                "' -filter_complex '[1]scale=500:500,setsar=1[large];[0][large]vstack' '" +
                                both + "'"),
            0);
  const Json all = Search({both});
  ASSERT_GE(all["photos"][0]["faces"].size(), 2u);
  ASSERT_EQ(all["queries"].size(), all["photos"][0]["faces"].size());
  EXPECT_EQ(all["queries"][0]["hits"][0]["source"], "Tom_Hanks_0002.jpg");
  double former = 1e9;
  for (const Json& face : all["photos"][0]["faces"]) {
    const double area = face["box"]["w"].get<double>() * face["box"]["h"].get<double>();
    EXPECT_LE(area, former);
    former = area;
  }
  // Which number hers is depends on bystanders: hers is in the upper part.
  for (const Json& face : all["photos"][0]["faces"]) {
    if (face["box"]["y"] > 220) continue;
    const Json one = Search({both, "--face", std::to_string(face["number"].get<int>())});
    ASSERT_EQ(one["queries"].size(), 1u);
    EXPECT_EQ(one["queries"][0]["hits"][0]["source"], "asl_again.mkv");
  }
  EXPECT_THAT(Run({both, "--face", "9"}).err, HasSubstr("there is no face 9"));

  const Json together = Search({Data("stills/lfw/Tom_Hanks/Tom_Hanks_0005.jpg"),
                                Data("stills/lfw/Tom_Hanks/Tom_Hanks_0008.jpg"), "--same-person"});
  ASSERT_EQ(together["queries"].size(), 1u);
  EXPECT_EQ(together["queries"][0]["faces"].size(), 2u);
  EXPECT_EQ(together["queries"][0]["hits"][0]["source"], "Tom_Hanks_0002.jpg");
  const auto two = Run({Data("stills/lfw/Tom_Hanks/Tom_Hanks_0005.jpg"),
                        Data("stills/lfw/Bill_Gates/Bill_Gates_0007.jpg"), "--same-person"});
  EXPECT_THAT(two.err, HasSubstr("look like two people"));
}

TEST_F(SearchTest, PhotosAreTurnedUprightAndBadOnesAreTold) {
  // Turned a quarter to the left; the tag Orientation says how to turn it back.
  const std::string lying = Frame("asl_brother.mkv", 1, "lying.jpg", "transpose=cclock");
  const std::string jpeg = *ReadFile(lying);
  using std::string_literals::operator""s;
  const std::string exif = "\xff\xe1\x00\x22"s + "Exif\0\0"s + "II*\0\x08\0\0\0"s + "\x01\0"s +
                           "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"s + "\0\0\0\0"s;
  const std::string tagged = (scratch_.path() / "tagged.jpg").string();
  ASSERT_TRUE(WriteFileAtomically(tagged, jpeg.substr(0, 2) + exif + jpeg.substr(2)).ok());
  const Json turned = Search({tagged, "--limit", "1"}),
             upright = Search({Frame("asl_brother.mkv", 1, "up.jpg")});
  EXPECT_EQ(turned["photos"][0]["width"], upright["photos"][0]["width"]);
  EXPECT_EQ(turned["queries"][0]["hits"][0]["source"], "asl_again.mkv");
  EXPECT_NEAR(turned["photos"][0]["faces"][0]["box"]["x"].get<double>(),
              upright["photos"][0]["faces"][0]["box"]["x"].get<double>(), 8);

  const auto nobody = Run({Frame("pf_no_face.mp4", 1, "nobody.jpg")});
  EXPECT_EQ(nobody.exit_code, 4);
  EXPECT_THAT(nobody.err, HasSubstr("no face was found"));
  EXPECT_THAT(nobody.err, HasSubstr("try"));

  const std::string text = (scratch_.path() / "text.jpg").string(),
                    half = (scratch_.path() / "half.jpg").string();
  ASSERT_TRUE(WriteFileAtomically(text, "no picture").ok());
  EXPECT_EQ(Run({text}).exit_code, 1);
  const std::string whole = *ReadFile(Data("stills/lfw/Bill_Gates/Bill_Gates_0007.jpg"));
  ASSERT_TRUE(WriteFileAtomically(half, whole.substr(0, 400)).ok());
  EXPECT_EQ(Run({half}).exit_code, 1);
  ASSERT_TRUE(WriteFileAtomically(half, whole.substr(0, whole.size() * 9 / 10)).ok());
  const Json cut = Search({half});
  EXPECT_EQ(cut["queries"][0]["hits"][0]["source"], "Bill_Gates_0003.jpg");
  EXPECT_FALSE(cut["photos"][0]["warnings"].empty());

  EXPECT_EQ(Run({Data("videos/asl_brother.mkv")}).exit_code, 2);
  EXPECT_EQ(Run({"nowhere.jpg"}).exit_code, 1);
  // One good photo is enough; the other is told.
  const auto mixed = Run({text, Data("stills/lfw/Bill_Gates/Bill_Gates_0007.jpg")});
  EXPECT_EQ(mixed.exit_code, 0);
  EXPECT_THAT(mixed.err, HasSubstr("text.jpg"));
  EXPECT_EQ(RunProgram({"search", text, "--case", (scratch_.path() / "no case").string()}).exit_code, 1);
}

}  // namespace
}  // namespace crossface
