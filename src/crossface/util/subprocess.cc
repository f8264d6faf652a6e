#include "crossface/util/subprocess.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

extern char** environ;

namespace crossface {
namespace {

constexpr size_t kMostText = 64 << 10;

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// Starts the program with its output on a pipe; returns the pipe's reading end.
Result<int> Start(const std::vector<std::string>& arguments, pid_t* child) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int error = ::posix_spawnp(child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error == 0) return ends[0];
  ::close(ends[0]);
  return ErrnoStatus(error, "cannot run " + arguments.front());
}

}  // namespace

Result<SubprocessOutput> RunSubprocess(const std::vector<std::string>& arguments, const std::stop_token& stop,
                                       const std::function<void()>& waiting) {
  if (arguments.empty()) throw std::logic_error("no program to run");
  pid_t child = 0;
  CROSSFACE_ASSIGN_OR_RETURN(const int output, Start(arguments, &child));
  SubprocessOutput result;
  bool interrupted = false;
  char block[4096];
  while (true) {
    if (waiting) waiting();
    if (!interrupted && stop.stop_requested()) {
      interrupted = true;
      ::kill(child, SIGTERM);
    }
    pollfd ready{output, POLLIN, 0};
    if (::poll(&ready, 1, 100) <= 0) continue;
    const ssize_t count = ::read(output, block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    result.text.append(block, static_cast<size_t>(count));
    if (result.text.size() > kMostText) result.text.erase(0, result.text.size() - kMostText);
  }
  ::close(output);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (interrupted) return Status(StatusCode::kInterrupted, arguments.front() + " was stopped");
  result.exit_code = ExitCode(status);
  return result;
}

std::string LastLine(const SubprocessOutput& output) {
  const size_t last = output.text.find_last_not_of('\n');
  const std::string text = last == std::string::npos ? "" : output.text.substr(0, last + 1);
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace crossface
