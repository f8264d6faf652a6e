// users: who may use the page from other computers.
#pragma once

#include <CLI/CLI.hpp>

#include "crossface/cli/commands.h"

namespace crossface {

// Declares the verbs, which set `chosen` when they are called.
void DeclareUsers(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);

}  // namespace crossface
