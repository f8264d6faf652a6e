#include "crossface/app/live_hook.h"

#include <fmt/format.h>

#include <utility>

#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

constexpr size_t kMostWaiting = 16;

}  // namespace

LiveHook::LiveHook(std::vector<std::string> command) : command_(std::move(command)) {
  if (!command_.empty()) thread_ = std::jthread([this](const std::stop_token& stop) { Work(stop); });
}

void LiveHook::Run(std::vector<std::string> further) {
  if (command_.empty()) return;
  std::vector<std::string> arguments = command_;
  arguments.insert(arguments.end(), further.begin(), further.end());
  MutexLock lock(mutex_);
  if (waiting_.size() >= kMostWaiting)
    return Complain(fmt::format("{} is not run for every event: it takes too long", command_.front()));
  waiting_.push_back(std::move(arguments));
  there_.notify_all();
}

void LiveHook::Complain(std::string problem) {
  if (problem == last_problem_) return;
  last_problem_ = problem;
  problems_.push_back(std::move(problem));
}

std::vector<std::string> LiveHook::TakeProblems() {
  MutexLock lock(mutex_);
  return std::exchange(problems_, {});
}

void LiveHook::Work(const std::stop_token& stop) {
  while (true) {
    std::vector<std::string> arguments;
    {
      MutexLock lock(mutex_);
      there_.wait(lock, stop, [this]() CROSSFACE_REQUIRES(mutex_) { return !waiting_.empty(); });
      if (waiting_.empty()) return;
      arguments = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const auto ran = RunSubprocess(arguments, stop);
    MutexLock lock(mutex_);
    if (!ran.ok() && ran.status().code() != StatusCode::kInterrupted) Complain(ran.status().message());
    if (ran.ok() && ran->exit_code != 0)
      Complain(fmt::format("{} ended with code {}", command_.front(), ran->exit_code));
  }
}

}  // namespace crossface
