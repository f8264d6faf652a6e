#include "crossface/ray/serve_tasks.h"

#include <poll.h>

#include <deque>
#include <thread>

#include "crossface/ray/pipe_message.h"
#include "crossface/ray/product_task.h"
#include "crossface/util/mutex.h"

namespace crossface {
namespace {

constexpr int kAskAgainMs = 100;

// Tasks as they come in, and the end of whoever sends them.
class Inbox {
 public:
  Inbox(int in, const std::function<void()>& ended)
      : reader_([this, in, ended](const std::stop_token& enough) { Read(in, ended, enough); }) {}

  // Nothing once the pipe has ended.
  std::optional<PipeMessage> Take() {
    MutexLock lock(mutex_);
    while (messages_.empty() && !ended_) changed_.wait(lock);
    if (ended_) return std::nullopt;
    PipeMessage message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }
  std::stop_token stop() const { return stop_.get_token(); }

 private:
  void Read(int in, const std::function<void()>& ended, const std::stop_token& enough) {
    while (!enough.stop_requested()) {
      pollfd ready{in, POLLIN, 0};
      if (::poll(&ready, 1, kAskAgainMs) <= 0) continue;
      PipeMessage message;
      if (!ReadMessage(in, &message)) break;
      MutexLock lock(mutex_);
      messages_.push_back(std::move(message));
      changed_.notify_all();
    }
    if (ended) ended();
    stop_.request_stop();
    MutexLock lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  std::stop_source stop_;
  Mutex mutex_;
  Condition changed_;
  std::deque<PipeMessage> messages_ CROSSFACE_GUARDED_BY(mutex_);
  bool ended_ CROSSFACE_GUARDED_BY(mutex_) = false;
  std::jthread reader_;  // joined first
};

}  // namespace

Status ServeTasks(int in, int out, ScanTaskRunner& runner, const std::string& machine,
                  const std::function<void()>& ended) {
  Inbox inbox(in, ended);
  while (const std::optional<PipeMessage> message = inbox.Take()) {
    if (message->kind != 'T') return Status(StatusCode::kIo, "what came is no task");
    const std::string answer = IsProductTask(message->bytes)
                                   ? AnswerProductTask(message->bytes, machine, inbox.stop())
                                   : runner.Answer(message->bytes, inbox.stop());
    if (inbox.stop().stop_requested()) break;
    if (!WriteMessage(out, 'R', message->id, answer))
      return Status(StatusCode::kIo, "nobody takes the answer");
  }
  return Status();
}

}  // namespace crossface
