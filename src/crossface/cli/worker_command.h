// worker: scans what a cluster hands it.
#pragma once

#include <CLI/CLI.hpp>

#include "crossface/cli/commands.h"

namespace crossface {

// Declares the verb, which sets `chosen` when it is called.
void DeclareWorker(CLI::App& app, std::function<ExitCode(Terminal&)>* chosen);

// --ray and what goes with it.
void AddRayOptions(CLI::App* verb, RayRequest* request);

}  // namespace crossface
