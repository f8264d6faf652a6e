// Judges what --json prints by docs/schema, with the Python package jsonschema. A header alone, for tests
// that link nlohmann_json.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface::testing {

// What docs/json.md says: the schema of every verb, such as "people-list" of "people list". "export --format"
// is a verb of its own.
inline std::map<std::string, std::string> SchemasOfVerbs() {
  const std::string page = *ReadFile(SourceFolder() / "docs/json.md");
  const std::regex row(R"(\n\| `([^`]+)` \| \[[^\]]*\]\(schema/([a-z-]+)\.schema\.json\))");
  std::map<std::string, std::string> schemas;
  for (std::sregex_iterator found(page.begin(), page.end(), row), end; found != end; ++found)
    schemas[(*found)[1]] = (*found)[2];
  return schemas;
}

// Runs verbs with --json and keeps their answers, each with the name of its schema.
class AnswerCollector {
 public:
  // `environment` is added to the test's own.
  nlohmann::json Run(std::vector<std::string> words, int exit_code,
                     const std::map<std::string, std::string>& environment = {}) {
    words.push_back("--json");
    return Take(words, RunProgram(words, environment), exit_code);
  }
  nlohmann::json Take(const std::vector<std::string>& words, const ProgramRun& run, int exit_code) {
    const std::string told = fmt::format("{}", fmt::join(words, " "));
    EXPECT_EQ(run.exit_code, exit_code) << told << ": " << run.err << run.out;
    nlohmann::json answer = nlohmann::json::parse(run.out, nullptr, false);
    EXPECT_TRUE(answer.is_object()) << told << ": " << run.out << run.err;
    if (!answer.is_object()) return answer;
    EXPECT_EQ(answer.value("exit", -1), run.exit_code) << told;
    const std::string verb = VerbOf(words);
    answers_.push_back({{"schema", schemas_.contains(verb) ? schemas_.at(verb) : verb}, {"answer", answer}});
    verbs_[verb][answer.contains("error")] += 1;
    return answer;
  }
  void Add(const std::string& schema, const nlohmann::json& answer) {
    answers_.push_back({{"schema", schema}, {"answer", answer}});
  }

  const nlohmann::json& answers() const { return answers_; }
  bool Answered(const std::string& verb, bool with_error) const {
    return verbs_.contains(verb) && verbs_.at(verb).contains(with_error);
  }

 private:
  std::string VerbOf(const std::vector<std::string>& words) const {
    if (schemas_.contains(words[0] + " " + words[1])) return words[0] + " " + words[1];
    const bool formats = std::find(words.begin(), words.end(), "--format") != words.end();
    return words[0] + (formats ? " --format" : "");
  }

  const std::map<std::string, std::string> schemas_ = SchemasOfVerbs();
  nlohmann::json answers_ = nlohmann::json::array();
  std::map<std::string, std::map<bool, int>> verbs_;
};

// `question` is one of json_schema_for_test.py's; a discarded value when it cannot be asked.
inline nlohmann::json AskSchemas(const std::string& question,
                                 const nlohmann::json& answers = nlohmann::json::array()) {
  ScratchFolder scratch;
  const auto in = scratch.path() / "answers.json", out = scratch.path() / "out.json";
  EXPECT_TRUE(WriteFileAtomically(in, answers.dump()).ok());
  const auto script = SourceFolder() / "src/crossface/cli/json_schema_for_test.py";
  const std::string command =
      fmt::format("'{}' '{}' {} '{}' '{}' > '{}'", ReaderPython().string(), script.string(), question,
                  (SourceFolder() / "docs/schema").string(), in.string(), out.string());
  EXPECT_EQ(RunCommand(command), 0) << command;
  return nlohmann::json::parse(*ReadFile(out), nullptr, false);
}

}  // namespace crossface::testing
