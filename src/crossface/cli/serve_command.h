// serve: the web page of cases, and its API.
#pragma once

#include <CLI/CLI.hpp>

#include "crossface/cli/commands.h"

namespace crossface {

// Declares the verb, which sets `chosen` when it is called.
void DeclareServe(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);

}  // namespace crossface
