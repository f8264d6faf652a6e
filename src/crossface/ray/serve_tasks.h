// Does scan tasks that come over a pipe, one after the other: what `crossface worker` is.
#pragma once

#include <functional>
#include <stop_token>

#include "crossface/scan/scan_task.h"

namespace crossface {

// Messages as in ray/pipe_message.h. Returns when `in` ends; a task that is under way is stopped then.
// `ended` is called at that moment, on another thread. Errors: kIo for what is no message, or when nobody
// reads `out`.
Status ServeScanTasks(int in, int out, ScanTaskRunner& runner, const std::function<void()>& ended = {});

}  // namespace crossface
