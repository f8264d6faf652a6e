#include "crossface/tui/dashboard.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <thread>
#include <utility>

#include "crossface/tui/dashboard_observer.h"
#include "crossface/tui/dashboard_view.h"
#include "crossface/tui/screen.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A case that has nothing to do does not turn the whole screen over.
constexpr auto kTooShortToShow = 400ms;

// Draws until the work is done.
class Dashboard {
 public:
  Dashboard(const DashboardOptions& options, const DashboardObserver& observer, ScanControl& control,
            std::stop_source& stop)
      : options_(options), observer_(observer), control_(control), stop_(stop), screen_(options.colour) {
    state_.title = "crossface " + options.work + "  " + DisplayPath(options.case_folder);
    state_.colour = options.colour;
  }

  void Run(const std::future<void>& done, Clock::time_point begun) {
    while (done.wait_for(0ms) != std::future_status::ready) {
      facts_ = observer_.facts();
      state_.elapsed_s = std::chrono::duration<double>(Clock::now() - begun).count();
      state_.columns = screen_.columns();
      state_.rows = screen_.rows();
      state_.can_pause = (options_.scans || IsScanning(facts_)) && !facts_.scanned;
      state_.paused = control_.paused() && state_.can_pause;
      state_.stopping = stop_.stop_requested();
      screen_.Show(DrawDashboard(facts_, state_, screen_.pictures()), state_.help);
      for (const Key& key : screen_.Keys(kBetweenDrawings)) Press(key);
    }
  }

 private:
  void Press(const Key& key) {
    if (std::exchange(state_.help, false)) return;
    if (std::exchange(state_.asks_whom_to_skip, false)) return Skip(key);
    if (key.Is('q') || key.kind == Key::kHangUp) {
      stop_.request_stop();
    } else if (key.Is('p') && state_.can_pause) {
      control_.Pause(!control_.paused());
    } else if (key.Is('s') && IsScanning(facts_)) {
      state_.asks_whom_to_skip = true;
    } else if ((key.Is('+') || key.Is('-')) && IsScanning(facts_)) {
      SetThreads(facts_.scan->threads + (key.Is('+') ? 1 : -1));
    } else if (key.Is('d')) {
      state_.details = !state_.details;
    } else if (key.Is('w')) {
      state_.all_warnings = !state_.all_warnings;
    } else if (key.Is('?') || key.Is('h')) {
      state_.help = true;
    }
    if (key.kind == Key::kHangUp) std::this_thread::sleep_for(kBetweenDrawings);
  }

  // No more than there are processors, or were asked for.
  void SetThreads(int threads) {
    most_threads_ = std::max(
        {most_threads_, facts_.scan->threads, static_cast<int>(std::thread::hardware_concurrency())});
    control_.SetThreads(std::clamp(threads, 1, most_threads_));
  }

  void Skip(const Key& key) {
    const auto& active = facts_.scan->active;
    const size_t number = key.kind == Key::kCharacter ? key.character - U'0' : 0;
    if (number >= 1 && number <= active.size()) control_.Skip(active[number - 1].name);
  }

  const DashboardOptions& options_;
  const DashboardObserver& observer_;
  ScanControl& control_;
  std::stop_source& stop_;
  TerminalScreen screen_;
  DashboardState state_;
  DashboardFacts facts_;
  int most_threads_ = 1;
};

// Gives back what became of `work` once its facts can be told as text.
std::future<void> Show(const DashboardOptions& options, const std::stop_token& stop,
                       DashboardObserver& observer, const std::function<void(const Watch&)>& work) {
  const Clock::time_point begun = Clock::now();
  std::stop_source own;
  const std::stop_callback chained(stop, [&own] { own.request_stop(); });
  ScanControl control;
  const Watch watch{.observer = &observer, .stop = own.get_token(), .tracks = true, .control = &control};
  std::future<void> done = std::async(std::launch::async, [&] { work(watch); });
  if (done.wait_for(kTooShortToShow) != std::future_status::ready)
    Dashboard(options, observer, control, own).Run(done, begun);
  done.wait();
  return done;
}

}  // namespace

void ShowOnDashboard(const DashboardOptions& options, const std::stop_token& stop, Observer& told,
                     const std::function<void(const Watch&)>& work) {
  DashboardObserver observer;
  std::future<void> done = Show(options, stop, observer, work);
  observer.Retell(told);
  done.get();
}

void ShowLiveOnDashboard(const DashboardOptions& options, const std::stop_token& stop, LiveObserver& told,
                         LiveObserver* at_once, const LiveWork& work) {
  DashboardObserver observer(at_once);
  std::future<void> done = Show(options, stop, observer, [&](const Watch& watch) { work(watch, observer); });
  observer.RetellLive(told);
  observer.Retell(told);
  done.get();
}

}  // namespace crossface
