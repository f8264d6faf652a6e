// A worker of a scan that another machine asked for: what the nodes of a cluster run.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "crossface/util/public_api.h"
#include "crossface/util/status.h"

namespace crossface {

// Does the tasks that come over the pipe `in` until that ends, scans and parts of a search for neighbours,
// and answers over `out` (ray/pipe_message.h). `models`: this machine's folder of them; empty: where each
// task says. `node`: what this machine is called. `ended` is called when the pipe ends, on another thread.
// Errors: kIo.
CROSSFACE_API Status ServeAsScanWorker(int in, int out, const std::filesystem::path& models,
                                       const std::string& node, const std::function<void()>& ended);

}  // namespace crossface
