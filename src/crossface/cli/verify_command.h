// verify, locate, forget and reembed: is a case still what it was; where footage is now; removing somebody
// from it; other embedding models.
#pragma once

#include <CLI/CLI.hpp>

#include "crossface/cli/commands.h"

namespace crossface {

// Each declares its verb, which sets `chosen` when it is called.
void DeclareVerify(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);
void DeclareLocate(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);
void DeclareForget(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);
void DeclareReembed(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen);

}  // namespace crossface
