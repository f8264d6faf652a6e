// Scripts that complete crossface's command line in a shell, and its man page: made from the tables of verbs
// and options that parse it, so that none of them can say anything else. Pure functions.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace crossface {

std::string BashCompletion(const CLI::App& app);
std::string ZshCompletion(const CLI::App& app);
std::string FishCompletion(const CLI::App& app);

// In roff, for man(1). `version` as "0.2.0".
std::string ManPage(const CLI::App& app, const std::string& version);

}  // namespace crossface
