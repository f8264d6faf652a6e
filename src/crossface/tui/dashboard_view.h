// The dashboard as a drawing. Thread-safe but for the pictures.
#pragma once

#include <ftxui/dom/elements.hpp>
#include <string>

#include "crossface/tui/dashboard_observer.h"
#include "crossface/tui/picture.h"

namespace crossface {

// What is drawn beside the facts.
struct DashboardState {
  std::string title;
  double elapsed_s = 0;
  int columns = 80, rows = 24;
  bool colour = true;
  bool can_pause = false, paused = false, stopping = false, help = false, all_warnings = false,
       details = false, asks_whom_to_skip = false;
};

ftxui::Element DrawDashboard(const DashboardFacts& facts, const DashboardState& state, PictureBook& pictures);

// Whether a live watch is under way.
inline bool IsWatching(const DashboardFacts& facts) { return facts.live && !facts.scan && !facts.work; }
// Whether there is a scan under way, which can be paused.
inline bool IsScanning(const DashboardFacts& facts) { return facts.scan && !facts.scanned; }

}  // namespace crossface
