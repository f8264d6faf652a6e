#include "crossface/server/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/app/case_folders.h"
#include "crossface/server/job_json.h"

namespace crossface {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr milliseconds kWait(500);
// More often nobody can see.
constexpr milliseconds kProgress(250);
// What stands between may close a connection on which nothing is said.
constexpr seconds kSilence(15);

std::string Text(const std::string& event, const nlohmann::json& data) {
  return fmt::format("event: {}\ndata: {}\n\n", event,
                     data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

void Events::Tell(const std::string& event, const nlohmann::json& data) {
  const std::string text = Text(event, data);
  const MutexLock lock(mutex_);
  if (event == "case") standing_[data.at("case")] = text;
  for (const auto& each : followers_) {
    const auto follower = each.lock();
    if (follower == nullptr) continue;
    if (follower->waiting.size() >= kMostWaiting) {
      follower->lost = true;
    } else {
      follower->waiting.push_back(text);
    }
  }
  changed_.notify_all();
}

std::function<bool(std::string*)> Events::Follow() {
  const auto follower = std::make_shared<Follower>();
  follower->waiting.push_back("retry: 1000\n" + hello_);
  follower->told = std::chrono::steady_clock::now();
  const MutexLock lock(mutex_);
  std::erase_if(followers_, [](const auto& each) { return each.expired(); });
  if (followers_.size() >= kMostFollowers || stopped_) return nullptr;
  // What others were told a moment ago, a page that is just being opened may have read before it.
  if (followers_.empty()) standing_.clear();
  for (const auto& [id, text] : standing_) follower->waiting.push_back(text);
  followers_.push_back(follower);
  return [this, follower](std::string* next) { return Next(*follower, next); };
}

bool Events::AnybodyFollows() const {
  const MutexLock lock(mutex_);
  return std::any_of(followers_.begin(), followers_.end(), [](const auto& each) { return !each.expired(); });
}

bool Events::Next(Follower& follower, std::string* next) {
  MutexLock lock(mutex_);
  changed_.wait_for(lock, kWait, [&]() CROSSFACE_REQUIRES(mutex_) {
    return stopped_ || follower.lost || !follower.waiting.empty();
  });
  if (stopped_ || follower.lost) return false;
  const auto now = std::chrono::steady_clock::now();
  for (std::string& text : follower.waiting) *next += text;
  follower.waiting.clear();
  if (next->empty() && now - follower.told > kSilence) *next = ": still here\n\n";
  if (!next->empty()) follower.told = now;
  return true;
}

void Events::Stop() {
  const MutexLock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void Events::OnJob(const std::filesystem::path& case_folder, const Job& job) {
  Tell("job", {{"case", CaseId(case_folder)}, {"job", JobFields(job, std::nullopt)}});
}

void Events::OnProgress(const std::filesystem::path& case_folder, int64_t job, const JobProgress& progress) {
  {
    const MutexLock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - progress_told_ < kProgress) return;
    progress_told_ = now;
  }
  Tell("progress", {{"case", CaseId(case_folder)}, {"job", job}, {"progress", ProgressFields(progress)}});
}

}  // namespace crossface
