// Footage that comes in several folders, is moved, copied, changed, or scanned with other models: end to end,
// through the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunProgram;
using Json = nlohmann::json;

class SameNames : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos/asl_again.mkv");
    CROSSFACE_NEEDS_SHARED("data/videos/asl_book.mkv");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    CROSSFACE_NEEDS_MODEL("arcface_foamliu");
  }
  fs::path In(const std::string& name) const { return scratch_.path() / name; }
  fs::path Case() const { return In("case"); }
  void Take(const std::string& video, const std::string& as) {
    fs::create_directories(In(as).parent_path());
    fs::copy_file(testing::SharedFolder() / "data/videos" / video, In(as),
                  fs::copy_options::overwrite_existing);
  }
  testing::ProgramRun Run(std::vector<std::string> arguments) {
    for (const char* argument : {"--case", "", "--json"})
      arguments.push_back(*argument == '\0' ? Case().string() : argument);
    return RunProgram(arguments);
  }
  Json Identify(const std::vector<std::string>& roots, const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = {"identify"};
    for (const std::string& root : roots) arguments.push_back(In(root).string());
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto run = Run(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    said_ = run.err;
    return Json::parse(run.out, nullptr, false);
  }
  void Rename(const std::string& person, const std::string& name) {
    const auto run = Run({"people", "rename", person, name});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  std::vector<std::map<std::string, std::string>> Rows(const std::string& log) const {
    const auto table = *ParseCsv(*ReadFile(Case() / log));
    std::vector<std::map<std::string, std::string>> rows;
    for (const auto& row : table.rows) {
      auto& fields = rows.emplace_back();
      for (size_t i = 0; i < row.size(); ++i) fields[table.header[i]] = row[i];
    }
    return rows;
  }
  std::map<std::string, std::string> PersonOf() const {
    std::map<std::string, std::string> person_of;
    for (const auto& row : Rows("appearances.csv")) person_of[row.at("source")] = row.at("person");
    return person_of;
  }
  std::map<std::string, std::string> SourceRow(const std::string& name) const {
    for (const auto& row : Rows("sources.csv")) {
      if (row.at("source") == name) return row;
    }
    ADD_FAILURE() << "no source " << name;
    return {};
  }

  testing::ScratchFolder scratch_;
  std::string said_;
};

TEST_F(SameNames, ASecondFolderWithTheSameFileNamesTakesNothingFromTheFirst) {
  Take("asl_again.mkv", "camA/clip.mkv");
  Take("asl_book.mkv", "camB/clip.mkv");
  Identify({"camA"});
  Rename("person-0001", "Anna");
  EXPECT_EQ(Identify({"camB"})["scan"]["scanned"], 1);
  using People = std::map<std::string, std::string>;
  EXPECT_EQ(PersonOf(), (People{{"clip.mkv", "Anna"}, {"camB/clip.mkv", "person-0002"}}));
  EXPECT_TRUE(fs::exists(Case() / "people/Anna/portrait.jpg"));
  const auto log = *ReadFile(Case() / "appearances.csv");
  for (const auto& roots : std::vector<std::vector<std::string>>{
           {"camA"}, {"camB"}, {"camA", "camB"}, {"camA/../camB"}, {"camB/clip.mkv", "camB"}}) {
    const Json answer = Identify(roots);
    EXPECT_EQ(answer["scan"]["scanned"], 0) << roots[0];
    EXPECT_EQ(*ReadFile(Case() / "appearances.csv"), log) << roots[0];
  }
  EXPECT_EQ(RunProgram({"verify", Case().string()}).exit_code, 0);
  fs::create_directory(In("disk"));
  for (const char* folder : {"camA", "camB"}) fs::rename(In(folder), In("disk") / folder);
  EXPECT_EQ(RunProgram({"verify", Case().string()}).exit_code, 5);
  EXPECT_EQ(RunProgram({"verify", Case().string(), "--sources", In("disk").string()}).exit_code, 0);
}

TEST_F(SameNames, WhatWasMovedAndWhatWasCopiedIsNotScannedAgainNorCountedTwice) {
  Take("asl_again.mkv", "cam/clip.mkv");
  Identify({"cam"});
  Rename("person-0001", "Anna");
  const auto log = *ReadFile(Case() / "appearances.csv");
  fs::rename(In("cam"), In("evidence"));
  Take("asl_again.mkv", "copies/of it.mkv");
  Take("asl_again.mkv", "copies/clip.mkv");
  EXPECT_EQ(Identify({"evidence"})["scan"]["scanned"], 0);
  EXPECT_EQ(RunProgram({"verify", Case().string()}).exit_code, 0) << "it is looked for where it is now";
  const Json answer = Identify({"copies"});
  EXPECT_EQ(answer["scan"]["scanned"], 0);
  EXPECT_EQ(answer["scan"]["copies"], 2);
  EXPECT_THAT(said_, HasSubstr("of it.mkv is a copy of clip.mkv"));
  EXPECT_EQ(*ReadFile(Case() / "appearances.csv"), log);
  EXPECT_EQ(Rows("sources.csv").size(), 1u);
  EXPECT_EQ(SourceRow("clip.mkv").at("also_at"), "copies/clip.mkv; of it.mkv");
}

TEST_F(SameNames, ModelsThatComeAndGoThrowNothingAway) {
  Take("asl_again.mkv", "cam/a.mkv");
  fs::create_directories(In("models"));
  for (const std::string name : {"scrfd_500m", "arcface_ms1m", "arcface_foamliu"}) {
    const fs::path file = *testing::Models().Find(name);
    fs::create_symlink(file, In("models") / file.filename());
    const fs::path record = file.string() + ".json";
    if (fs::exists(record)) fs::create_symlink(record, In("models") / record.filename());
  }
  const std::vector<std::string> models = {"--models", In("models").string()};
  Identify({"cam"}, models);
  Rename("person-0001", "Anna");
  const auto faces = *ReadFile(Case() / "faces.csv");
  const auto remove = [&](const std::string& name) {
    const fs::path file = In("models") / (*testing::Models().Find(name)).filename();
    fs::rename(file, file.string() + ".away");
  };
  const auto bring_back = [&](const std::string& name) {
    const fs::path file = In("models") / (*testing::Models().Find(name)).filename();
    fs::rename(file.string() + ".away", file);
  };

  remove("arcface_foamliu");
  EXPECT_EQ(Identify({"cam"}, models)["scan"]["scanned"], 0);
  EXPECT_THAT(said_, HasSubstr("arcface_foamliu is not installed"));
  EXPECT_THAT(said_, HasSubstr("1 source, "));
  EXPECT_EQ(*ReadFile(Case() / "faces.csv"), faces);
  Take("asl_book.mkv", "cam/b.mkv");
  auto refused = Run({"identify", In("cam").string(), models[0], models[1]});
  EXPECT_EQ(refused.exit_code, 6) << "what is new must be compared with what is there";
  EXPECT_THAT(refused.err, HasSubstr("b.mkv cannot be scanned"));
  EXPECT_EQ(*ReadFile(Case() / "faces.csv"), faces);

  // One more than the case was scanned with: it goes on without.
  bring_back("arcface_foamliu");
  const fs::path yunet = *testing::Models().Find("yunet");
  fs::create_symlink(yunet, In("models") / yunet.filename());
  Json answer = Identify({"cam"}, models);
  EXPECT_EQ(answer["scan"]["scanned"], 1);
  EXPECT_EQ(answer["scan"]["scanned_otherwise"], 0);
  EXPECT_THAT(said_, HasSubstr("yunet is installed, but this case was scanned without"));
  for (const auto& row : Rows("faces.csv")) EXPECT_THAT(row.at("detectors"), Not(HasSubstr("yunet")));

  // Another choice is one only with the word for it.
  refused = Run({"identify", In("cam").string(), models[0], models[1], "--exhaustive"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--rescan"));
  EXPECT_THAT(refused.err, HasSubstr("2 sources, "));
  auto with_rescan = models;
  with_rescan.push_back("--rescan");
  answer = Identify({"cam"}, with_rescan);
  EXPECT_EQ(answer["scan"]["scanned"], 2);
  EXPECT_EQ(PersonOf().at("a.mkv"), "Anna");
  bool seen = false;
  for (const auto& row : Rows("faces.csv")) seen |= row.at("detectors").find("yunet") != std::string::npos;
  EXPECT_TRUE(seen);
  EXPECT_EQ(Identify({"cam"}, models)["scan"]["scanned"], 0);

  // Fewer, because the user says so.
  remove("arcface_foamliu");
  EXPECT_EQ(Identify({"cam"}, with_rescan)["scan"]["scanned"], 2);
  EXPECT_EQ(PersonOf().at("a.mkv"), "Anna");
}

}  // namespace
}  // namespace crossface
