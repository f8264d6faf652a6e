// Does tasks that come over a pipe, one after the other: what `crossface worker` is.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "crossface/scan/scan_task.h"

namespace crossface {

// Messages as in ray/pipe_message.h: parts of a search for neighbours (ray/product_task.h), and scan tasks,
// which `runner` does. `machine`: what this one is called. Returns when `in` ends; a task that is under way
// is stopped then. `ended` is called at that moment, on another thread. Errors: kIo for what is no message,
// or when nobody reads `out`.
Status ServeTasks(int in, int out, ScanTaskRunner& runner, const std::string& machine,
                  const std::function<void()>& ended = {});

}  // namespace crossface
