// A model without calibration gets its vote by real photos, keeps it, and nobody else's file is taken for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crossface/inference/models/official_files_for_test.h"
#include "crossface/testing/json_schema.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using testing::AskSchemas;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Json = nlohmann::json;

constexpr char kPhotos[] = "stills/lfw_small";

class CalibrateProgram : public ::testing::Test {
 protected:
  fs::path In(const std::string& name) const { return scratch_.path() / name; }

  // The official SFace, made of arcface_foamliu, beside arcface_ms1m.
  std::string InstallModels() const {
    fs::create_directories(In("official"));
    std::string problem = testing::MakeOfficialFiles(In("official"));
    if (!problem.empty()) return problem;
    fs::create_directories(In("models"));
    for (const char* model : {"scrfd_500m", "arcface_ms1m"})
      fs::create_symlink(*testing::Models().Find(model), In("models") / FindModel(model)->file);
    const std::string sface = FindModel("sface")->file;
    fs::copy(In("official") / sface, In("models") / sface);
    return "";
  }

  // Two photos each of so many people of LFW. The first one's folder.
  fs::path CopyPeople(int people) const {
    fs::path first;
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(testing::SharedFolder() / "data" / kPhotos))
      folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) {
      std::vector<fs::path> photos;
      for (const auto& entry : fs::directory_iterator(folder)) photos.push_back(entry.path());
      if (photos.size() < 3 || people-- <= 0) continue;
      std::sort(photos.begin(), photos.end());
      const fs::path to = In("photos") / folder.filename();
      fs::create_directories(to);
      for (size_t i = 0; i < 2; ++i) fs::copy(photos[i], to / photos[i].filename());
      if (first.empty()) first = to;
    }
    return first;
  }

  Json Run(const std::vector<std::string>& words, int exit_code) {
    return answers_.Run(words, exit_code, environment_);
  }

  testing::ScratchFolder scratch_;
  const std::map<std::string, std::string> environment_ = {
      {"CROSSFACE_MODELS", In("models").string()}, {"CROSSFACE_CALIBRATIONS", In("calibrations").string()}};
  testing::AnswerCollector answers_;
};

TEST_F(CalibrateProgram, GivesAnInstalledModelItsVote) {
  for (const char* model : {"arcface_ms1m", "arcface_foamliu", "scrfd_500m", "scrfd_2.5g", "yunet"})
    CROSSFACE_NEEDS_MODEL(model);
  CROSSFACE_NEEDS_SHARED(std::string("data/") + kPhotos);
  ASSERT_EQ(InstallModels(), "");
  const fs::path somebody = CopyPeople(46);

  const Json answer = Run({"calibrate", In("photos").string()}, 0);
  EXPECT_EQ(answer["photos"]["people"], 46);
  EXPECT_EQ(answer["photos"]["found"], 92);
  ASSERT_THAT(answer["models"], SizeIs(1));
  const Json& model = answer["models"][0];
  EXPECT_EQ(model["name"], "sface");
  EXPECT_EQ(model["photos"], answer["photos"]["used"]);
  EXPECT_GT(model["photos"], 80);
  ASSERT_FALSE(model["alone"].empty());
  EXPECT_LE(model["alone"][0]["wrong"], 0.02 * model["alone"][0]["different_pairs"].get<double>());
  EXPECT_GT(model["alone"][0]["found"], 0.9);
  // As of the network that it is made of, whose calibration was fitted on other photos.
  const Json kept = Json::parse(*ReadFile(model["file"].get<std::string>()));
  EXPECT_NEAR(kept["impostor_sd"], 0.104, 0.012);
  EXPECT_NEAR(kept["genuine_mean"], 0.66, 0.06);
  EXPECT_NEAR(kept["beside"][0]["correlation"], 0.82, 0.06);

  // A case that knows people by this network alone: there was nobody before, now there is.
  const std::string case_folder = In("case").string();
  const Json grouped = Run({"identify", somebody.string(), "--embedders", "sface", "--case", case_folder}, 0);
  EXPECT_EQ(grouped["cluster"]["models"], Json({"sface"}));
  EXPECT_GT(grouped["cluster"]["persons"], 0);
  EXPECT_THAT(*ReadFile(fs::path(case_folder) / "run.jsonl"),
              HasSubstr("votes by a calibration of this computer's"));

  const fs::path photo = fs::directory_iterator(somebody)->path();
  EXPECT_FALSE(Run({"search", photo.string(), "--case", case_folder}, 0)["queries"][0]["hits"].empty());

  // A damaged file is refused by its name.
  ASSERT_TRUE(WriteFileAtomically(model["file"].get<std::string>(), "{\"format\":").ok());
  const Json refused = Run({"cluster", "--case", case_folder}, 1);
  EXPECT_THAT(refused["error"]["message"], HasSubstr(model["file"].get<std::string>()));

  // Fitted anew; what there is no fit for stays as it is.
  const Json few = Run({"calibrate", In("photos").string(), "--embedders", "arcface_ms1m"}, 2);
  EXPECT_EQ(few["error"]["remedy"], "override");
  EXPECT_THAT(AskSchemas("errors", answers_.answers()).get<std::vector<std::string>>(), IsEmpty());
  const Json mutants = AskSchemas("mutants", Json::array({answers_.answers()[0]}));
  EXPECT_GT(mutants["refused"].get<int>(), 30);
  EXPECT_THAT(mutants["accepted"].get<std::vector<std::string>>(), IsEmpty());
}

TEST_F(CalibrateProgram, RefusesTooFewPeopleAndKeepsNothing) {
  for (const char* model : {"arcface_ms1m", "arcface_foamliu", "scrfd_500m", "scrfd_2.5g", "yunet"})
    CROSSFACE_NEEDS_MODEL(model);
  CROSSFACE_NEEDS_SHARED(std::string("data/") + kPhotos);
  ASSERT_EQ(InstallModels(), "");
  CopyPeople(3);
  const Json answer = Run({"calibrate", In("photos").string()}, 1);
  EXPECT_THAT(answer["error"]["message"], HasSubstr("too few"));
  EXPECT_EQ(answer["photos"]["people"], 3);
  EXPECT_THAT(answer["models"], IsEmpty());
  EXPECT_FALSE(fs::exists(In("calibrations")));
  EXPECT_THAT(AskSchemas("errors", answers_.answers()).get<std::vector<std::string>>(), IsEmpty());
}

}  // namespace
}  // namespace crossface
