// The Python programs that come with crossface, and where they keep what is worth keeping. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "crossface/util/status.h"

namespace crossface {

// In an installed crossface beside the program, else in the source tree that it was built from. Errors:
// kNotFound.
Result<std::filesystem::path> HelperScript(const std::string& name);

// What can be made or fetched again: $XDG_CACHE_HOME/crossface, else ~/.cache/crossface.
std::filesystem::path CacheFolder();

}  // namespace crossface
