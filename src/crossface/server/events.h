// What happens while somebody looks, told to every page that is open: server-sent events. Thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "crossface/app/job_runner.h"
#include "crossface/util/mutex.h"

namespace crossface {

class Events : public JobRunner::Listener {
 public:
  static constexpr size_t kMostFollowers = 24, kMostWaiting = 1000;

  // `hello` is the first that each who follows is told.
  explicit Events(std::string hello) : hello_(std::move(hello)) {}

  void Tell(const std::string& event, const nlohmann::json& data);
  // Begins with how cases stand, as others who follow were told. For HttpAnswer::stream; nothing when too
  // many follow already. The events must outlive it. One that does not keep up is ended, and comes again.
  std::function<bool(std::string* next)> Follow();
  bool AnybodyFollows() const;
  // Ends all.
  void Stop();

  void OnJob(const std::filesystem::path& case_folder, const Job& job) override;
  void OnProgress(const std::filesystem::path& case_folder, int64_t job,
                  const JobProgress& progress) override;

 private:
  struct Follower {
    std::deque<std::string> waiting;
    bool lost = false;
    std::chrono::steady_clock::time_point told;
  };
  bool Next(Follower& follower, std::string* next);

  const std::string hello_;
  mutable Mutex mutex_;
  Condition changed_;
  std::vector<std::weak_ptr<Follower>> followers_ CROSSFACE_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point progress_told_ CROSSFACE_GUARDED_BY(mutex_);
  std::map<std::string, std::string> standing_ CROSSFACE_GUARDED_BY(mutex_);  // by case: the last told of it
  bool stopped_ CROSSFACE_GUARDED_BY(mutex_) = false;
};

}  // namespace crossface
