#include "crossface/custody/forget.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crossface/curation/curation_plan.h"
#include "crossface/custody/forget_search.h"
#include "crossface/export/case_exporter.h"
#include "crossface/gallery/facts.h"
#include "crossface/testing/curation_case.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ForgetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(folder(), Gallery::Mode::kCreate));
    AddSource(*gallery_, "day 1/Interview.mp4", {{1, 0}, {2, 1}, {3, 2}});
    AddSource(*gallery_, "b.mp4", {{1, 0}, {2, 1}});
    const auto tracks = *gallery_->ReadTracks({});
    std::vector<Gallery::NewAssignment> assignments;
    for (const TrackRecord& track : tracks)
      assignments.push_back({track.id, static_cast<int>(track.number) - 1, 1});
    ASSERT_TRUE(gallery_->ReplaceGrouping({{0, ""}, {0, ""}, {0, ""}}, assignments).ok());
  }
  fs::path folder() const { return scratch_.path() / "case"; }
  CurationState State() const { return *CurationState::Read(*gallery_); }
  void Correct(const Result<CurationPlan>& plan) {
    ASSERT_TRUE(plan.ok()) << plan.status().message();
    ASSERT_TRUE(CarryOut(*gallery_, *plan).ok());
  }
  void Rename(int64_t person, const std::string& name) {
    const CurationState state = State();
    Correct(CurationPlanner(state, false).Rename(person, name));
  }
  ForgetSummary ForgetPerson(int64_t person) {
    const CurationState state = State();
    const auto summary = Forget(*gallery_, state, PlanForgetPerson(state, person), &log_);
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    return *summary;
  }
  ForgetSummary ForgetSource(const std::string& name) {
    const CurationState state = State();
    for (const SourceRecord& source : state.sources) {
      if (source.name != name) continue;
      const auto summary = Forget(*gallery_, state, PlanForgetSource(state, source.id), &log_);
      EXPECT_TRUE(summary.ok()) << summary.status().message();
      return *summary;
    }
    throw std::logic_error("there is no such source");
  }
  // The files that hold the text, in their names or bytes.
  std::vector<std::string> Holding(const std::string& text) const {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder())) {
      const std::string path = entry.path().lexically_relative(folder()).string();
      const std::string bytes = entry.is_regular_file() ? *ReadFile(entry.path()) : "";
      if ((path + bytes).find(text) != std::string::npos) files.push_back(path);
    }
    return files;
  }
  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
  RunLog log_{folder()};
};

TEST_F(ForgetTest, ShortNamesOfAnyScriptAreGoneFromEveryFileAndTheLog) {
  for (const std::string name : {"Li", "李", "Ця", "Ökí"}) {
    Rename(1, name);
    ASSERT_TRUE(ExportCase(*gallery_).ok());
    ASSERT_TRUE(log_.Write("warning", {{"message", "the name '" + name + "' is taken"}}).ok());
    ASSERT_TRUE(log_.Write("end", {{"exit", 0}, {"list", {name, "Listing"}}}).ok());
  }
  Rename(2, "Lisa");
  ASSERT_TRUE(log_.Seal(*gallery_).ok());
  const ForgetSummary summary = ForgetPerson(1);
  EXPECT_THAT(summary.found_in, IsEmpty());
  EXPECT_THAT(summary.unfinished, IsEmpty());
  EXPECT_EQ(summary.log_lines, 8);
  for (const char* name : {"'Li'", "/Li/", ">Li<", "\"Li\"", "to Li\"", "李", "Ця", "Ökí"})
    EXPECT_THAT(Holding(name), IsEmpty()) << name;
  const std::string log = *ReadFile(folder() / "run.jsonl");
  EXPECT_THAT(log, AllOf(HasSubstr("the name '(forgotten)' is taken"), HasSubstr("Listing")));
  EXPECT_FALSE(Holding("Lisa").empty()) << "whoever stays keeps the name";
  const RunLogCheck check = *CheckRunLog(*gallery_);
  EXPECT_THAT(check.problems, IsEmpty());
  ASSERT_TRUE(log_.Write("forgotten", nlohmann::json::object()).ok());
  EXPECT_THAT(*ReadFile(folder() / "run.jsonl"), HasSubstr("rewritten_head"));
  EXPECT_THAT(CheckRunLog(*gallery_)->problems, IsEmpty());
}

TEST_F(ForgetTest, ALogThatWasTamperedWithStaysSo) {
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(log_.Write("note", {{"message", "about Maximiliane"}, {"n", i}}).ok());
  std::string log = *ReadFile(folder() / "run.jsonl");
  log.replace(log.find("\"n\":2"), 5, "\"n\":9");
  ASSERT_TRUE(WriteFileAtomically(folder() / "run.jsonl", log).ok());
  Rename(1, "Maximiliane");
  EXPECT_EQ(ForgetPerson(1).log_lines, 4);
  EXPECT_THAT(CheckRunLog(*gallery_)->problems, ElementsAre(HasSubstr("line 4 does not follow")));
}

TEST_F(ForgetTest, ALogThatIsNestedWithoutEndIsSearchedAllTheSame) {
  const size_t depth = 1'000'000;
  ASSERT_TRUE(WriteFileAtomically(folder() / "run.jsonl", std::string(depth, '[') + "\"Maximiliane\"" +
                                                              std::string(depth, ']') + "\n")
                  .ok());
  Rename(1, "Maximiliane");
  EXPECT_THAT(ForgetPerson(1).found_in, IsEmpty());
  EXPECT_THAT(Holding("Maximiliane"), IsEmpty());
}

TEST_F(ForgetTest, NamesOfWhomWasMergedIntoThePersonGoToo) {
  Rename(3, "Gundula Meier");
  Rename(1, "Hildegard");
  {
    const CurationState state = State();
    Correct(CurationPlanner(state, false).Merge({1, 3}));
  }
  EXPECT_THAT(ForgetPerson(1).found_in, IsEmpty());
  EXPECT_THAT(Holding("Gundula"), IsEmpty());
  EXPECT_THAT(Holding("Hildegard"), IsEmpty());
}

TEST_F(ForgetTest, ASourceTakesItsNamesAndWhoIsInNoOtherWithIt) {
  Rename(3, "Only Here");
  ASSERT_TRUE(
      log_.Write("scanned",
                 {{"bad", {{{"source", "day 1/Interview.mp4"}, {"message", "/mnt/Interview.mp4: cut"}}}}})
          .ok());
  ASSERT_TRUE(ExportCase(*gallery_).ok());
  const ForgetSummary summary = ForgetSource("day 1/Interview.mp4");
  EXPECT_THAT(summary.found_in, IsEmpty());
  for (const char* text : {"Interview", "Only Here"}) EXPECT_THAT(Holding(text), IsEmpty()) << text;
  EXPECT_EQ(gallery_->ReadSources()->size(), 1u);
  EXPECT_EQ(gallery_->ReadPersons()->size(), 2u);
}

TEST_F(ForgetTest, WhereANameIsLeftIsToldAndNamesThatStayAreLeft) {
  Rename(1, "Anna");
  Rename(2, "Anna Berg");
  ASSERT_TRUE(ExportCase(*gallery_).ok());
  std::ofstream(folder() / "people/notes.txt") << "anna was seen with Anna Berg";
  std::ofstream(folder() / "people/about ANNA.bin") << std::string("\0x", 2);
  std::ofstream(folder() / "people/other.txt") << "Anna Berg alone";
  EXPECT_THAT(ForgetPerson(1).found_in, ElementsAre("people/about ANNA.bin", "people/notes.txt"));
}

TEST_F(ForgetTest, WhatAnotherProgramKeptFromBeingRebuiltIsToldAndFinishedLater) {
  Rename(1, "Maximiliane");
  ASSERT_TRUE(ExportCase(*gallery_).ok());
  auto other =
      std::make_unique<SQLite::Database>((folder() / "crossface.db").native(), SQLite::OPEN_READONLY);
  auto reading = std::make_unique<SQLite::Statement>(*other, "SELECT * FROM persons");
  ASSERT_TRUE(reading->executeStep());
  const ForgetSummary summary = ForgetPerson(1);
  EXPECT_THAT(summary.unfinished, HasSubstr("another program has"));
  EXPECT_THAT(summary.found_in, Not(IsEmpty())) << "it is still in the database's files";
  EXPECT_FALSE(gallery_->ReadFact(kForgettingFact)->empty());
  reading.reset();
  other.reset();
  ASSERT_TRUE(FinishForgetting(*gallery_).ok());
  EXPECT_TRUE(gallery_->ReadFact(kForgettingFact)->empty());
  EXPECT_THAT(Holding("Maximiliane"), IsEmpty());
  EXPECT_THAT(Holding("jpeg 0aaa"), IsEmpty()) << "the pictures of the first track";
}

// Whatever the blocks are, what stands in the text is found, and nothing else.
TEST(BlockSearcher, FindsAcrossBlocks) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab")));
    const auto wanted = *rc::gen::container<std::set<std::string>>(
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab")))));
    std::set<std::string> expected, found;
    for (const std::string& needle : wanted) {
      if (text.find(needle) != std::string::npos) expected.insert(needle);
    }
    BlockSearcher searcher(wanted);
    for (size_t at = 0; at < text.size();) {
      const size_t length = *rc::gen::inRange<size_t>(1, 12);
      searcher.Push(std::string_view(text).substr(at, length), &found);
      at += length;
    }
    RC_ASSERT(found == expected);
    searcher.Reset();
    std::set<std::string> none;
    searcher.Push("", &none);
    RC_ASSERT(none.empty());
  }));
}

}  // namespace
}  // namespace crossface
