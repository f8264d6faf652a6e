#include "crossface/ray/glue/ray_tasks.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "crossface/ray/pipe_message.h"

extern char** environ;

// Ray tells its Python workers by CUDA_VISIBLE_DEVICES which cards a task was given; those in C++ have to
// ask, and its headers do not say how. As of Ray 2.60, which is the only one that is spoken to.
namespace ray::core {
class CoreWorker {
 public:
  // By resource: the numbers given to the task that runs, and how much of each.
  std::unordered_map<std::string, std::vector<std::pair<int64_t, double>>> GetResourceIDs() const;
};
class CoreWorkerProcess {
 public:
  static CoreWorker& GetCoreWorker();
};
}  // namespace ray::core

namespace crossface_ray {
namespace {

// CUDA_VISIBLE_DEVICES for the task that runs: of the cards that this node was started with, those that are
// the task's. Empty where it asked for none.
std::string CardsOfTask() {
  static const std::string of_node = [] {
    const char* cards = std::getenv("CUDA_VISIBLE_DEVICES");
    return std::string(cards == nullptr ? "" : cards);
  }();
  std::vector<std::string> names;
  std::istringstream list(of_node);
  for (std::string name; std::getline(list, name, ',');) names.push_back(name);
  const auto given = ray::core::CoreWorkerProcess::GetCoreWorker().GetResourceIDs();
  const auto cards = given.find("GPU");
  std::string visible;
  if (cards == given.end()) return visible;
  for (const auto& card : cards->second) {
    if (card.second <= 0) continue;
    const auto number = static_cast<size_t>(card.first);
    visible +=
        (visible.empty() ? "" : ",") + (number < names.size() ? names[number] : std::to_string(number));
  }
  return visible;
}

// The folder above the one that this library lies in: that of the program.
std::string ProgramFolder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&DoTask), &info) == 0 || info.dli_fname == nullptr) return "";
  const std::string file = info.dli_fname;
  const std::string folder = file.substr(0, file.rfind('/'));
  return folder.substr(0, folder.rfind('/'));
}

// A computer may be several nodes: each has a raylet, which starts its workers.
std::string NodeName() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return std::string(name) + " (raylet " + std::to_string(::getppid()) + ")";
}

// A `crossface worker`. It ends when its input does, so that it outlives this process by a moment at most.
class Program {
 public:
  ~Program() { End(); }

  // `cards`: that it is to see; empty: all of this computer, of which it is not to use any.
  std::string Ask(const std::string& request, const std::string& cards) {
    if (child_ != 0 && cards != cards_) End();
    cards_ = cards;
    if (child_ == 0) Start();
    crossface::PipeMessage answer;
    if (crossface::WriteMessage(to_, 'T', ++asked_, request) && crossface::ReadMessage(from_, &answer)) {
      if (answer.kind == 'R' && answer.id == asked_) return std::move(answer.bytes);
      End();
      throw std::runtime_error("crossface worker gave an answer that nobody knows");
    }
    const int status = End();
    if (!WIFSIGNALED(status))
      throw std::runtime_error("crossface worker ended with code " + std::to_string(WEXITSTATUS(status)));
    if (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM) throw std::runtime_error(kKilled);
    throw std::runtime_error("crossface worker was ended by signal " + std::to_string(WTERMSIG(status)));
  }

 private:
  void Start() {
    const std::string folder = ProgramFolder(), program = folder + "/crossface", models = folder + "/models";
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0) throw std::runtime_error("there are no pipes left");
    if (::pipe2(out, O_CLOEXEC) != 0) {
      ::close(in[0]), ::close(in[1]);
      throw std::runtime_error("there are no pipes left");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    if (!cards_.empty()) ::setenv("CUDA_VISIBLE_DEVICES", cards_.c_str(), 1);
    const std::string node = NodeName();
    const char* arguments[] = {program.c_str(), "worker", "--node", node.c_str(), nullptr, nullptr, nullptr};
    if (::access(models.c_str(), R_OK) == 0) {
      arguments[4] = "--models";
      arguments[5] = models.c_str();
    }
    const int error = ::posix_spawn(&child_, program.c_str(), &actions, nullptr,
                                    const_cast<char* const*>(arguments), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]), ::close(out[1]);
    to_ = in[1], from_ = out[0];
    if (error == 0) return;
    child_ = 0;
    End();
    throw std::runtime_error(kCannotRun + program + ": " + std::strerror(error));
  }

  int End() {
    if (to_ >= 0) ::close(to_);
    if (from_ >= 0) ::close(from_);
    to_ = from_ = -1;
    int status = 0;
    if (child_ != 0) {
      while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
      }
    }
    child_ = 0;
    return status;
  }

  std::string cards_;
  pid_t child_ = 0;
  int to_ = -1, from_ = -1;
  uint64_t asked_ = 0;
};

}  // namespace

std::string DoTask(const std::string& request) {
  static std::mutex one_at_a_time;
  static Program program;
  const std::lock_guard<std::mutex> lock(one_at_a_time);
  ::signal(SIGPIPE, SIG_IGN);
  return program.Ask(request, CardsOfTask());
}

RAY_REMOTE(DoTask);

}  // namespace crossface_ray
