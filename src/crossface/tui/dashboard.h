// Long work on a case, watched on a terminal: bars, counts, the newest faces, warnings, and keys. Not
// thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "crossface/app/live.h"
#include "crossface/app/watch.h"

namespace crossface {

struct DashboardOptions {
  std::string work;  // "identify"
  std::filesystem::path case_folder;
  bool scans = false;  // the work has a scan, which can be paused from the beginning on
  bool colour = true;
};

// Does `work` on a thread of its own and shows it until it ends; what it throws is thrown here. `stop`, and
// the user by a key, stop it by the Watch that it is given. Once the screen is gone `told` is told what can
// be told as text, all but progress. What is over in a moment is not drawn. REQUIRES: CanDrawOnTerminal().
void ShowOnDashboard(const DashboardOptions& options, const std::stop_token& stop, Observer& told,
                     const std::function<void(const Watch&)>& work);

// The same for a live watch. `at_once`, if there is one, is told of its events as they come, on the thread
// that works, and may write nothing to the terminal; else the last of them are told to `told` at the end.
using LiveWork = std::function<void(const Watch&, LiveObserver&)>;
void ShowLiveOnDashboard(const DashboardOptions& options, const std::stop_token& stop, LiveObserver& told,
                         LiveObserver* at_once, const LiveWork& work);

}  // namespace crossface
