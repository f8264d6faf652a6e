// What the dashboard shows of a live watch. Pure functions, thread-safe.
#pragma once

#include <ftxui/dom/elements.hpp>

#include "crossface/tui/dashboard_observer.h"
#include "crossface/tui/style.h"

namespace crossface {

// How much there is of everything, on one line.
ftxui::Element DrawLiveTotals(const LiveFacts& live, int columns);
// A line per stream, two where there is room; whatever the number of streams `rows` at most, one at least.
ftxui::Elements DrawStreams(const LiveFacts& live, const Style& style, int columns, int rows);
// Who is on a screen now, and below who was; `rows` at most.
ftxui::Elements DrawPresent(const LiveFacts& live, const Style& style, int columns, int rows);

}  // namespace crossface
