// redact: a copy of a source with faces hidden.
#pragma once

#include <CLI/CLI.hpp>

#include "crossface/cli/commands.h"

namespace crossface {

// Declares the verb, which sets `chosen` when it is called.
void DeclareRedact(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);

}  // namespace crossface
