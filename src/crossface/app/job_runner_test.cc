#include "crossface/app/job_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>

#include "crossface/app/case_service.h"
#include "crossface/testing/curation_case.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Remembers states, and waits for one.
class Remember : public JobRunner::Listener {
 public:
  void OnJob(const std::filesystem::path&, const Job& job) override {
    const std::lock_guard lock(mutex_);
    states_.push_back(job.state);
    last_ = job;
    changed_.notify_all();
  }
  void OnProgress(const std::filesystem::path&, int64_t, const JobProgress& progress) override {
    const std::lock_guard lock(mutex_);
    works_.push_back(progress.work);
  }
  Job WaitFor(JobState state) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      return std::find(states_.begin(), states_.end(), state) != states_.end();
    }));
    return last_.value();
  }
  Job last() {
    const std::lock_guard lock(mutex_);
    return last_.value();
  }
  std::vector<std::string> works() {
    const std::lock_guard lock(mutex_);
    return works_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<JobState> states_;
  std::vector<std::string> works_;
  std::optional<Job> last_;
};

class JobRunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto gallery = Gallery::Open(folder(), Gallery::Mode::kCreate);
    ASSERT_TRUE(gallery.ok()) << gallery.status().message();
    AddSource(**gallery, "a.mp4", {{.number = 1, .person = 1}, {.number = 2, .person = 2}});
    AddSource(**gallery, "b.mp4", {{.number = 1, .person = 1}, {.number = 2, .person = 2}});
  }
  std::filesystem::path folder() const { return scratch_.path() / "case"; }
  // Keeps the case's lock, so that jobs that write fail.
  std::unique_ptr<Gallery> Hold() { return *Gallery::Open(folder(), Gallery::Mode::kWrite); }

  testing::ScratchFolder scratch_;
};

TEST_F(JobRunnerTest, RunsWhatIsQueuedInOrderAndKeepsHowItEnded) {
  Remember remember;
  JobRunner runner({}, &remember);
  ASSERT_TRUE(runner.Add(folder(), GroupJob{}).ok());
  const auto second = runner.Add(folder(), VerifyJob{.sources = scratch_.path()});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->id, 2);
  for (int i = 0; i < 600; ++i) {
    if (runner.Jobs(folder())->back().state >= JobState::kDone) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const auto jobs = runner.Jobs(folder());
  ASSERT_TRUE(jobs.ok()) << jobs.status().message();
  ASSERT_THAT(*jobs, SizeIs(2));
  EXPECT_EQ((*jobs)[0].state, JobState::kDone) << (*jobs)[0].message;
  EXPECT_EQ((*jobs)[0].answer["cluster"]["persons"], 2);
  EXPECT_FALSE((*jobs)[0].started.empty());
  // The footage of a made case is nowhere: that is found, and is no failure of the job.
  EXPECT_EQ((*jobs)[1].state, JobState::kDone);
  EXPECT_EQ((*jobs)[1].exit, kExitMismatch);
  EXPECT_LE((*jobs)[0].ended, (*jobs)[1].started);
  EXPECT_THAT(remember.works(), ::testing::Contains("export"));
  EXPECT_FALSE(runner.Progress(folder(), 1));
}

TEST_F(JobRunnerTest, AFailureIsKeptWithItsReasonAndCanBeTriedAgain) {
  Remember remember;
  JobRunner runner({}, &remember);
  {
    const auto held = Hold();
    ASSERT_TRUE(runner.Add(folder(), ExportJob{}).ok());
    const Job failed = remember.WaitFor(JobState::kFailed);
    EXPECT_EQ(failed.exit, kExitFailed);
    EXPECT_THAT(failed.message, HasSubstr("another crossface"));
  }
  ASSERT_TRUE(runner.Resume(folder(), 1).ok());
  const Job done = remember.WaitFor(JobState::kDone);
  EXPECT_EQ(done.message, "");
  EXPECT_EQ(runner.Resume(folder(), 1).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(runner.Cancel(folder(), 1).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(runner.Cancel(folder(), 7).status().code(), StatusCode::kNotFound);
}

TEST_F(JobRunnerTest, WhatAKilledProgramLeftIsToldAndWhatWaitedGoesOn) {
  const pid_t child = ::fork();
  if (child == 0) {
    const JobStore store(folder());
    const bool ok = store.Add(ToJson(JobRequest(ExportJob{}))).ok() && store.Begin(1).ok() &&
                    store.Add(ToJson(JobRequest(GroupJob{}))).ok();
    ::_exit(ok ? 0 : 1);
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  ASSERT_EQ(how, 0);
  const auto before = JobStore(folder()).Read();
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(before->front().state, JobState::kCutOff);

  Remember remember;
  JobRunner runner({}, &remember);
  ASSERT_TRUE(runner.Adopt(folder()).ok());
  remember.WaitFor(JobState::kDone);
  const auto jobs = runner.Jobs(folder());
  EXPECT_EQ((*jobs)[0].state, JobState::kCutOff);
  EXPECT_EQ((*jobs)[1].state, JobState::kDone);
  ASSERT_TRUE(runner.Resume(folder(), 1).ok());
}

TEST_F(JobRunnerTest, JobsOfALivingProcessAreLeftToIt) {
  const JobStore store(folder());
  ASSERT_TRUE(store.Add(ToJson(JobRequest(ExportJob{}))).ok());
  ASSERT_TRUE(store.Begin(1).ok());
  const auto adopted = store.Adopt();
  ASSERT_TRUE(adopted.ok());
  EXPECT_THAT(*adopted, IsEmpty());
  EXPECT_EQ(store.Read()->front().state, JobState::kRunning);
}

// Holds the runner up when it begins its first job, until it is let go.
class HoldUp : public Remember {
 public:
  void OnJob(const std::filesystem::path& case_folder, const Job& job) override {
    Remember::OnJob(case_folder, job);
    if (job.id == 1 && job.state == JobState::kRunning) gate_.get_future().wait();
  }
  void LetGo() { gate_.set_value(); }

 private:
  std::promise<void> gate_;
};

TEST_F(JobRunnerTest, WhatRunsWhenTheRunnerEndsIsPausedAndWhatWaitsIsKept) {
  {
    HoldUp hold_up;
    std::jthread later;
    JobRunner runner({.models = scratch_.path()}, &hold_up);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(runner.Add(folder(), GroupJob{}).ok());
    hold_up.WaitFor(JobState::kRunning);
    later = std::jthread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      hold_up.LetGo();
    });
  }
  const auto jobs = JobStore(folder()).Read();
  ASSERT_TRUE(jobs.ok());
  int waiting = 0;
  for (const Job& job : *jobs) {
    EXPECT_NE(job.state, JobState::kRunning);
    EXPECT_NE(job.state, JobState::kFailed) << job.message;
    waiting += job.state == JobState::kQueued ? 1 : 0;
  }
  EXPECT_GT(waiting, 0);
}

TEST_F(JobRunnerTest, WhatWaitsAlreadyIsNotQueuedTwiceButWhatRunsMayHaveBegunTooEarly) {
  HoldUp hold_up;
  JobRunner runner({}, &hold_up);
  ASSERT_EQ(runner.AddOnce(folder(), GroupJob{})->id, 1);
  hold_up.WaitFor(JobState::kRunning);
  const GroupJob strict{{.profile = Profile::kStrict}};
  EXPECT_EQ(runner.AddOnce(folder(), GroupJob{})->id, 2);
  EXPECT_EQ(runner.AddOnce(folder(), GroupJob{})->id, 2);
  EXPECT_EQ(runner.AddOnce(folder(), strict)->id, 3);
  EXPECT_EQ(runner.Cancel(folder(), 2)->state, JobState::kCancelled);
  EXPECT_EQ(runner.AddOnce(folder(), GroupJob{})->id, 4);
  hold_up.LetGo();
}

TEST_F(JobRunnerTest, AQueuedJobThatIsCancelledIsNeverRunAndARunningOneEndsCancelled) {
  HoldUp hold_up;
  JobRunner runner({}, &hold_up);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(runner.Add(folder(), GroupJob{}).ok());
  hold_up.WaitFor(JobState::kRunning);
  EXPECT_EQ(runner.Cancel(folder(), 2)->state, JobState::kCancelled);
  EXPECT_EQ(runner.Pause(folder(), 3)->state, JobState::kPaused);
  EXPECT_EQ(runner.Cancel(folder(), 1)->state, JobState::kRunning);
  hold_up.LetGo();
  hold_up.WaitFor(JobState::kDone);
  const auto jobs = runner.Jobs(folder());
  EXPECT_EQ((*jobs)[0].state, JobState::kCancelled);
  EXPECT_EQ((*jobs)[1].state, JobState::kCancelled);
  EXPECT_EQ((*jobs)[1].started, "");
  EXPECT_EQ((*jobs)[2].state, JobState::kPaused);
  EXPECT_EQ((*jobs)[3].state, JobState::kDone);
}

TEST_F(JobRunnerTest, WhileSomethingIsWrittenBetweenScansJobsOfTheCaseWaitAndThoseOfOthersDoNot) {
  const auto other = scratch_.path() / "other";
  ASSERT_TRUE(Gallery::Open(other, Gallery::Mode::kCreate).ok());
  Remember remember;
  JobRunner runner({}, &remember, nullptr, std::chrono::milliseconds(100));
  bool written = false;
  runner.BetweenScans(folder(), [&] {
    ASSERT_TRUE(runner.Add(folder(), GroupJob{}).ok());
    ASSERT_TRUE(runner.Add(other, GroupJob{}).ok());
    remember.WaitFor(JobState::kDone);
    EXPECT_EQ(runner.Jobs(other)->front().state, JobState::kDone);
    EXPECT_EQ(runner.Jobs(folder())->front().state, JobState::kQueued);
    written = Gallery::Open(folder(), Gallery::Mode::kWrite).ok();
  });
  EXPECT_TRUE(written);
  for (int i = 0; i < 600 && runner.Jobs(folder())->front().state != JobState::kDone; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(runner.Jobs(folder())->front().state, JobState::kDone);
}

TEST_F(JobRunnerTest, WorkThatIsNoScanIsNotStoppedForWhatIsWrittenBetweenScans) {
  HoldUp hold_up;
  JobRunner runner({}, &hold_up, nullptr, std::chrono::milliseconds(0));
  ASSERT_TRUE(runner.Add(folder(), GroupJob{}).ok());
  hold_up.WaitFor(JobState::kRunning);
  bool called = false;
  std::jthread writer([&] { runner.BetweenScans(folder(), [&] { called = true; }); });
  hold_up.LetGo();
  writer.join();
  EXPECT_TRUE(called);
  EXPECT_EQ(hold_up.WaitFor(JobState::kDone).exit, kExitDone);
}

TEST_F(JobRunnerTest, ForgettingLeavesNoNameInTheListOfJobs) {
  Remember remember;
  CorrectionAnswer renamed;
  std::optional<JobRunner> runner(std::in_place, JobMeans{}, &remember);
  ASSERT_TRUE(runner->Add(folder(), GroupJob{}).ok());
  remember.WaitFor(JobState::kDone);
  ASSERT_TRUE(CaseService(folder())
                  .Correct(RenamePerson{"person-0001", "Maximiliane"}, {}, {}, &renamed)
                  .status.ok());
  ASSERT_TRUE(runner->Add(folder(), ForgetRequest{.what = "Maximiliane", .confirmed = true}).ok());
  for (int i = 0; i < 600 && !runner->Jobs(folder())->empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(*runner->Jobs(folder()), IsEmpty());
  EXPECT_THAT(*ReadFile(folder() / "jobs.json"), ::testing::Not(HasSubstr("Maximiliane")));
  runner.reset();
  // The proof of forgetting looks at all files of the case while the job runs.
  EXPECT_EQ(remember.last().state, JobState::kDone);
  EXPECT_EQ(remember.last().exit, kExitDone) << remember.last().answer;
}

TEST_F(JobRunnerTest, OnlyTheNewestThatEndedAreKept) {
  const JobStore store(folder());
  for (int i = 1; i <= 60; ++i) {
    ASSERT_TRUE(store.Add(ToJson(JobRequest(ExportJob{}))).ok());
    ASSERT_TRUE(store
                    .Change(i,
                            [](Job& job) {
                              job.state = JobState::kDone;
                              return Status();
                            })
                    .ok());
  }
  const auto jobs = store.Read();
  ASSERT_THAT(*jobs, SizeIs(50));
  EXPECT_EQ(jobs->front().id, 11);
  EXPECT_EQ(store.Add(json::object())->id, 61);
}

TEST_F(JobRunnerTest, AListThatSomebodyHasSpoiltIsRefusedAndLeftAsItIs) {
  for (const std::string& text :
       {std::string("not json"), std::string("{}"), std::string(R"({"next":1,"jobs":[{"id":5}]})"),
        std::string(R"({"next":1,"jobs":[{"id":5,"state":"queued","request":{}}]})"),
        std::string(5000, '[')}) {
    ASSERT_TRUE(WriteFileAtomically(folder() / "jobs.json", text).ok());
    EXPECT_EQ(JobStore(folder()).Read().status().code(), StatusCode::kCorrupt) << text;
    EXPECT_EQ(JobStore(folder()).Add(json::object()).status().code(), StatusCode::kCorrupt) << text;
    EXPECT_EQ(*ReadFile(folder() / "jobs.json"), text);
  }
}

TEST(JobRequest, IsTheSameAfterItWasWrittenAndRead) {
  for (
      const char* text :
      {R"({"verb":"identify","sources":["/a","/b c"],"clustering":"dbscan","profile":"strict","licence":"permissive",
            "exhaustive":true,"rescan":true,"detectors":["mtcnn"],"embedders":["arcface_ms1m"],"rotate":"90","aspect":"16:9"})",
       R"({"verb":"identify","sources":["/a"],"clustering":"hybrid","profile":"balanced","licence":"any","rotate":"auto"})",
       R"({"verb":"cluster","clustering":"hybrid","profile":"loose"})", R"({"verb":"export"})",
       R"({"verb":"reembed","embedders":["a"]})", R"({"verb":"duplicates"})",
       R"({"verb":"redact","source":"a.mp4","output":"/o.mp4","except":["Anna"],"method":"blur","strip_metadata":true})",
       R"({"verb":"verify","sources":"/m"})", R"({"verb":"locate","place":"/m","source":"a.mp4"})",
       R"({"verb":"forget","what":"Anna","confirmed":true})",
       R"({"verb":"formats","formats":["bag"],"out":"/o"})"}) {
    const json given = json::parse(text);
    const auto request = ParseJobRequest(given);
    ASSERT_TRUE(request.ok()) << text << ": " << request.status().message();
    EXPECT_EQ(ToJson(*request), given);
    EXPECT_EQ(VerbOf(*request), given["verb"]);
  }
}

TEST(JobRequest, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"([])", "verb"},
      {R"({"verb":"dance"})", "dance"},
      {R"({"verb":"identify"})", "sources"},
      {R"({"verb":"identify","sources":[]})", "sources"},
      {R"({"verb":"identify","sources":"/a"})", "sources"},
      {R"({"verb":"identify","sources":["/a"],"profile":"bold"})", "bold"},
      {R"({"verb":"identify","sources":["/a"],"clustering":"magic"})", "magic"},
      {R"({"verb":"identify","sources":["/a"],"detectors":["eyes"]})", "eyes"},
      {R"({"verb":"identify","sources":["/a"],"rotate":"45"})", "45"},
      {R"({"verb":"identify","sources":["/a"],"aspect":"wide"})", "wide"},
      {R"({"verb":"identify","sources":["/a"],"rescan":"yes"})", "rescan"},
      {R"({"verb":"export","threads":4})", "threads"},
      {R"({"verb":"redact","source":"a","output":"/o"})", "only"},
      {R"({"verb":"redact","source":"a","output":"/o","all":true,"only":["b"]})", "only"},
      {R"({"verb":"forget","what":""})", "what"},
  };
  for (const auto& [text, word] : wrong) {
    const auto request = ParseJobRequest(json::parse(text));
    EXPECT_EQ(request.status().code(), StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(request.status().message(), HasSubstr(word)) << text;
  }
}

}  // namespace
}  // namespace crossface
