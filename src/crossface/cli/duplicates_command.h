// duplicates: which sources of a case are copies of each other.
#pragma once

#include <CLI/CLI.hpp>

#include "crossface/cli/commands.h"

namespace crossface {

// Declares the verb, which sets `chosen` when it is called.
void DeclareDuplicates(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);

}  // namespace crossface
