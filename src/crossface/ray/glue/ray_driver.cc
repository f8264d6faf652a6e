// crossface-ray-driver ADDRESS TASKS_LIBRARY CPUS GPUS MEMORY_BYTES: hands tasks that come on standard input
// to a Ray cluster, and their answers to standard output. It ends when its input does.
//
// A process of its own, because Ray's library ends the process that it is in when it loses its cluster.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "crossface/ray/glue/ray_tasks.h"
#include "crossface/ray/pipe_message.h"

namespace crossface_ray {
namespace {

using crossface::PipeMessage;
using crossface::WriteMessage;

constexpr int kLookAgainMs = 50;
constexpr size_t kLarge = 1 << 20;

// Of each task; 0: none of it.
struct Resources {
  double cpus = 1, gpus = 0, memory_bytes = 0;
};

class Driver {
 public:
  Driver(int to, const Resources& resources) : to_(to), resources_(resources) {}

  [[noreturn]] void Run() {
    std::thread([this] { ReadTasks(); }).detach();
    while (true) {
      SubmitNew();
      Collect();
    }
  }

 private:
  void ReadTasks() {
    for (PipeMessage message; crossface::ReadMessage(STDIN_FILENO, &message);) {
      const std::lock_guard<std::mutex> lock(mutex_);
      submitted_.push_back(std::move(message));
    }
    // Whoever asked has gone and wants no more; a cluster ends what it runs for a driver that is gone.
    ::_exit(0);
  }

  void SubmitNew() {
    std::deque<PipeMessage> messages;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      messages.swap(submitted_);
    }
    for (PipeMessage& message : messages) {
      auto task = ray::Task(DoTask);
      task.SetName("crossface");
      if (resources_.cpus > 0) task.SetResource("CPU", resources_.cpus);
      if (resources_.gpus > 0) task.SetResource("GPU", resources_.gpus);
      if (resources_.memory_bytes > 0) task.SetResource("memory", resources_.memory_bytes);
      // Copied: Ray 2.60 forgets what is moved.
      const ray::ObjectRef<std::string> answer = message.bytes.size() < kLarge
                                                     ? task.Remote(std::move(message.bytes))
                                                     : task.Remote(InStore(&message.bytes));
      running_.emplace_back(message.id, answer);
    }
  }

  // What goes with a task itself stays in the memory of this process and of others until it is done; the
  // store has a bound, puts what is too much on a disk, and forgets it with the task.
  static ray::ObjectRef<std::string> InStore(std::string* bytes) {
    ray::ObjectRef<std::string> stored = ray::Put(*bytes);
    std::string().swap(*bytes);
    return stored;
  }

  void Collect() {
    if (running_.empty()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kLookAgainMs));
      return;
    }
    std::vector<std::string> ids;
    for (const auto& task : running_) ids.push_back(task.second.ID());
    const std::vector<bool> ready = ray::internal::GetRayRuntime()->Wait(ids, 1, kLookAgainMs);
    size_t at = 0;
    for (auto task = running_.begin(); task != running_.end(); ++at) {
      if (!ready[at]) {
        ++task;
        continue;
      }
      Answer(task->first, task->second);
      task = running_.erase(task);
    }
  }

  void Answer(uint64_t id, const ray::ObjectRef<std::string>& task) {
    bool told = false;
    try {
      const std::shared_ptr<std::string> bytes = task.Get();
      told = WriteMessage(to_, 'R', id, *bytes);
    } catch (const ray::internal::RayTaskException& error) {
      const bool for_ever = std::strstr(error.what(), "RayFunctionNotFound") != nullptr ||
                            std::strstr(error.what(), kCannotRun) != nullptr;
      const bool killed = std::strstr(error.what(), kKilled) != nullptr;
      told = WriteMessage(to_, for_ever ? 'F' : killed ? 'L' : 'E', id, error.what());
    } catch (const std::exception& error) {
      told = WriteMessage(to_, 'L', id, error.what());
    }
    if (!told) ::_exit(0);
  }

  const int to_;
  const Resources resources_;
  std::mutex mutex_;
  std::deque<PipeMessage> submitted_;  // guarded by mutex_
  std::list<std::pair<uint64_t, ray::ObjectRef<std::string>>> running_;
};

}  // namespace
}  // namespace crossface_ray

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "crossface-ray-driver is started by crossface identify --ray\n");
    return 2;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  // Whatever a library prints must not come between messages.
  const int to = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  try {
    ray::RayConfig config;
    config.address = argv[1];
    config.code_search_path = {argv[2]};
    ray::Init(config);
    crossface::WriteMessage(to, 'C', 0, "");
    crossface_ray::Driver(to, {std::atof(argv[3]), std::atof(argv[4]), std::atof(argv[5])}).Run();
  } catch (const std::exception& error) {
    crossface::WriteMessage(to, 'F', 0, error.what());
    return 1;
  }
}
