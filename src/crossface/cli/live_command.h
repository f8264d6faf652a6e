// crossface live: who is on these streams now?
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "crossface/cli/commands.h"

namespace crossface {

void DeclareLive(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);

}  // namespace crossface
