// worker: does what a cluster hands it.
#pragma once

#include <CLI/CLI.hpp>

#include "crossface/cli/commands.h"

namespace crossface {

// Declares the verb, which sets `chosen` when it is called.
void DeclareWorker(CLI::App& app, std::function<ExitCode(Terminal&)>* chosen);

// --ray and what goes with it; then, where the verb has that, what scanning and comparing tracks ask beside.
void AddRayOptions(CLI::App* verb, RayRequest* request);
void AddRayScanOptions(CLI::App* verb, RayRequest* request);
void AddRayCompareOptions(CLI::App* verb, RayRequest* request);

}  // namespace crossface
