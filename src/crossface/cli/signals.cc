#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <stop_token>
#include <thread>

#include "crossface/cli/commands.h"
#include "crossface/tui/terminal_state.h"

namespace crossface {
namespace {

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

int stop_event = -1;
std::stop_source stop;

void OnSignal(int) {
  if (stop_asked.exchange(true)) {
    RestoreTerminal();
    ::_exit(kExitInterrupted);
  }
  const int before = errno;
  const uint64_t one = 1;
  if (::write(stop_event, &one, sizeof one) < 0) {  // nobody reads it: the flag alone stops
  }
  errno = before;
}

// A stop source takes a lock, which a signal handler must not: a thread does it.
void WaitForSignal() {
  uint64_t signals = 0;
  while (::read(stop_event, &signals, sizeof signals) < 0 && errno == EINTR) {
  }
  stop.request_stop();
}

}  // namespace

std::stop_token StopToken() { return stop.get_token(); }

void InstallSignalHandlers() {
  stop_event = ::eventfd(0, EFD_CLOEXEC);
  if (stop_event >= 0) std::thread(WaitForSignal).detach();
  struct sigaction action {};
  action.sa_handler = OnSignal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // A reader of our output that goes away, or a file-size limit, must show as a write error that can be told.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace crossface
