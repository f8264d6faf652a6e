// calibrate: what the scores of an embedding model mean, fitted on photos of known people.
#pragma once

#include <CLI/CLI.hpp>

#include "crossface/cli/commands.h"

namespace crossface {

// Declares the verb, which sets `chosen` when it is called.
void DeclareCalibrate(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);

}  // namespace crossface
