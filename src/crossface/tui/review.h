// Who is who in a case, looked at and corrected by keys on a whole terminal. Not thread-safe.
#pragma once

#include <filesystem>
#include <stop_token>

#include "crossface/util/status.h"

namespace crossface {

// Until the user leaves, or `stop`. Corrections are kept as soon as they are made, and the case folder is up
// to date when this returns. Errors: those of opening the case. REQUIRES: CanDrawOnTerminal().
Status ReviewPeople(const std::filesystem::path& case_folder, bool colour, const std::stop_token& stop);

}  // namespace crossface
