// Corrections that are answered as soon as they are kept. The case folder follows on a thread of its own, a
// moment after the last of them, and only the part that they touched. For front ends whose users say one
// thing after the other; CaseService::Correct writes the folder before it answers.
//
// That a folder has to follow stands in the case (kExportOwedFact): what a killed program leaves, the next
// one does. Thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <thread>

#include "crossface/app/answers.h"
#include "crossface/app/correction_run.h"
#include "crossface/app/ending.h"
#include "crossface/app/requests.h"
#include "crossface/util/mutex.h"

namespace crossface {

class LateExports {
 public:
  // How long nothing more is said before the folder follows.
  explicit LateExports(std::chrono::milliseconds quiet = std::chrono::seconds(1));
  // Does what waits, without waiting for quiet.
  ~LateExports();

  // As CaseService::Correct, but for the case folder. An export of this class that runs makes way.
  Ending Correct(const std::filesystem::path& case_folder, const Correction& correction,
                 const CorrectionOptions& options, CorrectionAnswer* answer);
  // Takes over what an ended program owed the folder. Once, when a case is first used.
  void Adopt(const std::filesystem::path& case_folder);

  // While one lives, no export of this class runs in the case.
  class Way {
   public:
    Way(LateExports& exports, std::filesystem::path case_folder);
    ~Way();
    Way(const Way&) = delete;
    Way& operator=(const Way&) = delete;

   private:
    LateExports& exports_;
    const std::filesystem::path case_folder_;
  };
  // Brings the folder up to date first, if it has to follow: for work that looks at it.
  void Finish(const std::filesystem::path& case_folder);

 private:
  using Clock = std::chrono::steady_clock;
  // Where `made` is empty the whole case is exported.
  struct Owed {
    std::optional<MadeCorrection> made;
    Clock::time_point due;
  };

  void Work(const std::stop_token& ended);
  void Owe(const std::filesystem::path& case_folder, std::optional<MadeCorrection> made);
  // A case whose time has come, or with `at_once` any; where there is none, `until` when there will be.
  std::optional<std::filesystem::path> NextDue(bool at_once, Clock::time_point* until) const
      CROSSFACE_REQUIRES(mutex_);
  // Lets the mutex go while it exports. What fails is tried again later, unless it is the last try.
  void ExportOne(const std::filesystem::path& case_folder, bool is_last) CROSSFACE_REQUIRES(mutex_);
  void Changed() CROSSFACE_REQUIRES(mutex_);

  const std::chrono::milliseconds quiet_;
  Mutex mutex_;
  Condition changed_;
  int64_t changes_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  std::map<std::filesystem::path, Owed> owed_ CROSSFACE_GUARDED_BY(mutex_);
  std::map<std::filesystem::path, int> ways_ CROSSFACE_GUARDED_BY(mutex_);
  std::map<std::filesystem::path, std::stop_source> running_ CROSSFACE_GUARDED_BY(mutex_);
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace crossface
