#include "crossface/testing/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface::testing {
namespace {

[[noreturn]] void Execute(const std::vector<std::string>& arguments) {
  const char* program = CROSSFACE_PROGRAM;
  std::vector<char*> argv = {const_cast<char*>(program)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(program, argv.data());
  ::_exit(127);
}

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

void RedirectTo(const std::filesystem::path& path, int fd) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::dup2(file, fd);
}

pid_t Start(const std::vector<std::string>& arguments, const std::filesystem::path& out,
            const std::filesystem::path& err, const std::map<std::string, std::string>& environment) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  RedirectTo(out, STDOUT_FILENO);
  RedirectTo(err, STDERR_FILENO);
  Execute(arguments);
}

}  // namespace

ProgramRun RunProgram(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment) {
  ScratchFolder scratch;
  const pid_t child = Start(arguments, scratch.path() / "out", scratch.path() / "err", environment);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {ExitCode(status), *ReadFile(scratch.path() / "out"), *ReadFile(scratch.path() / "err")};
}

ProgramRun RunProgramAndStop(const std::vector<std::string>& arguments, const std::function<bool()>& ready) {
  ScratchFolder scratch;
  const pid_t child = Start(arguments, scratch.path() / "out", scratch.path() / "err", {});
  int status = 0;
  bool asked = false;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (!asked && ready()) {
      ::kill(child, SIGTERM);
      asked = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return {ExitCode(status), *ReadFile(scratch.path() / "out"), *ReadFile(scratch.path() / "err")};
}

bool RunProgramAndKill(const std::vector<std::string>& arguments, const std::function<bool()>& ready) {
  const pid_t child = Start(arguments, "/dev/null", "/dev/null", {});
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (ready()) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      return WIFSIGNALED(status);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::string RunProgramOnTerminal(const std::vector<std::pair<std::string, std::string>>& lines,
                                 int* exit_code) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) Execute({});
  std::string shown;
  size_t next = 0, seen = 0;
  char block[4096];
  while (true) {
    const ssize_t count = ::read(terminal, block, sizeof block);
    if (count <= 0) break;
    shown.append(block, static_cast<size_t>(count));
    if (next >= lines.size()) continue;
    const size_t found = shown.find(lines[next].first, seen);
    if (found == std::string::npos) continue;
    seen = found + lines[next].first.size();
    const std::string typed = lines[next++].second + "\n";
    if (::write(terminal, typed.data(), typed.size()) < 0) throw std::runtime_error("cannot type");
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(terminal);
  *exit_code = ExitCode(status);
  return shown;
}

std::map<std::string, std::string> ReadTree(const std::filesystem::path& folder, const std::string& ending) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (entry.is_regular_file() && name.ends_with(ending)) files[name] = *ReadFile(entry.path());
  }
  return files;
}

}  // namespace crossface::testing
