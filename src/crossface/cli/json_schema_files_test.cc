// The schemas themselves, the page that names them, and the answers that need no case.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

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
using testing::RunProgram;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

// The verbs below these words that take --json, as the program's own help tells them.
void CollectVerbs(const Words& words, std::set<std::string>* verbs) {
  Words asked = words;
  asked.push_back("--help");
  const auto run = RunProgram(asked);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  std::string verb;
  for (const std::string& word : words) verb += (verb.empty() ? "" : " ") + word;
  if (run.out.find(" --json ") != std::string::npos) verbs->insert(verb);
  if (run.out.find(" --format ") != std::string::npos) verbs->insert(verb + " --format");
  std::istringstream lines(run.out);
  std::string line;
  bool below = false;
  while (std::getline(lines, line)) {
    const bool indented = line.starts_with("  ") && line.size() > 2 && line[2] != ' ';
    if (below && indented) {
      Words further = words;
      further.push_back(line.substr(2, line.find(' ', 2) - 2));
      CollectVerbs(further, verbs);
    }
    if (!indented) below = line == "Subcommands:" || (below && line.starts_with(" "));
  }
}

TEST(JsonSchemaFiles, AreSoundAndDescribeEveryField) {
  EXPECT_THAT(AskSchemas("faults").get<Words>(), IsEmpty());
}

TEST(JsonSchemaFiles, ThePageNamesASchemaForEveryVerbOfTheHelpAndNoOther) {
  std::set<std::string> verbs, named, files, schemas = {"common"};
  CollectVerbs({}, &verbs);
  for (const auto& [verb, schema] : testing::SchemasOfVerbs()) {
    named.insert(verb);
    schemas.insert(schema);
  }
  EXPECT_EQ(verbs, named);
  const std::string page = *ReadFile(testing::SourceFolder() / "docs/json.md");
  for (const auto& entry : fs::directory_iterator(testing::SourceFolder() / "docs/schema")) {
    const std::string name = entry.path().filename();
    EXPECT_THAT(page, HasSubstr(name));
    if (name.ends_with(".schema.json")) files.insert(name.substr(0, name.find('.')));
  }
  EXPECT_EQ(files, schemas);
}

TEST(JsonSchemaFiles, ErrorsOfEveryVerbAreAsItsSchemaSays) {
  testing::ScratchFolder scratch;
  const std::string nowhere = (scratch.path() / "nowhere").string(),
                    copy = (scratch.path() / "copy.png").string();
  const std::map<std::string, Words> verbs = {{"identify", {nowhere}},
                                              {"scan", {nowhere}},
                                              {"cluster", {}},
                                              {"export", {}},
                                              {"export --format", {"csv", "--out", nowhere}},
                                              {"people list", {}},
                                              {"people show", {"1"}},
                                              {"people suggestions", {}},
                                              {"people history", {}},
                                              {"people rename", {"1", "Anna", "--dry-run"}},
                                              {"people merge", {"1", "2"}},
                                              {"people split", {"1", "a.mp4:1"}},
                                              {"people move", {"a.mp4:1", "--to", "1"}},
                                              {"people references", {}},
                                              {"people enrol", {"Ada", nowhere}},
                                              {"people unenrol", {"Ada"}},
                                              {"people not-same", {"1", "2"}},
                                              {"people confirm", {"1"}},
                                              {"people ignore", {"1"}},
                                              {"people undo", {}},
                                              {"people redo", {}},
                                              {"search", {nowhere}},
                                              {"duplicates", {}},
                                              {"reembed", {"--embedders", "arcface_ms1m"}},
                                              {"redact", {"a.mp4", "--all", "--out", copy}},
                                              {"serve", {"--port", "0"}},
                                              {"live", {nowhere}},
                                              {"locate", {nowhere}},
                                              {"forget", {"1", "--yes"}}};
  testing::AnswerCollector answers;
  for (const auto& [verb, further] : verbs) {
    std::istringstream parts(verb);
    Words words{std::istream_iterator<std::string>(parts), {}};
    words.insert(words.end(), further.begin(), further.end());
    words.insert(words.end(), {"--case", nowhere});
    EXPECT_EQ(answers.Run(words, 1)["error"]["code"], "not found") << verb;
  }
  answers.Run({"metadata", nowhere}, 1);
  answers.Run({"verify", nowhere}, 1);
  answers.Run({"evaluate", nowhere, "--truth", nowhere}, 1);
  answers.Run({"calibrate", nowhere, "--embedders", "nonsense"}, 2);
  answers.Run({"models", "install", "nonsense"}, 2);
  answers.Run({"users", "list", "--users", "/"}, 1);
  answers.Run({"users", "add", "Ada", "--users", nowhere}, 2);
  answers.Run({"users", "remove", "Ada", "--users", nowhere}, 1);
  answers.Run({"models", "install", "scrfd_500m", "--models", nowhere}, 6,
              {{"CROSSFACE_MODELS_MIRROR", nowhere}});
  for (const auto& [verb, schema] : testing::SchemasOfVerbs()) {
    const bool never_fails = verb == "models list" || verb == "models verify" || verb == "doctor";
    EXPECT_NE(answers.Answered(verb, true), never_fails) << verb;
  }
  EXPECT_THAT(AskSchemas("errors", answers.answers()).get<Words>(), IsEmpty());

  // An error's code decides the exit code, and no other code is known.
  Json wrong_exit = answers.answers()[0], unknown_code = wrong_exit, no_message = wrong_exit;
  wrong_exit["answer"]["exit"] = 4;
  unknown_code["answer"]["error"]["code"] = "bad luck";
  no_message["answer"]["error"].erase("message");
  for (const Json& wrong : {wrong_exit, unknown_code, no_message})
    EXPECT_FALSE(AskSchemas("errors", Json::array({wrong})).empty()) << wrong.dump();
}

TEST(JsonSchemaFiles, AnswersAboutModelsAreAsTheirSchemasSay) {
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  testing::ScratchFolder scratch;
  const std::string folder = (scratch.path() / "models").string(),
                    nowhere = (scratch.path() / "nowhere").string();
  const std::string store = testing::Models().folder().string();
  const Words here = {"--models", folder};
  testing::AnswerCollector answers;
  const auto run = [&](Words words, int exit_code) {
    words.insert(words.end(), here.begin(), here.end());
    return answers.Run(words, exit_code, {{"CROSSFACE_MODELS_MIRROR", nowhere}});
  };
  run({"doctor"}, 6);
  run({"models", "verify"}, 6);
  const Words install = {"models", "install", "scrfd_500m", "--accept-licences", "--mirror", store};
  EXPECT_EQ(run(install, 0)["models"][0]["outcome"], "installed");
  EXPECT_EQ(run(install, 0)["models"][0]["outcome"], "present");
  const Json none =
      run({"models", "install", "arcface_foamliu", "--accept-licences", "--mirror", nowhere}, 6);
  EXPECT_EQ(none["models"][0]["outcome"], "unavailable");
  run({"models", "verify"}, 0);
  fs::resize_file(fs::path(folder) / FindModel("scrfd_500m")->file, 1000);
  run({"models", "verify"}, 5);
  run({"models", "list"}, 0);
  answers.Run({"doctor", "--models", store}, 0);
  EXPECT_THAT(AskSchemas("errors", answers.answers()).get<Words>(), IsEmpty());

  const Json mutants = AskSchemas("mutants", answers.answers());
  EXPECT_GT(mutants["refused"].get<int>(), 100);
  EXPECT_THAT(mutants["accepted"].get<Words>(), ::testing::ElementsAre("doctor/free_gib_here"));
}

}  // namespace
}  // namespace crossface
