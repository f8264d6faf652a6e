#include <unistd.h>

#include <atomic>
#include <csignal>

#include "crossface/cli/commands.h"

namespace crossface {
namespace {

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

void OnSignal(int) {
  if (stop_asked.exchange(true)) ::_exit(kExitInterrupted);
}

}  // namespace

bool KeepGoing() { return !stop_asked; }

void InstallSignalHandlers() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // A reader of our output that goes away, or a file-size limit, must show as a write error that can be told.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace crossface
