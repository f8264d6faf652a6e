#include "crossface/server/asker_watch.h"

#include <chrono>
#include <utility>

namespace crossface {
namespace {

constexpr auto kBetweenLooks = std::chrono::milliseconds(200);

}  // namespace

AskerWatch::AskerWatch() : thread_([this](const std::stop_token& end) { Look(end); }) {}

AskerWatch::~AskerWatch() {
  thread_.request_stop();
  changed_.notify_all();
}

void AskerWatch::StopAll() {
  MutexLock lock(mutex_);
  stopped_ = true;
  for (const auto& [number, work] : works_) work->stop_.request_stop();
}

void AskerWatch::Look(const std::stop_token& end) {
  MutexLock lock(mutex_);
  while (!end.stop_requested()) {
    changed_.wait_for(lock, kBetweenLooks);
    for (const auto& [number, work] : works_)
      if (work->gone_()) work->stop_.request_stop();
  }
}

AskerWatch::Work::Work(AskerWatch& watch, std::function<bool()> gone)
    : watch_(watch), gone_(std::move(gone)) {
  MutexLock lock(watch_.mutex_);
  number_ = watch_.next_number_++;
  watch_.works_[number_] = this;
  if (watch_.stopped_) stop_.request_stop();
}

AskerWatch::Work::~Work() {
  MutexLock lock(watch_.mutex_);
  watch_.works_.erase(number_);
}

}  // namespace crossface
