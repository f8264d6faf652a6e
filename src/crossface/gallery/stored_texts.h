// Every text that a gallery's database holds, whatever it is for: to look for names that should be gone.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "crossface/util/status.h"

namespace crossface {

// Calls `take` with each text and the table and column that it is in; false ends it. Reads by a connection of
// its own. Errors: the gallery's.
Status ForEachStoredText(const std::filesystem::path& database,
                         const std::function<bool(const std::string& column, std::string_view text)>& take);

}  // namespace crossface
