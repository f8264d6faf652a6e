#include "crossface/app/late_exports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include "crossface/app/case_service.h"
#include "crossface/app/job_runner.h"
#include "crossface/export/check_export.h"
#include "crossface/gallery/facts.h"
#include "crossface/testing/curation_case.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::milliseconds;

bool Soon(const std::function<bool()>& is_so) {
  for (int i = 0; i < 600 && !is_so(); ++i) std::this_thread::sleep_for(milliseconds(50));
  return is_so();
}

class LateExportsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    {
      auto gallery = *Gallery::Open(folder(), Gallery::Mode::kCreate);
      AddSource(*gallery, "a.mp4", {{1, 1, 100, 10}, {2, 2, 100, 300}, {3, 1}, {4, 3}});
      AddSource(*gallery, "b.mp4", {{1, 1}, {2, 2}, {3, 3}, {4, 4}});
    }
    IdentifyAnswer answer;
    ASSERT_TRUE(CaseService(folder()).Group({}, {}, &answer).status.ok());
    ASSERT_TRUE(CaseService(folder()).Export({}, &answer).status.ok());
  }
  fs::path folder() const { return scratch_.path() / "case"; }
  bool IsThere(const std::string& name) const { return fs::exists(folder() / "people" / name / "faces.csv"); }
  Status Say(LateExports& exports, const Correction& correction) const {
    CorrectionAnswer answer;
    return exports.Correct(folder(), correction, {.override_earlier = true}, &answer).status;
  }
  std::string Fact() const {
    return *(*Gallery::Open(folder(), Gallery::Mode::kRead))->ReadFact(kExportOwedFact);
  }
  void ExpectWholeFolder() const {
    const auto gallery = *Gallery::Open(folder(), Gallery::Mode::kRead);
    const auto check = CheckExport(*gallery);
    ASSERT_TRUE(check.ok()) << check.status().message();
    EXPECT_THAT(check->missing, ::testing::IsEmpty());
    EXPECT_THAT(check->changed, ::testing::IsEmpty());
    EXPECT_THAT(check->extra, ::testing::IsEmpty());
    EXPECT_FALSE(gallery->ReadExportedLogs()->empty());
    EXPECT_EQ(Fact(), "");
  }

  testing::ScratchFolder scratch_;
};

TEST_F(LateExportsTest, ACorrectionIsAnsweredBeforeTheFolderFollows) {
  LateExports exports(milliseconds(1));
  {
    const LateExports::Way way(exports, folder());
    ASSERT_TRUE(Say(exports, RenamePerson{"1", "Ada"}).ok());
    std::this_thread::sleep_for(milliseconds(100));
    EXPECT_FALSE(IsThere("Ada"));
    EXPECT_NE(Fact(), "");
  }
  EXPECT_TRUE(Soon([&] { return IsThere("Ada") && Fact().empty(); }));
  ExpectWholeFolder();
}

TEST_F(LateExportsTest, TheFolderFollowsSeveralCorrectionsAtOnceAndOnlyWhatTheyTouched) {
  const std::string untouched = "cut";
  const fs::path of_fourth = folder() / "people/person-0004/faces.csv";
  ASSERT_TRUE(WriteFileAtomically(of_fourth, untouched, Durability::kRename).ok());
  {
    LateExports exports{hours(1)};
    ASSERT_TRUE(Say(exports, RenamePerson{"1", "Ada"}).ok());
    ASSERT_TRUE(Say(exports, MergePersons{{"2", "3"}}).ok());
    ASSERT_TRUE(Say(exports, UndoCorrections{.count = 1}).ok());
    ASSERT_TRUE(Say(exports, MoveTracks{{"a.mp4:4"}, "nobody"}).ok());
    EXPECT_FALSE(IsThere("Ada"));
  }
  EXPECT_TRUE(IsThere("Ada"));
  EXPECT_TRUE(fs::exists(folder() / "unassigned/faces.csv"));
  EXPECT_EQ(*ReadFile(of_fourth), untouched);
  IdentifyAnswer answer;
  ASSERT_TRUE(CaseService(folder()).Export({}, &answer).status.ok());
  ExpectWholeFolder();
}

TEST_F(LateExportsTest, WhatAKilledProgramOwedTheNextOneDoes) {
  const pid_t child = ::fork();
  if (child == 0) {
    LateExports exports{hours(1)};
    ::_exit(Say(exports, RenamePerson{"1", "Ada"}).ok() ? 0 : 1);
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  ASSERT_EQ(how, 0);
  EXPECT_FALSE(IsThere("Ada"));
  LateExports exports(milliseconds(1));
  exports.Adopt(folder());
  EXPECT_TRUE(Soon([&] { return IsThere("Ada") && Fact().empty(); }));
  ExpectWholeFolder();
}

TEST_F(LateExportsTest, AnExportOfSomebodyElseIsNotRepeated) {
  LateExports exports{hours(1)};
  ASSERT_TRUE(Say(exports, RenamePerson{"1", "Ada"}).ok());
  IdentifyAnswer answer;
  ASSERT_TRUE(CaseService(folder()).Export({}, &answer).status.ok());
  ExpectWholeFolder();
  const std::string log = *ReadFile(folder() / "run.jsonl");
  exports.Finish(folder());
  EXPECT_EQ(*ReadFile(folder() / "run.jsonl"), log);
}

TEST_F(LateExportsTest, AJobBeginsWhenTheFolderIsUpToDate) {
  LateExports exports{hours(1)};
  JobRunner runner({}, nullptr, &exports);
  ASSERT_TRUE(Say(exports, RenamePerson{"1", "Ada"}).ok());
  ASSERT_TRUE(runner.Add(folder(), VerifyJob{.sources = scratch_.path()}).ok());
  ASSERT_TRUE(Soon([&] { return runner.Jobs(folder())->back().state == JobState::kDone; }));
  ExpectWholeFolder();
}

TEST_F(LateExportsTest, ADryRunOwesNothing) {
  LateExports exports(milliseconds(1));
  CorrectionAnswer answer;
  ASSERT_TRUE(exports.Correct(folder(), RenamePerson{"1", "Ada"}, {.dry_run = true}, &answer).status.ok());
  EXPECT_EQ(Fact(), "");
  EXPECT_FALSE(answer.event->told.empty());
}

}  // namespace
}  // namespace crossface
