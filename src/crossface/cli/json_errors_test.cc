// What went wrong stands in the JSON document of every verb that has one.
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

TEST(JsonErrors, AreInTheAnswerOfEveryVerb) {
  testing::ScratchFolder scratch;
  const std::string nowhere = (scratch.path() / "nowhere").string();
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "truth.csv", "x").ok());
  const std::string truth = (scratch.path() / "truth.csv").string();
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"evaluate", nowhere, "--truth", truth},
           {"metadata", nowhere},
           {"models", "install", "nonsense"},
           {"models", "install", "scrfd_500m", "--models", nowhere},
           {"export", "--case", nowhere},
           {"export", "--case", nowhere, "--format", "csv", "--out", nowhere},
           {"people", "list", "--case", nowhere},
           {"verify", nowhere},
           {"forget", "1", "--case", nowhere, "--yes"},
           {"identify", nowhere, "--case", nowhere}}) {
    std::vector<std::string> with_json = arguments;
    with_json.push_back("--json");
    const auto run = RunProgram(with_json, {{"CROSSFACE_MODELS_MIRROR", nowhere}});
    const auto answer = nlohmann::json::parse(run.out, nullptr, false);
    ASSERT_TRUE(answer.is_object()) << arguments[0] << ": " << run.out << run.err;
    EXPECT_EQ(answer["schema"], "crossface/1") << arguments[0];
    EXPECT_NE(run.exit_code, 0) << arguments[0];
    EXPECT_EQ(answer["exit"], run.exit_code) << arguments[0];
    EXPECT_FALSE(answer["error"]["code"].get<std::string>().empty()) << arguments[0];
    EXPECT_FALSE(answer["error"]["message"].get<std::string>().empty()) << arguments[0];
  }
}

TEST(JsonErrors, DoctorAndInstallAgreeOnWhatIsMissingOrDamaged) {
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  testing::ScratchFolder scratch;
  const std::filesystem::path folder = scratch.path() / "models";
  std::filesystem::create_directories(folder);
  const ModelStore store = testing::Models();
  for (const char* name : {"scrfd_500m", "arcface_ms1m"}) {
    const ModelEntry& entry = *FindModel(name);
    std::filesystem::copy_file(store.folder() / entry.file, folder / entry.file);
    if (std::filesystem::exists(store.RecordFile(entry)))
      std::filesystem::copy_file(store.RecordFile(entry), ModelStore(folder).RecordFile(entry));
  }
  const auto look = [&](int doctor_code, int verify_code, bool sound) {
    const auto doctor = RunProgram({"doctor", "--models", folder.string(), "--json"});
    EXPECT_EQ(doctor.exit_code, doctor_code) << doctor.out;
    const auto answer = nlohmann::json::parse(doctor.out);
    EXPECT_EQ(answer["ready"].get<bool>(), sound);
    for (const auto& model : answer["models"]) {
      if (model["name"] == "arcface_ms1m") {
        EXPECT_EQ(model["installed"].get<bool>(), sound);
        EXPECT_EQ(model["problem"].get<std::string>().empty(), sound);
      }
    }
    EXPECT_EQ(RunProgram({"models", "verify", "--models", folder.string()}).exit_code, verify_code);
  };
  look(0, 0, true);
  std::filesystem::resize_file(folder / FindModel("arcface_ms1m")->file, 1000);
  look(6, 5, false);
}

}  // namespace
}  // namespace crossface
